import { Command } from "npm:commander@15.1.0";
import { EXIT, exitCodeOf, UsageError } from "../exit_codes.ts";
import { interruption } from "../interruption.ts";
import { declaredRights, shownRights } from "../../script/declared.ts";
import { MAX_TEXT, textUpTo } from "../../script/files.ts";
import { isCode } from "../../script/graph.ts";
import { Output } from "../../script/output.ts";
import { TerminalPrompter, TypedLines } from "../../script/prompt.ts";
import { adviceOnSpace, isRightFlag, parseRights } from "../../script/rights.ts";
import { scriptUrl } from "../../script/imports.ts";
import { runScript, type RunScriptOptions, type ScriptEnd } from "../../script/run_script.ts";
import { quoted, visible } from "../../script/visible.ts";
import { within } from "../../session/abort.ts";

/** How long it may take to tell why a script was ended, in milliseconds. */
const LAST_WORDS = 500;

/** What was typed. */
interface RunArguments {
  readonly script: string;
  readonly args: readonly string[];
  readonly rights: readonly string[];
  readonly declared: boolean;
  readonly prompt: boolean;
  readonly deadline: number | undefined;
  readonly memory: number | undefined;
  readonly reload: boolean | readonly string[];
}

const HELP = `
Rights (each also as --deny-…; a deny beats an allow, a deny without a list beats everything):
  --allow-attach[=name|pid|pattern,…]   attach to these processes, and see them in lists
  --allow-launch[=path|name,…]          launch these programs, and end them again
  --allow-connect[=host:port,…]         connect to these process servers
  --allow-read-memory                   read memory, evaluate expressions
  --allow-write-memory                  write memory
  --allow-control                       read and write registers, set breakpoints, step, answer exceptions as handled
  --allow-execute[=command,…]           run the engine's own commands; without a list that is everything
  --allow-dump[=folder|file,…]          write dumps into these folders, or to these files
  --allow-terminate[=name|pid,…]        end programs that the script did not launch, shut servers down
  --allow-symbols[=server|folder,…]     look for symbols there; cache* is the engine's own cache
  --allow-read, -write, -net, -env, -sys, -import are Deno's own

Options:
  --allow-declared     grant what the script declares: export const rights = ["--allow-attach=app.exe"]
  --reload[=URL,…]     fetch modules of servers anew: all, or those at and below these URLs; as deno run --reload
  --no-prompt          refuse what is missing instead of asking
  --deadline=SECONDS   end the script after that time; the exit code is 124 then
  --memory=MEGABYTES   end it when it takes more (default: 1024)

Examples:
  latch run --allow-attach=app.exe watch.ts
  latch run --allow-launch='C:\\app\\app.exe' --allow-read-memory -- script.ts --its-own-flag`;

/** Takes its arguments as they are: what looks like an option behind the script's name is the script's. */
class RunCommand extends Command {
  override parseOptions(words: string[]): ReturnType<Command["parseOptions"]> {
    return { operands: words, unknown: [] };
  }
}

/** `latch run`: a script confined to the rights that it is given. Ends with the script's own exit code. */
export function runCommand(): Command {
  const command = new RunCommand("run");
  return command
    .description("run a script confined: it has the rights that it is given, and no others")
    .usage("[rights] [options] [--] <script> [args...]")
    .argument("[words...]")
    .addHelpText("after", HELP)
    .action(async (words: string[]) => {
      if (asksForHelp(words)) command.help();
      Deno.exitCode = await runMain(words);
    });
}

function asksForHelp(words: readonly string[]): boolean {
  const script = words.findIndex((word) => !word.startsWith("-") || word === "--");
  return words.slice(0, script < 0 ? undefined : script).some((word) => word === "--help" || word === "-h");
}

/** Does what `latch run` with these arguments does; gives the exit code. */
export async function runMain(words: readonly string[]): Promise<number> {
  const signal = interruption();
  try {
    return await run(parse(words), signal);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.found; // nobody reads what the script prints
    const code = error instanceof TypeError || error instanceof RangeError ? EXIT.usage : exitCodeOf(error);
    if (code !== EXIT.interrupted) console.error(`error: ${visible(error.message, 2_000)}`);
    return code;
  }
}

async function run(parsed: RunArguments, signal: AbortSignal): Promise<number> {
  const { script, args, declared, prompt, deadline, memory, reload } = parsed;
  const rights = [...parsed.rights, ...await declaredFlags(script, declared, parsed.rights)];
  const gate = new Output();
  const options: RunScriptOptions = {
    ...{ rights, args, signal, gate, reload },
    ...(deadline === undefined ? {} : { deadline: deadline * 1000 }),
    ...(memory === undefined ? {} : { memory }),
    ...(prompt && Deno.stdin.isTerminal() && Deno.stderr.isTerminal() ? { prompter: terminal(script, gate) } : {}),
  };
  const { code, reason } = await runScript(script, options);
  const why = whyEnded(reason, parsed);
  if (why !== undefined) await within(LAST_WORDS, tell(`error: the script was ended${why}\n`));
  return code;
}

/** Not by `console.error`: that would wait without an end where nobody takes what programs have printed. */
async function tell(text: string): Promise<void> {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) rest = rest.subarray(await Deno.stderr.write(rest));
}

