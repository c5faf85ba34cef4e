/**
 * What the ready-made diagnostics share: options, targets, findings, exit codes.
 * @module
 */
import { parseArgs } from "node:util";
import { type ChildPolicy, DebugSession, type DebugSessionOptions, type Program, type StackFrame } from "../../mod.ts";
import { shownPath, shownText } from "../../lib/remote/wine_paths.ts";
import { oneLine } from "./texts.ts";

/** What a diagnostic is about: a program to launch, or a process that runs, by its id or its image's name. */
export type Target =
  | { readonly launch: readonly string[]; readonly directory?: string }
  | { readonly attach: number | string };

/** Something that was found. */
export interface Finding {
  /** What a line of JSON is. */
  readonly type: "finding";
  /** Which diagnostic found it. */
  readonly diagnostic: string;
  /** One line for people. */
  readonly title: string;
}

/** What every diagnostic can be told. */
export interface DiagnosticOptions {
  /** Options of the session that it opens. */
  readonly session?: DebugSessionOptions;
  /** Ends it early: a launched program is terminated then, another one runs on. */
  readonly signal?: AbortSignal;
  /** Gets each finding as it comes. */
  readonly found?: (finding: Finding) => void;
  /** Gets each line for people as it comes. */
  readonly print?: (line: string) => void;
}

/** One frame of a stack, as diagnostics tell it. */
export interface Frame {
  /** Where it is. */
  readonly address: bigint;
  /** Its module; null outside of all. */
  readonly module: string | null;
  /** Its function; null where that has no name. */
  readonly function: string | null;
  /** Bytes behind the start of the function, or else of the module. */
  readonly displacement: bigint;
  /** Source file, where symbols tell. */
  readonly file: string | null;
  /** Source line. */
  readonly line: number | null;
  /** Whether the function was inlined into that of the next frame without this mark. */
  readonly inline?: true;
}

/** The command line, read. */
export interface Call {
  /** The options that were given, without dashes. */
  readonly options: Readonly<Record<string, string | true>>;
  /** The program to launch and its arguments. */
  readonly command: readonly string[];
  /** What goes to every diagnostic. */
  readonly common: DiagnosticOptions;
  /** Prints a line of JSON if these were asked for. */
  emit(line: object): void;
}

/** A diagnostic as a program. */
export interface DiagnosticProgram {
  /** Its help. */
  readonly help: string;
  /** Its own options. */
  readonly options: OptionKinds;
  /** Does it; gives the exit code. */
  run(call: Call): Promise<number>;
}

/** Whether an option takes a value: `maybe` can stand without one, and is `true` then. */
export type OptionKinds = Readonly<Record<string, "value" | "flag" | "maybe">>;

/** Exit code: nothing found. */
export const NOTHING = 0;
/** Exit code: something found. */
export const FOUND = 1;
/** Exit code: wrong usage, or it could not be looked. */
export const FAILED = 2;

/** What all of them take, for the end of a help. */
export const COMMON_HELP = `  --attach=PID|NAME  a process that runs, instead of a program to launch
  --symbols=PATH     where symbols are looked for, as .sympath takes it; without it, beside the images
  --json             one JSON object a line, findings with "type": "finding"; what a launched program prints itself
                     stands between
  --help             this text`;

/** A mistake in the command line. */
export class UsageError extends Error {
  /** Its class, as messages tell it. */
  override readonly name = "UsageError";
}

/** Runs a diagnostic as a program; gives its exit code. */
export async function runProgram(program: DiagnosticProgram, args: readonly string[]): Promise<number> {
  try {
    const { options, command } = readArguments(program, args);
    if (options["help"]) {
      console.log(program.help);
      return NOTHING;
    }
    const isJson = options["json"] === true;
    const emit = (line: object): void => {
      if (isJson) console.log(`${command.length > 0 ? "\n" : ""}${toJson(line)}`); // it may have left a line unfinished
    };
    const symbolPath = options["symbols"];
    return await program.run({
      options,
      command,
      common: {
        ...(typeof symbolPath === "string" ? { session: { symbolPath } } : {}),
        ...(isJson ? { found: emit } : { print: (line: string) => console.log(oneLine(line)) }),
      },
      emit,
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.error(`error: ${oneLine(shownText(text))}${error instanceof UsageError ? "; see --help" : ""}`);
    return FAILED;
  }
}

/** Options stand before the program to launch; what follows it is its own. */
function readArguments(program: DiagnosticProgram, args: readonly string[]): Pick<Call, "options" | "command"> {
  const first = args.findIndex((arg) => arg === "--" || !arg.startsWith("-"));
  const own = first < 0 ? args : args.slice(0, first);
  const rest = first < 0 ? [] : args.slice(args[first] === "--" ? first + 1 : first);
  const kinds: OptionKinds = { ...program.options, attach: "value", symbols: "value", json: "flag", help: "flag" };
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { type: kind === "flag" ? "boolean" : "string" } as const]),
  );
  try {
    const bare = new Set(Object.entries(kinds).flatMap(([name, kind]) => kind === "maybe" ? [`--${name}`] : []));
    const words = own.map((word) => bare.has(word) ? `${word}=` : word);
    const { values } = parseArgs({ args: words, options, allowPositionals: false });
    const given = Object.entries(values as Record<string, string | true>)
      .map(([name, value]) => [name, bare.has(`--${name}`) && value === "" ? true : value]);
    return { options: Object.fromEntries(given), command: rest };
  } catch (error) {
    throw new UsageError((error instanceof Error ? error.message : String(error)).split(/[.\n]/, 1)[0]);
  }
}

