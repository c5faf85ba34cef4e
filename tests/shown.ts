/** What the lists of statements and rules are made of. */

/** A test: its file below tests/, and the beginning of its name, with `…` for what a template puts in. */
export type TestReference = readonly [file: string, name: string];

/**
 * Where a statement must be seen: on Windows' engine (`D`: tests/live, tests/host), on script runtimes (`V`: tests/v8), on
 * engines that do what a test says (`F`: tests/session), or in tables and types (`T`: any other).
 */
export type Place = "D" | "V" | "F" | "T";

/** A statement and the tests that show it. */
export interface Shown {
  /** What it says, in our words. */
  readonly says: string;
  /** Where it must be seen. */
  readonly on: readonly Place[];
  /** The tests that show it. */
  readonly tests: readonly TestReference[];
}
