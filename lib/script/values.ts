/**
 * What a confined script sends, before it is used: anything may come. All of these throw a TypeError that says what is wrong.
 * @module
 */
import { quoted } from "./visible.ts";

/** What was sent, by the name that it has in messages. */
export type Checked<T> = (value: unknown, name: string) => T;

/** Refuses a request. */
export function refuse(name: string, reason: string): never {
  throw new TypeError(`Cannot take the request: ${name} is ${reason}`);
}

/** A text of at most so many characters, without a zero and, unless told otherwise, on one line. */
export function text(most: number, lines: "line" | "lines" = "line"): Checked<string> {
  // deno-lint-ignore no-control-regex
  const controls = lines === "line" ? /[\u0000-\u001f\u007f]/ : /\u0000/;
  return (value, name) => {
    if (typeof value !== "string") refuse(name, "no text");
    if (value.length > most) refuse(name, `longer than ${most} characters`);
    if (controls.test(value)) refuse(name, "a text with control characters");
    if (!value.isWellFormed()) refuse(name, "a text with half a character");
    return value;
  };
}

/** A text that nothing is wrong with. */
export function without(
  fault: (text: string) => string | undefined,
  lines: "line" | "lines" = "line",
): Checked<string> {
  const plain = text(Infinity, lines);
  return (value, name) => {
    const found = fault(plain(value, name));
    if (found !== undefined) refuse(name, found);
    return value as string;
  };
}

/** An integer within a range. */
export function integer(least: number, most: number): Checked<number> {
  return (value, name) => {
    if (typeof value !== "number" || !Number.isInteger(value)) refuse(name, "no integer");
    if (value < least || value > most) refuse(name, `not within ${least} and ${most}`);
    return value;
  };
}

/** An unsigned integer of 64 bits. */
export const word: Checked<bigint> = (value, name) => {
  if (typeof value !== "bigint") refuse(name, "no bigint");
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) refuse(name, "not within 64 bits");
  return value;
};

/** A truth value. */
export const truth: Checked<boolean> = (value, name) => {
  if (typeof value !== "boolean") refuse(name, "no boolean");
  return value;
};

/** One of some texts. */
export function oneOf<T extends string>(...choices: readonly T[]): Checked<T> {
  return (value, name) => {
    if (!choices.includes(value as T)) refuse(name, `none of ${choices.join(", ")}`);
    return value as T;
  };
}

/** A list of at most so many. */
export function list<T>(item: Checked<T>, most: number): Checked<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) refuse(name, "no list");
    if (value.length > most) refuse(name, `a list of more than ${most}`);
    return Array.from(value, (one: unknown, index) => item(one, `${name}[${index}]`));
  };
}

/** Bytes, at most so many; a copy, so that nobody changes them after the check. */
export function bytes(most: number): Checked<Uint8Array<ArrayBuffer>> {
  return (value, name) => {
    if (!(value instanceof Uint8Array)) refuse(name, "no bytes");
    if (value.length > most) refuse(name, `longer than ${most} bytes`);
    return new Uint8Array(value);
  };
}

/** One of two kinds. */
export function either<A, B>(
  isFirst: (value: unknown) => boolean,
  first: Checked<A>,
  second: Checked<B>,
): Checked<A | B> {
  return (value, name) => isFirst(value) ? first(value, name) : second(value, name);
}

/** The same, or null. */
export function orNull<T>(checked: Checked<T>): Checked<T | null> {
  return (value, name) => value === null ? null : checked(value, name);
}

/** The same, or nothing. */
export function optional<T>(checked: Checked<T>): Checked<T | undefined> {
  return (value, name) => value === undefined ? undefined : checked(value, name);
}

/** An object with these entries and no others; those that are undefined are left out. */
export function record<T extends Record<string, unknown>>(
  fields: { readonly [K in keyof T]-?: Checked<T[K]> },
): Checked<T> {
  return (value, name) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(name, "no record");
    const strange = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
    if (strange !== undefined) refuse(name, `a record with a strange entry ${quoted(strange)}`);
    const entries = Object.entries(fields).map(([key, checked]) => {
      const given = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
      return [key, (checked as Checked<unknown>)(given, `${name}.${key}`)] as const;
    });
    return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined)) as T;
  };
}
