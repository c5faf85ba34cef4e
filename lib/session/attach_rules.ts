import { AttachError } from "./errors.ts";
import type { AttachOptions } from "./options.ts";

/** The values that each option takes. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  noninvasive: [true, false, "noSuspend"],
  existing: [true, false],
  initialBreak: [true, false],
  resume: [true, false],
};

/**
 * Microsoft's rules for callers whose options no compiler has seen: refused here, since the engine has one code for all of them.
 * @throws {TypeError} for a value that an option does not take.
 * @throws {AttachError} kind `invalid-flags`, for options that do not go together.
 */
export function refuseCombinations(options: AttachOptions): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const [name, values] of Object.entries(VALUES)) {
    const value = given[name];
    if (value === undefined || values.includes(value)) continue;
    const allowed = values.map((one) => JSON.stringify(one)).join(", ");
    throw new TypeError(`Cannot attach: ${name} is ${shown(value)}; it takes ${allowed}`);
  }
  const way = given.existing ? "existing" : given.noninvasive ? "noninvasive" : undefined;
  if (way === undefined) return;
  const clashing = [
    ...(given.existing && given.noninvasive ? ["noninvasive"] : []),
    ...(given.initialBreak === false ? ["initialBreak: false"] : []),
    ...(given.resume ? ["resume"] : []),
  ];
  if (clashing.length === 0) return;
  throw new AttachError(
    "invalid-flags",
    `Cannot attach: ${way} goes with none of these: ${clashing.join(", ")}; leave it or them out`,
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
