import type { Mutation } from "./mutation.ts";

/** Of the command line and of schedules. */
export const SCHEDULE: readonly Mutation[] = [
  {
    name: "missed-swapped",
    file: "lib/cli/schedule/scheduler.ts",
    text: 'return job.missed === "run" ?',
    replacement: 'return job.missed === "skip" ?',
    tests: ["cli/schedule_scheduler"],
    meaning: "missed times are made up for where that was not wanted, and not where it was",
  },
  {
    name: "clock-set-back",
    file: "lib/cli/schedule/scheduler.ts",
    text: "if (accounted === undefined || accounted > now + 3_600_000) {",
    replacement: "if (accounted === undefined) {",
    tests: ["cli/schedule_late"],
    meaning: "when the clock was set back, a job rests until the old time comes again",
  },
  {
    name: "ten-times-the-tolerance",
    file: "lib/cli/schedule/scheduler.ts",
    text: "const isOnTime = now - last <= tolerance;",
    replacement: "const isOnTime = now - last <= 10 * tolerance;",
    tests: ["cli/schedule_late"],
    meaning: "a late run passes for one on time",
  },
  {
    name: "own-deadline-failed",
    file: "lib/cli/schedule/run_process.ts",
    text: 'if (code === 124) return { state: "deadline", exit: code, note: "it kept to a deadline of its own" };',
    replacement: "",
    tests: ["cli/schedule_run"],
    meaning: "a run that kept to its own deadline is told to have failed",
  },
  {
    name: "number-used-again",
    file: "lib/cli/schedule/recover.ts",
    text: "return birth !== scheduler.birth;",
    replacement: "return false;",
    tests: ["cli/schedule_late"],
    meaning: "another process under its number passes for the dead scheduler, whose job never runs again",
  },
  {
    name: "timeout-in-milliseconds",
    file: "lib/cli/action.ts",
    text: "timeoutSignal(options.timeout * 1000)",
    replacement: "timeoutSignal(options.timeout)",
    tests: ["host/cli"],
    meaning: "a command's --timeout ends it a thousand times too early",
  },
];