/** The target that a command line names. */
export function targetOf({ options, command }: Call): Target {
  const { attach, directory } = options;
  if (typeof attach === "string") {
    if (command.length > 0) throw new UsageError("A program to launch and --attach do not go together");
    return { attach: /^\d+$/.test(attach) ? Number(attach) : attach };
  }
  if (command.length === 0) throw new UsageError("There is no program: name one to launch, or --attach=PID");
  return { launch: command, ...(typeof directory === "string" ? { directory } : {}) };
}

/** The number that an option gives, at least `least`. */
export function numberOf({ options }: Call, name: string, otherwise: number, least: number, most = 1e9): number {
  const text = options[name];
  if (typeof text !== "string") return otherwise;
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new UsageError(`--${name}=${text} is no number from ${least} to ${most}`);
}

/** The texts that an option gives, separated by commas. */
export function listOf({ options }: Call, name: string): string[] {
  const text = options[name];
  return typeof text === "string" ? text.split(",").filter((part) => part !== "") : [];
}

/** The longest that a timer of JavaScript's waits, in milliseconds: beyond that it fires at once. */
export const LONGEST = 2 ** 31 - 1;

/** The signal of the option `--seconds`. */
export function limitOf(call: Call): { readonly signal?: AbortSignal } {
  if (call.options["seconds"] === undefined) return {};
  return { signal: AbortSignal.timeout(1000 * numberOf(call, "seconds", 0, 0.001, LONGEST / 1000)) };
}

/** A path for people, as they write it here; JSON has it as Windows reported it. On another host it is that one's own. */
export function pathText(path: string, { session }: DiagnosticOptions): string {
  return session?.host ? path : shownPath(path);
}

/** The paths in a message, likewise. */
export function messageText(message: string, { session }: DiagnosticOptions): string {
  return session?.host ? message : shownText(message);
}

/** A new session. */
export function openSession({ session = {} }: DiagnosticOptions): DebugSession {
  return new DebugSession(session);
}

/** Opens what a diagnostic watches to its end: launches it, or attaches to it and lets it run on. */
export async function openTarget(
  session: DebugSession,
  target: Target,
  { signal, children }: { readonly signal: AbortSignal | undefined; readonly children: ChildPolicy },
): Promise<Program> {
  const common = { children, ...(signal ? { signal } : {}) };
  if ("attach" in target) return await session.attach(target.attach, { ...common, initialBreak: false });
  const { launch, directory } = target;
  return await session.launch(launch, { ...common, ...(directory === undefined ? {} : { directory }) });
}

/** Runs the programs of a session to their end, or until the signal; whether they ended. */
export async function runToEnd(session: DebugSession, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await session.run(signal ? { signal } : {});
    return true;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return false;
    throw error;
  }
}

/** Waits; an aborted signal cuts that short. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}

/** A number as `0x…`. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** An exit code: Windows' own failures are known by their hexadecimal form, as `0xC0000135`. */
export function codeText(code: number): string {
  const unsigned = code >>> 0;
  return unsigned > 0xffff ? `0x${unsigned.toString(16).toUpperCase().padStart(8, "0")}` : `${unsigned}`;
}

/** A line of JSON; addresses as `0x…`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? hex(part) : part);
}

/** A frame as diagnostics tell it. */
export function frameOf({ address, symbol, displacement, file, line, inline }: StackFrame): Frame {
  const mark = symbol?.indexOf("!") ?? -1;
  const module = symbol === null ? null : mark < 0 ? symbol : symbol.slice(0, mark);
  const name = symbol === null || mark < 0 ? null : symbol.slice(mark + 1);
  return { address, module, function: name, displacement, file, line, ...(inline ? { inline } : {}) };
}

/** A place in a source file, for people: without folders. */
export function sourceText(file: string, line: number | null): string {
  return `${file.split(/[\\/]/).at(-1)}:${line}`;
}

/** A thread for people. */
export function threadText(threadId: number, name: string | null): string {
  return `thread ${threadId}${name === null ? "" : ` (${name})`}`;
}

/** A frame for people. */
export function frameText({ address, module, function: name, displacement, file, line, inline }: Frame): string {
  const place = name === null ? `${module}+${hex(displacement)}` : `${module}!${name}`;
  const symbol = module === null ? hex(address) : place;
  return (file === null ? symbol : `${symbol}  ${sourceText(file, line)}`) + (inline ? " (inlined)" : "");
}

export { matches } from "./texts.ts";
