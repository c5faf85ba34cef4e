import type { EngineEvent, EventPlace } from "../../session/engine.ts";
import type { ExecutionStatus, StepKind } from "../../session/status.ts";
import {
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_GO_NOT_HANDLED,
  DEBUG_STATUS_STEP_INTO,
  DEBUG_STATUS_STEP_OVER,
} from "../generated/constants.ts";

import { trapOf } from "./traps.ts";

/** What the engine is told for an answer. */
export const STATUS_CODES: Readonly<Record<Exclude<ExecutionStatus, "noChange" | "break">, number>> = {
  go: DEBUG_STATUS_GO,
  goHandled: DEBUG_STATUS_GO_HANDLED,
  goNotHandled: DEBUG_STATUS_GO_NOT_HANDLED,
  stepOver: DEBUG_STATUS_STEP_OVER,
  stepInto: DEBUG_STATUS_STEP_INTO,
};

/** The answers that are steps. */
export const STEPS: Partial<Record<ExecutionStatus, StepKind>> = { stepOver: "over", stepInto: "into" };

/** Whether the exception at which the engine has stopped may be a break instruction, by what was told: of a break-in no event is. */
export function mayBeBreak(place: EngineEvent | EventPlace | undefined): boolean {
  if (!place) return false;
  return !("type" in place) || (place.type === "exception" && trapOf(place.code) === "break");
}

/** How an exception is answered by a step, as the engine does: breaks and single steps are handled. */
export function answerOfStep(place: EngineEvent | EventPlace | undefined): number | undefined {
  if (!place) return undefined;
  if (!("type" in place)) return DEBUG_STATUS_GO_HANDLED; // a break-in, of which no event is told
  if (place.type !== "exception") return undefined;
  return trapOf(place.code) ? DEBUG_STATUS_GO_HANDLED : DEBUG_STATUS_GO_NOT_HANDLED;
}

/** The commands that let programs run to the next event, with or without an exception handled. */
export const GO_COMMANDS: Readonly<Record<string, number>> = {
  g: DEBUG_STATUS_GO,
  gh: DEBUG_STATUS_GO_HANDLED,
  gn: DEBUG_STATUS_GO_NOT_HANDLED,
};
