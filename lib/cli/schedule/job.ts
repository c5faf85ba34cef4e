import type { Timetable } from "./cron.ts";

/** A diagnostic and when it runs. */
export interface Job {
  /** Its name, in the history and on the command line. */
  readonly name: string;
  /** Cron expression, as it was written. */
  readonly cron: string;
  /** Time zone of the expression; undefined for the system's. */
  readonly timezone: string | undefined;
  /** The times that follow from the two. */
  readonly timetable: Timetable;
  /** Path or URL of the diagnostic. */
  readonly script: string;
  /** The diagnostic's arguments. */
  readonly args: readonly string[];
  /** What it may, as options of `latch run`. */
  readonly rights: readonly string[];
  /** How long it may take, in milliseconds. */
  readonly deadline: number;
  /** How often it is tried again after a failure, and how many milliseconds later. */
  readonly retries: { readonly count: number; readonly delay: number };
  /** What the history keeps: so many runs, and so many milliseconds. */
  readonly keep: { readonly count: number; readonly age: number };
  /** What becomes of a time at which no scheduler ran: one run makes up for all, or none. */
  readonly missed: "run" | "skip";
}
