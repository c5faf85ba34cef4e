/** Medians, ratios and a plain table of what was measured. */

/** How a figure is read: of a rate more is better, of a time less. */
export type Unit = "/s" | "MB/s" | "ms" | "µs" | "ns";

/** One measured thing; the values are those of the counted rounds, in the section's unit. */
export interface Line {
  readonly label: string;
  readonly values: readonly number[];
}

/** Lines that are compared with the first of them. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly Line[];
}

/** What is made of the values of one line. */
export interface Summary {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** How many times as long as the section's first line it takes. */
  readonly ratio: number;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take the median: there are no values");
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted.length >> 1;
  const lower = sorted.length % 2 === 1 ? upper : upper - 1;
  return ((sorted[lower] ?? NaN) + (sorted[upper] ?? NaN)) / 2;
}

/** Summarizes every line of a section. */
export function summarize({ unit, lines }: Section): Summary[] {
  const medians = lines.map(({ values }) => median(values));
  const first = medians[0] ?? NaN;
  return lines.map(({ values }, index) => {
    const own = medians[index] ?? NaN;
    const ratio = unit.endsWith("/s") ? first / own : own / first;
    return { median: own, lowest: Math.min(...values), highest: Math.max(...values), ratio };
  });
}

/** Three digits at least, and a comma for every thousand. */
export function formatNumber(value: number): string {
  return Math.abs(value) < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en-US");
}

/** The sections as text, all columns under one another. */
export function formatTable(sections: readonly Section[]): string {
  const rows = sections.map((section) => [section.title, ...sectionRows(section)] as const);
  const cells = rows.flatMap(([, ...lines]) => lines);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...HEAD.concat(cells).map((row) => row[column]?.length ?? 0))
  );
  const format = (row: readonly string[]): string =>
    "  " +
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)).join(
      "  ",
    );
  return rows.map(([title, ...lines]) => [title, ...HEAD.concat(lines).map(format)].join("\n")).join("\n\n");
}

const HEAD: readonly (readonly string[])[] = [["", "median", "lowest", "highest", "ratio"]];

function sectionRows(section: Section): string[][] {
  const summaries = summarize(section);
  return section.lines.map(({ label }, index) => {
    const { median, lowest, highest, ratio } = summaries[index] as Summary;
    const [middle, low, high] = [median, lowest, highest].map((value) => `${formatNumber(value)} ${section.unit}`);
    return [label, middle ?? "", low ?? "", high ?? "", ratio.toFixed(2)];
  });
}
