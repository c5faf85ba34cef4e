/**
 * The crash catcher: launches a program, or attaches to one, and tells of the exception that it dies of.
 *
 *     deno run --allow-ffi scripts/crash.ts --dump=C:\dumps app.exe
 *     latch run --allow-launch=app.exe scripts/crash.ts app.exe
 *
 * @module
 */
import type { DebugEventMap, DumpType, Program } from "../mod.ts";
import {
  type Call,
  codeText,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  type Frame,
  frameOf,
  frameText,
  hex,
  limitOf,
  NOTHING,
  openSession,
  openTarget,
  type OptionKinds,
  runProgram,
  runToEnd,
  sourceText,
  type Target,
  targetOf,
  threadText,
  UsageError,
} from "./shared/diagnostic.ts";

export type { DiagnosticOptions, Finding, Frame, Target };

/** What it can need. */
export const rights = ["--allow-launch", "--allow-attach", "--allow-dump"];

/** An exception, and where it was raised. */
export interface Raised {
  /** Id of the process. */
  readonly processId: number;
  /** Id of the thread. */
  readonly threadId: number;
  /** Its name; null without one. */
  readonly threadName: string | null;
  /** File name of the program's image. */
  readonly program: string;
  /** Code of the exception. */
  readonly code: number;
  /** Its name. */
  readonly name: string;
  /** Instruction that raised it. */
  readonly address: bigint;
  /** What it was about, for example `writing to 0x0` or the type of a C++ exception. */
  readonly details: string;
  /** The module that the instruction is in; null outside of all. */
  readonly faultModule: string | null;
  /** Module of the function. */
  readonly module: string | null;
  /** The innermost function with a source line, or else the innermost with a name. */
  readonly function: string | null;
  /** Its source file. */
  readonly file: string | null;
  /** Its source line. */
  readonly line: number | null;
  /** The stack, innermost frame first. */
  readonly stack: readonly Frame[];
}

/** A crash: an exception that nobody took, or an end with the code of one. */
export interface Crash extends Finding, Partial<Raised> {
  /** How it is known. */
  readonly kind: "exception" | "exit-code";
  /** File of the dump. */
  readonly dump?: string;
  /** Why there is no dump. */
  readonly dumpError?: string;
}

/** What was seen of a program. */
export interface CrashReport {
  /** The crashes; none for a healthy program. */
  readonly crashes: readonly Crash[];
  /** First chances, one for each place, if they were asked for: a program may well handle all of them. */
  readonly firstChances: readonly Raised[];
  /** The program's exit code; undefined when it was left before its end. */
  readonly exitCode: number | undefined;
}

/** How to look for crashes. */
export interface CrashOptions extends DiagnosticOptions {
  /** Folder for dumps, on the machine where the engine runs. @default {none are written} */
  readonly dump?: string;
  /** What they contain. @default {"mini"} */
  readonly dumpType?: DumpType;
  /** Whether first chances are told: `errors` leaves out what programs use for other things. @default {false} */
  readonly firstChance?: false | "errors" | "all";
  /** Whether processes that the program starts are watched too. @default {false} */
  readonly children?: boolean;
}

/** Exceptions that are no errors: debug strings, names of threads, C++ and .NET exceptions, a language's own. */
const NO_ERRORS = new Set([
  ...[0x40010006, 0x4001000a, 0x406d1388, 0x04242420, 0x40080201, 0x40080202],
  ...[0xe06d7363, 0xe0434352, 0xe0434f4d, 0x20474343, 0x21474343, 0x22474343, 0x0eedfade, 0xe0465043, 0xe0440001],
]);
/** Ended by Ctrl-C, or by the one who debugs it. */
const NO_CRASH_CODES = new Set([0xc000013a]);
const ACCESS: Readonly<Record<string, string>> = { 0: "reading from", 1: "writing to", 8: "executing" };
const ACCESS_VIOLATION = 0xc0000005;
const FRAMES = 64;

/** Runs a program to its end and tells what it crashed of, if it did. */
export async function catchCrash(target: Target, options: CrashOptions = {}): Promise<CrashReport> {
  await using session = openSession(options);
  const watch = new Watch(options);
  session.on("exception", (event) => watch.exception(event));
  session.on("programDestroy", (event) => watch.end(event));
  const { signal, children } = options;
  const program = await openTarget(session, target, { signal, children: children ? "follow" : "ignore" });
  await runToEnd(session, signal);
  return { crashes: watch.crashes, firstChances: [...watch.firstChances.values()], exitCode: program.end?.exitCode };
}

