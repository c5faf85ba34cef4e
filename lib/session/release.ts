import { AttachError, EngineError, StateError } from "./errors.ts";
import type { Program } from "./program.ts";
import type { Runner } from "./runner.ts";

const ENDS = { detach: "detached", terminate: "terminated", abandon: "abandoned" } as const;

/** How a program is let go. */
export type Release = keyof typeof ENDS;

/** Disposal follows how a program came: what was launched ends, what was attached to runs on. */
export function asItCame(program: Program): "detach" | "terminate" {
  return program.origin === "attached" ? "detach" : "terminate";
}

/** Lets a stopped program go. */
export async function releaseProgram(runner: Runner, program: Program, how: Release): Promise<void> {
  if (program.end) return;
  try {
    await runner.request(how, program.processId);
    runner.remove(program, { reason: ENDS[how] });
  } catch (error) {
    if (!isGone(error)) throw error;
    runner.remove(program, { reason: "lost" });
  }
}

/** Whether there is nothing left to let go: the program, its process server or the engine is not there any more. */
function isGone(error: unknown): boolean {
  if (error instanceof StateError) return error.kind === "program-gone" || error.kind === "no-program";
  return (error instanceof AttachError && error.kind === "server-unreachable") ||
    (error instanceof EngineError && error.kind === "lost");
}