/** Why a script was ended, where that is not known to who is told. */
function whyEnded(reason: ScriptEnd, { deadline, memory }: RunArguments): string | undefined {
  switch (reason) {
    case "deadline":
      return ` after its deadline of ${deadline} s`;
    case "memory":
      return `: it took more than ${memory ?? 1024} MB of memory`;
    case "protocol":
      return ": it sent its host what is no message of Latch's";
    case "flood":
      return ": it asked for more at a time than its host keeps (256 calls, or 32 MB of them)";
    case "silent":
      return ": it held programs and gave no sign of life; a loop without an end?";
    default:
      return undefined;
  }
}

function terminal(script: string, gate: Output): TerminalPrompter {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const show = (text: string): void => void Deno.stderr.writeSync(bytes(text));
  const lines = new TypedLines();
  const hold = async (): Promise<() => void> => {
    const release = gate.hold();
    await gate.settled();
    show("\x1b[0m"); // a colour of the script's could hide the question
    return release;
  };
  return new TerminalPrompter({ show, line: () => lines.next(), hold }, quoted(script));
}

/** What the script declares, shown before it runs; granted only when that was asked for, and all of it was shown. */
async function declaredFlags(script: string, grant: boolean, given: readonly string[]): Promise<readonly string[]> {
  const flags = declaredRights(await sourceOf(script));
  if (flags === undefined && grant) throw new TypeError(`Cannot grant what ${script} declares: it declares no rights`);
  if (flags === undefined || flags.length === 0) return [];
  parseRights(flags); // what is no right, or leaves no border, is refused before anything runs
  const shown = shownRights(flags);
  if (grant && shown === undefined) {
    throw new TypeError(
      `Cannot grant what ${script} declares: it is too long to be read; name the rights that it is to have`,
    );
  }
  const declares = `${visible(script)} declares that it needs`;
  console.error(
    shown === undefined
      ? `${declares} more than can be shown (not granted)`
      : `${declares} ${shown} (${noteOn(flags, grant, given)})`,
  );
  return grant ? flags : [];
}

function noteOn(flags: readonly string[], grant: boolean, given: readonly string[]): string {
  if (grant) return "granted";
  return flags.every((flag) => given.includes(flag))
    ? "given"
    : "not granted by that; --allow-declared grants all of it";
}

async function sourceOf(script: string): Promise<string> {
  const url = new URL(scriptUrl(script));
  if (url.protocol === "file:") return await readScript(script, url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot read ${script}: its server says ${response.status}`);
  return response.body === null ? "" : await textOf(script, response.body);
}

async function textOf(script: string, stream: ReadableStream<Uint8Array>): Promise<string> {
  try {
    return await textUpTo(stream, MAX_TEXT);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot run ${script}: it is longer than ${MAX_TEXT >> 20} MB`);
  }
}

async function readScript(script: string, url: URL): Promise<string> {
  try {
    if ((await Deno.stat(url)).isDirectory) throw new UsageError(`Cannot run ${script}: it is a folder; name a script`);
    return await textOf(script, (await Deno.open(url)).readable);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot run ${script}: there is no such file; give its path`);
  }
}

const VALUES = /^--(deadline|memory)(?:=(.*))?$/;

/** Reads the arguments up to the script; all others are the script's. */
function parse(words: readonly string[]): RunArguments {
  const rest = [...words];
  const rights: string[] = [];
  const numbers: { deadline?: number; memory?: number } = {};
  let [declared, prompt, before] = [false, true, ""];
  let reload: boolean | readonly string[] = false;
  while (rest[0]?.startsWith("-") && rest[0] !== "--") {
    const word = rest.shift() ?? "";
    const [, name, value] = VALUES.exec(word) ?? [];
    if (word === "--allow-declared") declared = true;
    else if (word === "--no-prompt") prompt = false;
    else if (name === "deadline" || name === "memory") numbers[name] = positive(name, value ?? rest.shift());
    else if (word === "--reload" || word === "-r") reload = true;
    else if (word.startsWith("--reload=")) reload = word.slice("--reload=".length).split(",");
    else if (isRightFlag(word)) rights.push(word);
    else {
      const advice = adviceOnSpace(word) ?? "it is no option of run; see latch run --help";
      throw new UsageError(`Cannot use ${quoted(word)}: ${advice}`);
    }
    before = word;
  }
  if (rest[0] === "--") rest.shift();
  else refuseLooseList(before, rest);
  const [script, ...args] = rest;
  if (script === undefined) throw new UsageError("Cannot run: no script was named; latch run [rights] script.ts");
  const { deadline, memory } = numbers;
  return { script, args, rights, declared, prompt, deadline, memory, reload };
}

/** `--allow-launch app.exe script.ts` would grant all there is to launch, and run the program as a script. */
function refuseLooseList(before: string, [script, next = ""]: readonly string[]): void {
  if (script === undefined || isCode(script)) return;
  const url = /^https?:/i.test(script) ? URL.parse(script) : null;
  if (url && (isCode(url.pathname) || !isCode(next))) return; // scripts of servers need no ending
  const advice = adviceOnSpace(before, script);
  if (advice !== undefined) throw new UsageError(`Cannot run ${quoted(script)}, which is no script: ${advice}`);
}

function positive(name: string, text: string | undefined): number {
  const number = Number(text);
  if (!(number > 0)) throw new UsageError(`Cannot use --${name}=${text ?? ""}: it takes a number above 0`);
  return number;
}
