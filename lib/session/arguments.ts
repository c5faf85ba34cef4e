/**
 * What callers give whom no compiler has seen: refused before anything else is done, with words that say which argument, what it is and
 * what it may be. Of the wrong type it is a TypeError, beyond what can be a RangeError.
 * @module
 */

/** How an argument is shown. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : String(value);
}

function wrong(action: string, name: string, value: unknown, wanted: string): string {
  return `${action}: ${name} is ${shown(value)}; it must be ${wanted}`;
}

/** Refuses what is no integer of a range. */
export function requireInteger(action: string, name: string, value: unknown, least: number, most: number): void {
  const text = (): string => wrong(action, name, value, `an integer from ${least} to ${most}`);
  if (typeof value !== "number") throw new TypeError(text());
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(text());
}

/** Refuses what is no bigint of a range. */
export function requireBigint(action: string, name: string, value: unknown, least: bigint, most: bigint): void {
  const text = (): string => wrong(action, name, value, `a bigint from ${least}n to ${most}n`);
  if (typeof value !== "bigint") throw new TypeError(text());
  if (value < least || value > most) throw new RangeError(text());
}

/** The last address. */
const LAST = (1n << 64n) - 1n;

/** Refuses what is no address, and a length that leads beyond the last one. */
export function requireAddress(action: string, address: unknown, length: unknown = 0): void {
  requireBigint(action, "address", address, 0n, LAST);
  requireInteger(action, "length", length, 0, 2 ** 32 - 1);
  if ((address as bigint) + BigInt(length as number) > LAST + 1n) {
    throw new RangeError(
      `${action}: length is ${length}; from 0x${(address as bigint).toString(16)} on there are fewer bytes`,
    );
  }
}

/** Windows' ids of processes and threads are 32 bits wide. */
export function requireId(action: string, name: string, value: unknown): void {
  requireInteger(action, name, value, 0, 2 ** 32 - 1);
}

/** Refuses what is no text, or one with a zero, at which Windows would take it to end. */
export function requireText(action: string, name: string, value: unknown, isEmptyAllowed = true): void {
  const wanted = isEmptyAllowed ? "a text without a zero character" : "a text, not empty, without a zero character";
  if (typeof value !== "string" || value.includes("\0") || (!isEmptyAllowed && value.trim() === "")) {
    throw new TypeError(wrong(action, name, value, wanted));
  }
}

/** The same for an option that may be left out. */
export function requireTextIfAny(action: string, name: string, value: unknown): void {
  if (value !== undefined) requireText(action, name, value, false);
}

/** Refuses what is none of some values. */
export function requireOneOf(action: string, name: string, value: unknown, values: readonly unknown[]): void {
  if (!values.includes(value)) throw new TypeError(wrong(action, name, value, values.map(shown).join(", ")));
}

/** Refuses what is no function. */
export function requireFunction(action: string, name: string, value: unknown): void {
  if (typeof value !== "function") throw new TypeError(wrong(action, name, value, "a function"));
}

/** Refuses options that are no object, and a signal among them that is none. */
export function requireOptions(action: string, options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(wrong(action, "options", options, "an object"));
  }
  const { signal } = options as { readonly signal?: unknown };
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(wrong(action, "signal", signal, "an AbortSignal"));
  }
}
