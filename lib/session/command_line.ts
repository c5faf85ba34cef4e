/**
 * One command line out of arguments, quoted so that a Windows program's own parser (`CommandLineToArgvW`, the C run-time
 * library) gives the same arguments back: backslashes count only before a quotation mark.
 */
export function quoteCommandLine(args: readonly string[]): string {
  return args.map(quoteArgument).join(" ");
}

function quoteArgument(argument: string): string {
  if (argument.includes("\0")) throw new TypeError("Cannot launch: an argument holds a zero character");
  if (argument !== "" && !/[\s"]/.test(argument)) return argument;
  const escaped = argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1");
  return `"${escaped}"`;
}

/** The `NAME=value` lines of an environment. */
export function environmentLines(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => {
    if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
      throw new TypeError(`Cannot launch: "${name}" is no name of an environment variable`);
    }
    return `${name}=${value}`;
  });
}
