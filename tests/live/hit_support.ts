/** Counting hits of breakpoints. */
import assert from "node:assert/strict";
import type { DebugSession, Program } from "../../mod.ts";

/** Runs to the end, and gives how often its handler of breakpoints was called. Nothing but the end may be a stop. */
export async function countHits(session: DebugSession, program: Program): Promise<number> {
  let hits = 0;
  program.on("breakpoint", () => {
    hits++;
    return "go" as const;
  });
  assert.deepEqual(await session.wait(), { reason: "ended" });
  return hits;
}
