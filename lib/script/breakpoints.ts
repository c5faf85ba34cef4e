import type { BreakpointChange } from "../session/breakpoint_records.ts";
import { symbolFault } from "../dbgeng/expressions.ts";
import { type Checked, integer, orNull, record, refuse, truth, without, word } from "./values.ts";

const id = integer(0, 0xffff_ffff);
const name = without(symbolFault);

const add = record({
  where: ((value, called) => typeof value === "bigint" ? word(value, called) : name(value, called)) as Checked<
    string | bigint
  >,
  once: truth,
  pass: integer(1, 2 ** 31 - 1),
  threadId: orNull(integer(1, 0xffff_ffff)),
});

const CHANGES = { add, enable: id, disable: id, remove: id };

/** What a confined script wants done to breakpoints; undefined where it only looks. */
export function breakpointChange(value: unknown): BreakpointChange | undefined {
  if (value === undefined) return undefined;
  const [[verb, given] = ["", undefined], ...more] = typeof value === "object" && value ? Object.entries(value) : [];
  if (more.length > 0 || !Object.hasOwn(CHANGES, verb)) refuse("change", "none of add, enable, disable, remove");
  return { [verb]: CHANGES[verb as keyof typeof CHANGES](given, verb) } as unknown as BreakpointChange;
}
