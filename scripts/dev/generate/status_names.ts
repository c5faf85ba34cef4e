/**
 * Gives the listed status codes their values and joins them into one map.
 *
 * @module
 */

import { type Compile, objectValues } from "./object_values.ts";

/** A code as dbgeng returns it, without a sign, and its symbol. */
export interface StatusName {
  readonly code: number;
  readonly symbol: string;
}

/** How the code of a kind's symbol appears in an HRESULT. */
const FORMS: Readonly<Record<string, readonly ((name: string) => string)[]>> = {
  hresult: [plain],
  win32: [(name) => `0x80070000u | ((unsigned)(${name}) & 0xffff)`],
  ntstatus: [(name) => `(unsigned)(${name}) | 0x10000000u`, plain],
};

function plain(name: string): string {
  return `(unsigned)(${name})`;
}

/** Reads the list and evaluates it against the Windows headers. */
export async function readStatusNames(
  list: string,
  compile: Compile,
): Promise<StatusName[]> {
  const rows = parseList(list);
  const { values } = await objectValues(compile, rows.map((each) => each.expression));
  const names = new Map<number, string>();
  for (const [index, { symbol }] of rows.entries()) {
    const code = Number(values[index]);
    if (!names.has(code)) names.set(code, symbol);
  }
  return [...names].map(([code, symbol]) => ({ code, symbol }));
}

/** The symbols in order, each with the C expression of its code. */
function parseList(list: string): { symbol: string; expression: string }[] {
  const rows: { symbol: string; expression: string }[] = [];
  const seen = new Set<string>();
  let forms: readonly ((name: string) => string)[] | undefined;
  for (const word of list.replaceAll(/^#.*$/gm, "").split(/\s+/)) {
    const heading = /^\[(\w+)\]$/.exec(word);
    if (heading !== null) forms = FORMS[heading[1] ?? ""];
    else if (word !== "") {
      if (forms === undefined || seen.has(word)) {
        throw new Error(`Cannot place the status name ${word}`);
      }
      seen.add(word);
      for (const form of forms) {
        rows.push({ symbol: word, expression: form(word) });
      }
    }
  }
  return rows;
}
