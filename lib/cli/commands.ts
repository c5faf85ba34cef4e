import type { Command } from "npm:commander@15.1.0";

/** A command as the list of `latch --help` shows it, and what makes it. */
export interface Entry {
  /** Its description. */
  readonly about: string;
  /** Makes the command itself, which is loaded only now. */
  readonly load: () => Promise<Command>;
}

/** The commands of `latch`, in the order of its help. A new one is an entry here. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  ps: {
    about: "list processes: id, name, description, command line",
    load: async () => (await import("./commands/ps.ts")).psCommand(),
  },
  attach: {
    about: "print what happens in a process, until it ends or Ctrl-C lets it go",
    load: async () => (await import("./commands/attach.ts")).attachCommand(),
  },
  launch: {
    about: "launch a program, print what happens in it, end with its exit code",
    load: async () => (await import("./commands/launch.ts")).launchCommand(),
  },
  run: {
    about: "run a script confined: it has the rights that it is given, and no others",
    load: async () => (await import("./commands/run.ts")).runCommand(),
  },
  dump: {
    about: "write a dump of a process, or show what is in one",
    load: async () => (await import("./commands/dump.ts")).dumpCommand(),
  },
  symbols: {
    about: "fetch symbols from symbol servers",
    load: async () => (await import("./commands/symbols.ts")).symbolsCommand(),
  },
  serve: {
    about: "serve this machine's processes to debuggers elsewhere, until Ctrl-C (no password, no encryption)",
    load: async () => (await import("./commands/serve.ts")).serveCommand(),
  },
  schedule: {
    about: "run diagnostics when they are due, as a file says, until Ctrl-C",
    load: async () => (await import("./commands/schedule.ts")).scheduleCommand(),
  },
  history: {
    about: "show what schedules ran, how it ended and what it found",
    load: async () => (await import("./commands/history.ts")).historyCommand(),
  },
  doctor: {
    about: "look whether everything is there: engine, DLLs, Wine, permissions; really launch and attach",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
  engine: {
    about: "say which engine works here: folder and version of each DLL as it was loaded",
    load: async () => (await import("./commands/engine.ts")).engineCommand(),
  },
  completions: {
    about: "print a script with which a shell completes what is typed",
    load: async () => (await import("./commands/completions.ts")).completionsCommand(),
  },
};
