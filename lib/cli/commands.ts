import type { Command } from "npm:commander@15.1.0";

/** The commands of `latch`, in the order of its help. A new one is a line here. Only those are loaded that are needed. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  ps: async () => (await import("./commands/ps.ts")).psCommand(),
  attach: async () => (await import("./commands/attach.ts")).attachCommand(),
  launch: async () => (await import("./commands/launch.ts")).launchCommand(),
  run: async () => (await import("./commands/run.ts")).runCommand(),
  dump: async () => (await import("./commands/dump.ts")).dumpCommand(),
  serve: async () => (await import("./commands/serve.ts")).serveCommand(),
  schedule: async () => (await import("./commands/schedule.ts")).scheduleCommand(),
  history: async () => (await import("./commands/history.ts")).historyCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  engine: async () => (await import("./commands/engine.ts")).engineCommand(),
  completions: async () => (await import("./commands/completions.ts")).completionsCommand(),
};
