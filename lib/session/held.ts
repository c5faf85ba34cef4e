import type { DebugEvent, Stop } from "./program.ts";
import type { Opening } from "./opening.ts";
import type { ExecutionStatus } from "./status.ts";

/** What came of a stop: the programs go on, stay stopped without anybody being told, or this is told. */
export type Outcome = "go" | "stay" | Stop;

/** What the handlers of an event that stopped the programs came to. */
export interface Held {
  readonly event: DebugEvent;
  readonly outcome: Outcome;
  /** The opening that is complete with it, to be settled when the programs are stopped. */
  readonly opening?: Opening | undefined;
}

/** What the answer of an event's handlers comes to; `stops`: whether the program is to stay stopped there anyway. */
export function outcomeOf(event: DebugEvent, status: ExecutionStatus, stops: boolean): Outcome {
  if (status === "break" || (status === "noChange" && event.type === "breakpoint")) {
    return { reason: "event", event, program: event.program };
  }
  return stops ? "stay" : "go";
}

/** Several events may come at the same place, a process with its program: a stop at the first is not lost by the next. */
export function heldAt(before: Held | undefined, now: Held): Held {
  return typeof before?.outcome === "object" ? { ...now, ...before } : now;
}

/** How the program goes on after an event; where nobody decided, as it would without a debugger. */
export function statusAfter(event: DebugEvent, status: ExecutionStatus): ExecutionStatus {
  if (status !== "noChange" && status !== "break") return status;
  return event.type === "exception" ? "goNotHandled" : "go";
}
