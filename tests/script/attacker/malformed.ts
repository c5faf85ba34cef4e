/** Calls that are none: whatever the rights, they are refused. */
import type { Attempt } from "./attempts.ts";
import type { Draw } from "./draw.ts";

/** Nothing of this fits anywhere in a call. */
const JUNK: readonly unknown[] = [
  { evil: 1 },
  [[]],
  "\0",
  "\ud800",
  NaN,
  -1.5,
  { processId: 7, evil: true },
  { __proto__: null, constructor: 1 },
  [[[[]]]],
  -(1n << 70n),
];

/** Names that are none of the engine's. */
const NAMES = ["constructor", "__proto__", "toString", "call", "", "onNotice", "dispose", "giveUp", "x".repeat(500)];

/** Calls of which all values are looked at. */
const LOOKED_AT = /^(?!serve|startServer|stopServer)/;

/** Puts something into a call that does not belong there, or gives it another name. */
export function malformed(attempt: Attempt, draw: Draw): Attempt {
  const { name, values, fault } = attempt;
  if (draw.oneIn(8)) return { name: draw.pick(NAMES), values, fault: "malformed" };
  if (values.length === 0 || fault !== undefined || !LOOKED_AT.test(name)) return attempt;
  const at = draw.below(values.length);
  if (at === 2 && name === "writeRegister") return attempt; // any number is one
  const broken = values.with(at, breakValue(values[at], draw));
  const { needs: _, gives: _gives, isHarmful: _harmful, isOpening: _opening, ends: _ends, server: _server, ...rest } =
    attempt;
  return { ...rest, values: broken, fault: "malformed" };
}

/** Something else instead of a value, or somewhere in it. */
function breakValue(value: unknown, draw: Draw): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || draw.oneIn(3)) {
    return draw.pick(JUNK);
  }
  if (Array.isArray(value)) return [...value, draw.pick(JUNK)];
  const key = draw.pick([...Object.keys(value), "evil"]);
  return { ...value, [key]: draw.pick(JUNK) };
}
