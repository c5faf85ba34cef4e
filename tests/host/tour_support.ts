/**
 * The README's tour of `latch`: its commands with what they print, and when an output counts as the one that is printed there.
 * @module
 */

/** A command as it is typed, and the lines below it. */
export interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The section of the README that has a heading. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`The README has no section "${heading}"`);
  const end = text.indexOf("\n## ", start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** What stands in fenced blocks of a language. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , body]) =>
    body ?? ""
  );
}

/** The steps of a `console` block: a line that begins with `$` is typed, the others are printed. */
export function steps(block: string): Step[] {
  return block.split(/^\$ /m).slice(1).map((part) => {
    const [command = "", ...output] = part.trimEnd().split("\n");
    return { command, output };
  });
}

/**
 * What differs from run to run and from machine to machine, and what stands for it: ids, addresses, sizes, times, versions, folders;
 * and how much room the columns have.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b(process|thread) \d+/g, "$1 ID"],
  [/ \(\d+\) /g, " (ID) "],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME"],
  [/\b(\d+m )?\d+(\.\d+)?s\b/g, "DURATION"],
  [/\b\d+ s after\b/g, "DURATION after"],
  [/\((UTC|[A-Z]\w+(\/\w+)+)\)/g, "(ZONE)"],
  [/"(pid|processId|threadId)":\d+/g, '"$1":ID'],
  [/"(time|id)":"[^"]*"/g, '"$1":"…"'],
  [/^ *\d+ {2}(?=\S+\.exe)/gm, "ID "],
  [/\b0x[\da-f]{6,}\b|\b[\da-f]{16}\b/g, "ADDRESS"],
  [/\+0x[\da-f]+/g, "+OFFSET"],
  [/\b\d+ KB/g, "SIZE"],
  [/\btick \d+/g, "tick COUNT"],
  [/\b\d+ threads/g, "COUNT threads"],
  [/\b\d+(\.\d+)+\b/g, "VERSION"],
  [/\b[A-Z]:(\\[^\\\s()]+)*\\/g, "FOLDER\\"],
  [/(^|[\s:])~?(\/[^/\s()]+)*\/(?=[^/\s])/gm, "$1FOLDER/"],
  [/windows-deno-\d+/g, "windows-deno"],
  [/prefix FOLDER\/prefix-\d+/g, "prefix FOLDER/prefix"],
  [/ +/g, " "],
];

/** A line with all that may differ replaced. */
export function normal(line: string): string {
  return RULES.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), line).trim();
}

/** Whether an output is the one that is printed: after the rules above, and with a line `…` for any number of lines. */
export function isSame(printed: readonly string[], output: readonly string[]): boolean {
  const [first, ...rest] = printed;
  if (first === undefined) return output.length === 0;
  if (first.trim() === "…") return output.some((_, index) => isSame(rest, output.slice(index))) || rest.length === 0;
  const [line, ...more] = output;
  return line !== undefined && normal(first) === normal(line) && isSame(rest, more);
}
