import { AttachError, EngineError, StateError } from "./errors.ts";
import type { Program } from "./program.ts";
import type { Runners } from "./runners.ts";

/** How a program is let go. */
export type Release = "detach" | "terminate" | "abandon";

/** Lets a stopped program go; its engine tells its end. */
export async function releaseProgram(runners: Runners, program: Program, how: Release): Promise<void> {
  const runner = runners.runnerWith(program);
  if (program.end || !runner) return;
  runners.trace.add("call", how, program.id);
  try {
    await runner.engine.release(program.id, how);
  } catch (error) {
    if (!isGone(error)) throw error;
    if (!program.end) await runner.lose(program);
  }
  runners.retire(runner);
}

/** Whether there is nothing left to let go: the program, its process server or the engine is not there any more. */
export function isGone(error: unknown): boolean {
  if (error instanceof StateError) return error.kind === "program-gone" || error.kind === "no-program";
  return (error instanceof AttachError && error.kind === "server-unreachable") ||
    (error instanceof EngineError && error.kind === "lost");
}