/** What happens to the programs of one session. */
class Watch {
  readonly crashes: Crash[] = [];
  readonly firstChances = new Map<string, Raised>();
  readonly #options: CrashOptions;
  /** Programs whose crash was told. */
  readonly #crashed = new Set<Program>();
  /** Exit codes of those: who started them may pass theirs on. */
  readonly #codes = new Set<number>();

  constructor(options: CrashOptions) {
    this.#options = options;
  }

  /** The program's own handlers get it in any case, as without a debugger. */
  async exception(event: DebugEventMap["exception"]): Promise<"goNotHandled"> {
    if (!event.firstChance) await this.#crash(event);
    else if (this.#tells(event.code)) await this.#firstChance(event);
    return "goNotHandled";
  }

  /** A program that ended with the code of an error was ended for it, also if no exception told of that. */
  end({ program, exitCode, cause }: DebugEventMap["programDestroy"]): void {
    if (cause !== undefined && !program.parent) return; // the launch fails with it
    const code = (exitCode ?? 0) >>> 0;
    if (this.#crashed.has(program)) this.#codes.add(code);
    if (this.#codes.has(code) || code < 0xc0000000 || NO_CRASH_CODES.has(code)) return;
    const why = cause ?? "which is an error's, and raised no exception before";
    const title = `${program.name} ended with code ${codeText(code)}, ${why}`;
    const place = { processId: program.pid, program: program.name, code };
    this.#options.print?.(title);
    this.#found({ type: "finding", diagnostic: "crash", title, kind: "exit-code", ...place });
  }

  #tells(code: number): boolean {
    const { firstChance = false } = this.#options;
    return firstChance === "all" || (firstChance === "errors" && !NO_ERRORS.has(code));
  }

  async #firstChance(event: DebugEventMap["exception"]): Promise<void> {
    const key = `${event.processId} ${event.code} ${event.address}`;
    if (this.firstChances.has(key)) return;
    const raised = await describe(event);
    this.firstChances.set(key, raised);
    this.#print(`first chance: ${titleOf(raised, "raised")}`, raised.stack);
  }

  async #crash(event: DebugEventMap["exception"]): Promise<void> {
    this.#crashed.add(event.program);
    const raised = await describe(event);
    const title = titleOf(raised, "crashed of");
    this.#print(title, raised.stack);
    const dump = await this.#dump(event.program, title);
    this.#found({ type: "finding", diagnostic: "crash", title, kind: "exception", ...raised, ...dump });
  }

  #found(crash: Crash): void {
    this.crashes.push(crash);
    this.#options.found?.(crash);
  }

  async #dump(program: Program, comment: string): Promise<Pick<Crash, "dump" | "dumpError">> {
    const { dump: folder, dumpType: type = "mini", print } = this.#options;
    if (folder === undefined) return {};
    const dump = `${folder.replace(/[\\/]+$/, "")}${separatorOf(folder)}${program.name}.${program.pid}.dmp`;
    try {
      await program.writeDump(dump, { type, comment });
      print?.(`dump: ${dump}`);
      return { dump };
    } catch (error) {
      const dumpError = error instanceof Error ? error.message : String(error);
      print?.(`no dump: ${dumpError}`);
      return { dumpError };
    }
  }

  #print(title: string, stack: readonly Frame[]): void {
    this.#options.print?.(title);
    for (const frame of stack) this.#options.print?.(`    ${frameText(frame)}`);
  }
}

/** What is between the names of a path: Windows takes both, and the user gets back what he writes. */
function separatorOf(folder: string): string {
  return Deno.build.os === "windows" || /\\|^[A-Za-z]:/.test(folder) ? "\\" : "/";
}

