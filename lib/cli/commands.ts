import type { Command } from "npm:commander@15.1.0";
import { attachCommand } from "./commands/attach.ts";
import { completionsCommand } from "./commands/completions.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { dumpCommand } from "./commands/dump.ts";
import { engineCommand } from "./commands/engine.ts";
import { historyCommand } from "./commands/history.ts";
import { launchCommand } from "./commands/launch.ts";
import { psCommand } from "./commands/ps.ts";
import { runCommand } from "./commands/run.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { serveCommand } from "./commands/serve.ts";

/** The commands of `latch`, in the order of its help. A new one is a line here. */
export const COMMANDS: readonly (() => Command)[] = [
  psCommand,
  attachCommand,
  launchCommand,
  runCommand,
  serveCommand,
  dumpCommand,
  scheduleCommand,
  historyCommand,
  doctorCommand,
  engineCommand,
  completionsCommand,
];
