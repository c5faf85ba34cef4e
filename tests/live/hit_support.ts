/** Hits of breakpoints, and what a program that counts them itself ends with. */
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

/** What a program ended with; undefined where it has not ended by itself. */
export function exitCode({ end }: Program): number | undefined {
  return end?.reason === "exited" ? end.exitCode : undefined;
}
