import { AttachError } from "./errors.ts";
import type { Program } from "./program.ts";

/** An attach or a launch that is under way. */
export interface Opening {
  readonly programId: string;
  /** Whether the program stays stopped when the opening is complete. */
  readonly stops: boolean;
  /** What a failure's text begins with. */
  readonly action: string;
  readonly done: PromiseWithResolvers<Program>;
  /** Resolves when its program is there, or with undefined when there will be none. */
  readonly appeared: PromiseWithResolvers<Program | undefined>;
  program?: Program;
  /** Whether its engine was asked: its program may come up, even if the opening has failed by then. */
  isAsked: boolean;
  /** Whether it is complete, failed or given up. */
  settled: boolean;
}

/** A new opening. */
export function newOpening(shape: Pick<Opening, "programId" | "stops" | "action">): Opening {
  const opening = {
    ...shape,
    done: Promise.withResolvers<Program>(),
    appeared: Promise.withResolvers(),
    isAsked: false,
    settled: false,
  };
  opening.done.promise.catch(() => {}); // who opens awaits it, after other things that may reject it
  return opening as Opening;
}

/** Settles an opening once. */
export function settle(opening: Opening, outcome: Program | Error): void {
  if (opening.settled) return;
  opening.settled = true;
  if (outcome instanceof Error) opening.done.reject(outcome);
  else opening.done.resolve(outcome);
}

/** Why an opening failed whose program ended. */
export function exitedEarly({ action }: Opening, exitCode?: number): AttachError {
  const code = exitCode === undefined ? "" : ` with code ${exitCode}`;
  const advice = "look at why it ends, or launch it under the debugger";
  return new AttachError("exited", `${action}: it ended${code} before it was complete; ${advice}`);
}

/** Why an opening failed whose program was let go by a handler. */
export function letGoEarly({ action }: Opening): AttachError {
  return new AttachError("exited", `${action}: it was let go before that was complete; do it after`);
}
