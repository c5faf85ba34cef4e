/**
 * Text for people: tables, numbers, and what comes from elsewhere made safe for a terminal.
 * @module
 */

/** Control characters, C1 and those that turn the direction of writing: a terminal would obey them. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line of text that a terminal shows and does not obey: control characters are written as escapes. */
export function clean(text: string): string {
  return text.replaceAll(CONTROL, (sign) => {
    const code = sign.charCodeAt(0);
    if (sign === "\t") return " ";
    if (sign === "\n") return "\\n";
    if (sign === "\r") return "\\r";
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** An address in 16 digits. */
export function address(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

/** A size in KB. */
export function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`;
}

/** The last part of a path of Windows or of another system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** A column of a {@linkcode table}. */
export interface Column {
  /** What stands above it. */
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: "right";
}

/** A table as lines, title first; the last column is cut where the terminal ends. Cells are cleaned. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = Infinity): string[] {
  const all = [columns.map(({ title }) => title), ...rows.map((row) => row.map(clean))];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  return all.map((row) => {
    const cells = row.map((cell, index) => {
      const room = widths[index] ?? 0;
      return columns[index]?.align === "right" ? cell.padStart(room) : cell.padEnd(room);
    });
    const line = cells.join("  ").trimEnd();
    return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line;
  });
}
