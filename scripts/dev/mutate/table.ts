import type { Mutation } from "./mutation.ts";
import { DIAGNOSTICS } from "./diagnostics.ts";
import { DUMPS } from "./dumps.ts";
import { ENGINE } from "./engine.ts";
import { REMOTE } from "./remote.ts";
import { RUNS } from "./runs.ts";
import { SCHEDULE } from "./schedule.ts";
import { SCRIPT } from "./script.ts";
import { STEPS } from "./steps.ts";
import { V8 } from "./v8.ts";
import { VALUES } from "./values.ts";

/** All mutations. */
export const MUTATIONS: readonly Mutation[] = [
  ...SCRIPT,
  ...REMOTE,
  ...SCHEDULE,
  ...DIAGNOSTICS,
  ...V8,
  ...ENGINE,
  ...RUNS,
  ...VALUES,
  ...STEPS,
  ...DUMPS,
];
