/** Medians, ratios and a plain table of what was measured. */

/** How a figure is read: of a rate more is better, of all others less. */
export type Unit = "/s" | "MB/s" | "MB" | "ms" | "µs" | "ns" | "requests";

/** One measured thing; the values are those of the counted rounds, in the section's unit. */
export interface Line {
  readonly label: string;
  readonly values: readonly number[];
  /** The same of another commit's library, where there is one in the comparison. */
  readonly other?: readonly number[];
  /** Why that has none. */
  readonly reason?: string;
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
  /** Of the other commit's. */
  readonly otherMedian?: number;
  /** How many times as long as the other commit's it takes. */
  readonly otherRatio?: number;
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
  const timesAsLong = (own: number, other: number): number => unit.endsWith("/s") ? other / own : own / other;
  const first = median(lines[0]?.values ?? [NaN]);
  return lines.map(({ values, other }) => {
    const own = median(values);
    const range = { lowest: Math.min(...values), highest: Math.max(...values) };
    const otherMedian = other && median(other);
    return {
      ...{ median: own, ...range, ratio: timesAsLong(own, first) },
      ...(otherMedian === undefined ? {} : { otherMedian, otherRatio: timesAsLong(own, otherMedian) }),
    };
  });
}

/** Three digits at least, and a comma for every thousand. */
export function formatNumber(value: number): string {
  return Math.abs(value) < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en-US");
}

/** The sections as text, all columns under one another. `other`: the commit that this tree is compared with. */
export function formatTable(sections: readonly Section[], other?: string): string {
  const head = ["", "median", "lowest", "highest", "ratio", ...(other === undefined ? [] : [other, "times it"])];
  const rows = sections.map((section) => [section.title, ...sectionRows(section)] as const);
  const cells = [head, ...rows.flatMap(([, ...lines]) => lines)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]): string => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column >= head.length ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${padded.join("  ")}`.trimEnd();
  };
  return rows.map(([title, ...lines]) => [title, ...[head, ...lines].map(format)].join("\n")).join("\n\n");
}

function sectionRows(section: Section): string[][] {
  const summaries = summarize(section);
  const withUnit = (value: number): string =>
    `${section.unit === "requests" ? value : formatNumber(value)} ${section.unit}`;
  return section.lines.map(({ label, reason }, index) => {
    const { median, lowest, highest, ratio, otherMedian, otherRatio } = summaries[index] as Summary;
    const own = [label, ...[median, lowest, highest].map(withUnit), ratio.toFixed(2)];
    if (reason !== undefined) return [...own, "–", "–", reason];
    return otherMedian === undefined ? own : [...own, withUnit(otherMedian), otherRatio?.toFixed(2) ?? ""];
  });
}
