import type { AttachError, EngineError } from "../session/errors.ts";

/** Exit codes of `latch`. `launch` and `run` end with the program's or the script's own instead. */
export const EXIT = {
  done: 0,
  found: 1,
  usage: 2,
  unreachable: 3,
  engine: 4,
  right: 5,
  deadline: 124,
  interrupted: 130,
} as const;

/** What each of them means, for the README and for `latch --help`. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "done, or nothing was found",
  found: "something was found, or it failed otherwise",
  usage: "wrong usage",
  unreachable: "a process or server could not be attached to, launched or reached",
  engine: "no engine, or no host that has one",
  right: "a right is missing",
  deadline: "the time was over",
  interrupted: "ended by Ctrl-C",
};

/** What was typed cannot be done. The message is one line. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name = "UsageError";
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  /** The name of the class. */
  override readonly name = "Interrupted";
}

/** Kinds of an engine's error that are not about the engine itself but about what it was asked. */
const ASKED: readonly string[] = ["failed", "not-supported"] satisfies EngineError["kind"][];

/**
 * The exit code of anything thrown. Errors are told by their names: their classes would bring the whole library into
 * `latch --help`.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return EXIT.found;
  switch (error.name) {
    case "UsageError":
      return EXIT.usage;
    case "AttachError":
      return (error as AttachError).kind === "invalid-flags" ? EXIT.usage : EXIT.unreachable;
    case "EngineError":
      return ASKED.includes((error as EngineError).kind) ? EXIT.found : EXIT.engine;
    case "NotCapable":
      return EXIT.right;
    case "TimeoutError":
      return EXIT.deadline;
    case "Interrupted":
      return EXIT.interrupted;
    default:
      return EXIT.found;
  }
}

/**
 * The exit code of a program as this system can have it. Windows' are 32 bits wide; elsewhere the lowest eight are left, and a
 * failure must not become 0 by that.
 */
export function targetExitCode(code: number, os: string = Deno.build.os): number {
  if (os === "windows") return code | 0;
  const low = code & 0xff;
  return code !== 0 && low === 0 ? EXIT.found : low;
}
