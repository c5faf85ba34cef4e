import type { Command } from "npm:commander@15.1.0";

/** An example as it is typed, and what it does. */
export type Example = readonly [line: string, what: string];

/** Puts examples below a command's help. */
export function withExamples(command: Command, ...examples: readonly Example[]): Command {
  const room = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(room)}  ${what}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
