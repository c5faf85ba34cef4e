import type { Program, ProgramOrigin } from "./program.ts";

/** An attach or a launch that is under way. */
export interface Opening {
  /** The process to attach to; a launched one is the next that comes up. */
  readonly processId: number | undefined;
  readonly origin: ProgramOrigin;
  /** Whether it is complete at the initial break, with the program stopped there, or at the create-process event. */
  readonly untilBreak: boolean;
  /** Whether the program stays stopped when the opening is complete. */
  readonly stops: boolean;
  /** What a failure's text begins with. */
  readonly action: string;
  readonly done: PromiseWithResolvers<Program>;
  /** Resolves when its process is there, or with undefined when there will be none. */
  readonly appeared: PromiseWithResolvers<Program | undefined>;
  program?: Program;
  /** Whether it is complete, failed or given up. */
  settled: boolean;
}

/** What the ways of opening differ in. */
export type OpeningShape = Pick<Opening, "processId" | "origin" | "untilBreak" | "stops" | "action">;

/** A new opening. */
export function newOpening(shape: OpeningShape): Opening {
  return { ...shape, done: Promise.withResolvers(), appeared: Promise.withResolvers(), settled: false };
}

/** Settles an opening once. */
export function settle(opening: Opening, outcome: Program | Error): void {
  if (opening.settled) return;
  opening.settled = true;
  opening.appeared.resolve(opening.program);
  if (outcome instanceof Error) opening.done.reject(outcome);
  else opening.done.resolve(outcome);
}
