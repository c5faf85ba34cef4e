/**
 * What a handler answers: how the program goes on. From least to most execution: `break` stops it, the steps execute a
 * little, `goNotHandled` goes on and lets the program's own handlers see the exception, `goHandled` goes on as if the
 * exception had not been, `go` goes on, `noChange` leaves the decision to others.
 */
export type ExecutionStatus = "break" | "stepInto" | "stepOver" | "goNotHandled" | "goHandled" | "go" | "noChange";

/**
 * One instruction, or one round of one that the processor repeats; one instruction with all its rounds and the call that it makes; to the
 * caller of the function.
 */
export type StepKind = "into" | "over" | "out";

const PRECEDENCE: readonly ExecutionStatus[] = [
  "break",
  "stepInto",
  "stepOver",
  "goNotHandled",
  "goHandled",
  "go",
  "noChange",
];

/** Whether a value that a handler returned is an answer. */
export function isExecutionStatus(value: unknown): value is ExecutionStatus {
  return PRECEDENCE.includes(value as ExecutionStatus);
}

/** The one of several answers with the least execution, as the engine itself decides. */
export function leastExecution(answers: readonly ExecutionStatus[]): ExecutionStatus {
  return PRECEDENCE.find((status) => answers.includes(status)) ?? "noChange";
}