async function describe(event: DebugEventMap["exception"]): Promise<Raised> {
  const { program, processId, threadId, code, name, address, parameters } = event;
  const stack = (await program.thread(threadId).stack(FRAMES)).map(frameOf);
  const inside = ({ base, size }: { base: bigint; size: number }): boolean =>
    address >= base && address < base + BigInt(size);
  const threadName = (await program.threads()).find((thread) => thread.threadId === threadId)?.name ?? null;
  const faultModule = (await program.modules()).find(inside)?.name ?? null;
  const place = stack.find(({ file }) => file !== null) ?? stack.find((frame) => frame.function !== null);
  const [access, where] = parameters;
  const accessed = code === ACCESS_VIOLATION && access !== undefined && where !== undefined
    ? `${ACCESS[String(access)] ?? "accessing"} ${hex(where)}`
    : "";
  const details = event.details ?? accessed;
  return {
    ...{ processId, threadId, threadName, program: program.name, code, name, address, details, faultModule },
    ...{ module: place?.module ?? null, function: place?.function ?? null },
    ...{ file: place?.file ?? null, line: place?.line ?? null, stack },
  };
}

function titleOf(raised: Raised, verb: string): string {
  const { program, processId, name, details, faultModule, module, function: at, file, line, address } = raised;
  const fault = faultModule === module && at !== null ? "" : ` at ${hex(address)} in ${faultModule ?? "no module"},`;
  const where = at === null ? "" : ` in ${module ?? "?"}!${at}`;
  const source = file === null ? "" : ` (${sourceText(file, line)})`;
  const title = `${program} (${processId}) ${verb} ${name}${details && `, ${details},`}${fault}${where}${source}`;
  const thread = raised.threadName === null ? "" : `, ${threadText(raised.threadId, raised.threadName)}`;
  return title.replace(/,$/, "") + thread;
}

const HELP = `Launches a program, or attaches to one, and tells of the exception that it crashes of, with its stack.

Usage: crash.ts [OPTIONS] [--] PROGRAM [ARGUMENTS]
       crash.ts [OPTIONS] --attach=PID|NAME

  --dump=FOLDER      writes a dump at the crash
  --dump-type=TYPE   mini (stacks and modules, the default) or full (all memory)
  --first-chance     also tells of errors that the program may handle itself, each place once
  --all-chances      the same with C++ and .NET exceptions, debug strings and names of threads
  --children         also watches the processes that it starts
  --ignore-exit-code ends with 0 without a crash, whatever the program ends with
  --directory=FOLDER working folder of the program
  --seconds=N        leaves after that time: what was launched is ended, what was attached to runs on
${COMMON_HELP}

A crash is an exception that nobody took (second chance), or an end with an error's code (0xc0000000 and above).
Exit code: 1 after a crash; otherwise the launched program's own, 0 after an attach, 2 if it could not be looked.
With --json the last line, "type": "end", tells these apart. Where exit codes have eight bits: their lowest byte
that is not 0.`;

/** The same as a program: gives the exit code. */
export function main(args: readonly string[]): Promise<number> {
  const options: OptionKinds = {
    ...{ dump: "value", "dump-type": "value", "first-chance": "flag", "all-chances": "flag" },
    ...{ children: "flag", "ignore-exit-code": "flag", directory: "value", seconds: "value" },
  };
  return runProgram({ help: HELP, options, run }, args);
}

async function run(call: Call): Promise<number> {
  const { dump, "dump-type": dumpType = "mini" } = call.options;
  if (dumpType !== "mini" && dumpType !== "full") {
    throw new UsageError(`--dump-type=${dumpType} is neither mini nor full`);
  }
  const target = targetOf(call);
  const report = await catchCrash(target, {
    ...call.common,
    ...limitOf(call),
    ...(typeof dump === "string" ? { dump, dumpType } : {}),
    firstChance: call.options["all-chances"] ? "all" : call.options["first-chance"] ? "errors" : false,
    children: call.options["children"] === true,
  });
  for (const raised of report.firstChances) call.emit({ type: "firstChance", ...raised });
  const { exitCode = null } = report;
  call.emit({ type: "end", exitCode, crashes: report.crashes.length });
  if (report.crashes.length > 0) return FOUND;
  call.common.print?.(exitCode === null ? "no crash so far" : `no crash, exit code ${exitCode}`);
  const isNothing = "attach" in target || exitCode === null || call.options["ignore-exit-code"];
  return isNothing ? NOTHING : systemCode(exitCode);
}

/** An exit code as this system can give it: none but 0 may become 0. */
function systemCode(code: number): number {
  if (Deno.build.os === "windows" || code === 0) return code | 0;
  for (let rest = code >>> 0; rest > 0; rest >>>= 8) if (rest & 0xff) return rest & 0xff;
  return NOTHING;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
