import type { Opening } from "./opening.ts";
import type { Program, Stop } from "./program.ts";
import type { Machine } from "./transitions.ts";

/** An engine, as far as its programs run and stop. */
export interface Executed {
  readonly phase: Machine<"stopped" | "starting" | "running" | "stopping" | "handling" | "parting" | "held">;
  /** Whether there is something to run: a program, one that is being opened, or the end of the last one. */
  readonly hasWork: boolean;
  readonly hasPrograms: boolean;
  /** The attach or launch that is under way, if its program is of this engine. */
  readonly opening: Opening | undefined;
  /** Has its programs run, until they are to stop. */
  begin(): void;
  /** Stops its running programs. */
  causeBreak(): void;
  /** Whether the script is to stay for it. */
  ref(isNeeded: boolean): void;
}

/** Where programs stopped. */
export interface Place {
  readonly program: Program | undefined;
  readonly threadId: number;
}

/** An engine has come back from a run: with a stop that is to be told, or only because that was asked for. */
export interface Arrival {
  readonly stop?: Stop | undefined;
  /** Whether the stop is told later when nobody waits for it. */
  readonly isKept?: boolean;
  readonly at?: Place | undefined;
  /** The engine refused to run, or is gone. */
  readonly failure?: Error;
}
