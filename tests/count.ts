/** Whether long counts were asked for: `deno task test --long`. */
export const isLong: boolean = (Deno.env.get("LATCH_LONG") ?? "") !== "";

/**
 * How often a test does something: enough to find the fault in each run, and the whole of it in a long one. A test file that asks
 * has a line in `scripts/dev/gates/plan.ts`, which says how long it takes then.
 */
export function count(short: number, long: number): number {
  return isLong ? long : short;
}

/** A list, or in a short run some of it, spread over the whole. */
export function some<T>(list: readonly T[], short: number): readonly T[] {
  if (isLong || list.length <= short) return list;
  return Array.from({ length: short }, (_, index) => list[Math.floor(index * list.length / short)] as T);
}
