import { exceptionName, KNOWN_NAMES } from "./exception_names.ts";

/** How many first chances are dumped where no limit is given. */
export const DUMP_LIMIT = 5;

/** Whether an exception is one of those that were chosen. */
export type ExceptionChoice = (code: number) => boolean;

/**
 * Exceptions by code (`0xC0000005`) or name, as events tell it: whole or without `STATUS_`, `EXCEPTION_` or `DBG_`, in any case.
 * @throws {TypeError} for what is neither.
 */
export function chooseExceptions(words: readonly (string | number)[]): ExceptionChoice {
  const codes = new Set<number>();
  const names = new Set<string>();
  for (const word of words) {
    const code = typeof word === "number" ? word : /^-?\d+$|^0x[0-9a-f]{1,8}$/i.test(word.trim()) ? Number(word) : NaN;
    if (Number.isInteger(code) && code >= -(2 ** 31) && code < 2 ** 32) codes.add(code >>> 0);
    else names.add(known(String(word)));
  }
  return (code) => codes.has(code >>> 0) || names.has(plain(exceptionName(code >>> 0)));
}

function known(word: string): string {
  const name = plain(word);
  if ([...KNOWN_NAMES].some((one) => plain(one) === name)) return name;
  throw new TypeError(`"${word}" is no exception; give its code, as 0xC0000005, or its name, as ACCESS_VIOLATION`);
}

function plain(name: string): string {
  return name.trim().toUpperCase().replace(/^(?:STATUS|EXCEPTION|DBG)_/, "");
}
