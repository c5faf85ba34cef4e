import { Command, CommanderError } from "npm:commander@15.1.0";
import { COMMANDS } from "./commands.ts";
import { EXIT, EXIT_MEANINGS, exitCodeOf, UsageError } from "./exit_codes.ts";
import { withExamples } from "./help.ts";
import { clean } from "./text.ts";
import { VERSION } from "./version.ts";

/**
 * `latch` with the one command that a command line is about; with what its help says of all, where it is about none; or, without a
 * command line, the whole tree. `latch --help` is fast for that.
 */
export async function latchCommand(args?: readonly string[]): Promise<Command> {
  const latch = new Command("latch")
    .description("Windows' own debugger engine at the command line.")
    .version(`latch ${VERSION}`, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .enablePositionalOptions();
  for (const command of await commandsFor(args)) latch.addCommand(command);
  const codes = (Object.keys(EXIT) as (keyof typeof EXIT)[])
    .map((name) => `  ${String(EXIT[name]).padStart(3)}  ${EXIT_MEANINGS[name]}`);
  latch.addHelpText("after", `\nExit codes (launch and run: the program's own):\n${codes.join("\n")}`);
  withExamples(
    latch,
    ["latch ps", "what runs here"],
    ["latch launch -- app.exe", "what happens in a program"],
    ["latch doctor", "whether everything is there"],
  );
  prepare(latch);
  return latch;
}

/** Prints completions of the whole tree. */
const WHOLE = "completions";

async function commandsFor(args: readonly string[] | undefined): Promise<Command[]> {
  const name = args?.[0] ?? "";
  if (!args || name === WHOLE) return await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
  const one = COMMANDS[name];
  if (one) return [await one.load()];
  return Object.entries(COMMANDS).map(([name, { about }]) => new Command(name).description(about));
}

/** Settings that commander hands on only to commands that it makes itself. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {} }).helpOption("-h, --help", "print this help");
  command.commands.forEach(prepare);
}

/** Runs one command line; sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const latch = await latchCommand(args);
    if (args.length === 0) return help(latch);
    await latch.parseAsync([...args], { from: "user" });
  } catch (error) {
    Deno.exitCode = await report(error, args);
  }
}

function help(latch: Command): void {
  console.error(latch.helpInformation());
  Deno.exitCode = EXIT.usage;
}

/** Prints what went wrong in one line; gives the exit code. */
async function report(error: unknown, args: readonly string[]): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done; // help and version
    return await report(new UsageError(usageMessage(error)), args);
  }
  const code = exitCodeOf(error);
  if (code === EXIT.interrupted) return code;
  const advice = code === EXIT.usage ? `; see latch ${await commandWords(args)}--help` : "";
  const text = code === EXIT.deadline ? "the time is over" : messageOf(error);
  console.error(`error: ${clean(text)}${advice}`);
  return code;
}

function usageMessage({ message }: CommanderError): string {
  return message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The words that named the command, for the way to its help. */
async function commandWords(args: readonly string[]): Promise<string> {
  let command: Command | undefined = await latchCommand(args);
  const words: string[] = [];
  for (const word of args) {
    command = command.commands.find((one) => one.name() === word);
    if (!command) break;
    words.push(word);
  }
  return words.map((word) => `${word} `).join("");
}
