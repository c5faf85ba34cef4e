import { requireText } from "./arguments.ts";

/**
 * One command line out of arguments, quoted so that a Windows program's own parser (`CommandLineToArgvW`, the C run-time
 * library) gives the same arguments back: backslashes count only before a quotation mark.
 */
export function quoteCommandLine(args: readonly string[]): string {
  if (!Array.isArray(args)) throw new TypeError("Cannot quote a command line: its arguments are no list");
  return args.map(quoteArgument).join(" ");
}

function quoteArgument(argument: string): string {
  if (typeof argument !== "string") throw new TypeError("Cannot quote a command line: an argument is no text");
  if (argument.includes("\0")) throw new TypeError("Cannot launch: an argument holds a zero character");
  if (argument !== "" && !/[\s"]/.test(argument)) return argument;
  const escaped = argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1");
  return `"${escaped}"`;
}

/** The `NAME=value` lines of an environment. */
export function environmentLines(variables: Readonly<Record<string, string>>): string[] {
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    throw new TypeError("Cannot launch: environment is no record of variables");
  }
  return Object.entries(variables).map(([name, value]) => {
    if (name === "" || /[=\0]/.test(name)) {
      throw new TypeError(`Cannot launch: ${JSON.stringify(name)} is no name of an environment variable`);
    }
    requireText("Cannot launch", `the environment variable ${name}`, value);
    return `${name}=${value}`;
  });
}
