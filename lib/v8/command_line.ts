import { AttachError } from "../session/errors.ts";

/** Commands of Deno that take `--inspect-brk`. */
const DENO_COMMANDS: readonly string[] = ["run", "eval", "serve", "test", "repl"];

/** The words of a command line. Quotes keep spaces; backslashes are plain characters, as in Windows' paths. */
export function splitCommandLine(line: string): string[] {
  const quotes = Deno.build.os === "windows" ? /"([^"]*)"/g : /"([^"]*)"|'([^']*)'/g;
  const kept: string[] = [];
  const masked = line.replace(quotes, (_, double?: string, single?: string) => {
    kept.push(double ?? single ?? "");
    return `\0${kept.length - 1}\0`;
  });
  const unmask = (word: string): string => word.replace(/\0(\d+)\0/g, (_, index) => kept[Number(index)] ?? "");
  return masked.split(/\s+/).filter((word) => word !== "").map(unmask);
}

/**
 * A command of Node or Deno, with the options that make the program wait for a debugger.
 * @throws {AttachError} `not-supported` when it is another program's.
 */
export function inspectedCommand(command: string | readonly string[], address: string): [string, ...string[]] {
  const [program = "", ...words] = typeof command === "string" ? splitCommandLine(command) : command;
  const name = program.split(/[\\/]/).at(-1)?.replace(/\.exe$/i, "").toLowerCase();
  const option = `--inspect-brk=${address}`;
  // Without it Node writes its address into the program's output.
  if (name === "node") return [program, option, "--inspect-publish-uid=http", ...words];
  if (name === "deno") {
    const [first = "", ...rest] = words;
    return DENO_COMMANDS.includes(first) ? [program, first, option, ...rest] : [program, "run", option, ...words];
  }
  throw new AttachError(
    "not-supported",
    `Cannot launch ${program || "nothing"}: only node and deno have an inspector; give a command that starts with one`,
  );
}
