/**
 * What the engine finds in a dump of Windows itself.
 * @module
 */
import { HresultError } from "../com/hresult.ts";
import type { StackFrame } from "../session/engine.ts";
import type { EngineObjects } from "./thread/objects.ts";
import { stack } from "./thread/stack.ts";

/** Why Windows ended, and where. */
export interface KernelReport {
  /** Code of the bug check. */
  readonly code: number;
  /** Its four parameters. */
  readonly parameters: readonly bigint[];
  /** The stack that it was on; empty where the dump does not have it. */
  readonly stack: readonly StackFrame[];
}

/** Reads it. */
export function kernelReport(objects: EngineObjects, frames: number): KernelReport {
  const { Code: code, Arg1, Arg2, Arg3, Arg4 } = objects.control.ReadBugCheckData();
  return { code, parameters: [Arg1, Arg2, Arg3, Arg4], stack: stackOf(objects, frames) };
}

function stackOf(objects: EngineObjects, frames: number): readonly StackFrame[] {
  try {
    return stack(objects, frames);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return [];
  }
}
