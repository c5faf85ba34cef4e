/**
 * The crash catcher: launches a program, or attaches to one, and tells of the exception that it dies of.
 *
 *     deno run --allow-ffi scripts/crash.ts --dump=C:\dumps app.exe
 *     latch run --allow-launch=app.exe scripts/crash.ts app.exe
 *
 * @module
 */
import type { DebugEventMap, DebugSession, DumpType, Program } from "../mod.ts";
import { CrashWatch, isError, type SeenCrash } from "../lib/dbgeng/crash_watch.ts";
import { KeptDumps } from "../lib/dbgeng/kept_dumps.ts";
import { type Crash, crashOf, type Dumped, FRAMES, type Raised, raisedOf, titleOf } from "./shared/crashes.ts";
import {
  type Call,
  codeText,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  type Frame,
  frameText,
  limitOf,
  NOTHING,
  openSession,
  openTarget,
  type OptionKinds,
  runProgram,
  runToEnd,
  type Target,
  targetOf,
  UsageError,
} from "./shared/diagnostic.ts";

export type { Crash, DiagnosticOptions, Dumped, Finding, Frame, Raised, Target };

/** What it can need. */
export const rights = [
  "--allow-launch",
  "--allow-attach",
  "--allow-dump",
  // To look at what a program does where it ends itself.
  "--allow-execute=bp ntdll!NtTerminateProcess,bp ntdll!NtTerminateThread,r,.fnent,dd",
];

/** What was seen of a program. */
export interface CrashReport {
  /** The crashes; none for a healthy program. */
  readonly crashes: readonly Crash[];
  /** First chances, one for each place, if they were asked for: a program may well handle all of them. */
  readonly firstChances: readonly Raised[];
  /** The program's exit code; undefined when it was left before its end. */
  readonly exitCode: number | undefined;
  /** Why the program could not be looked at where it ends itself, where that is so: some crashes are not seen then. */
  readonly blind?: string;
}

/** How to look for crashes. */
export interface CrashOptions extends DiagnosticOptions {
  /** Folder for dumps, on the machine where the engine runs. @default {none are written} */
  readonly dump?: string;
  /** What they contain. @default {"mini"} */
  readonly dumpType?: DumpType;
  /** Whether first chances are told: `errors` leaves out what programs use for other things. @default {false} */
  readonly firstChance?: false | "errors" | "all";
  /** Whether each end with a code that is not 0 is told and dumped, with the stack of the thread that ended it. @default {false} */
  readonly exitCode?: boolean;
  /** Whether processes that the program starts are watched too. @default {false} */
  readonly children?: boolean;
}

/** Ended by Ctrl-C, or by the one who debugs it. */
const NO_CRASH_CODES = new Set([0xc000013a]);

/** What marks the file of an error that may turn out to be the crash. */
const AHEAD = ".first-chance";

/** Runs a program to its end and tells what it crashed of, if it did. */
export async function catchCrash(target: Target, options: CrashOptions = {}): Promise<CrashReport> {
  await using session = openSession(options);
  const watch = new Watch(session, options);
  const { signal, children } = options;
  const program = await openTarget(session, target, { signal, children: children ? "follow" : "ignore" });
  await runToEnd(session, signal);
  const blind = watch.blindness(program);
  return {
    ...{ crashes: watch.crashes, firstChances: watch.firstChances, exitCode: program.end?.exitCode },
    ...(blind === undefined ? {} : { blind }),
  };
}

/** What happens to the programs of one session. */
class Watch {
  readonly crashes: Crash[] = [];
  readonly firstChances: (Raised & Dumped)[] = [];
  readonly #options: CrashOptions;
  readonly #ends: CrashWatch;
  /** Places of first chances that were told. */
  readonly #places = new Set<string>();
  /** Programs whose crash was told. */
  readonly #crashed = new Set<Program>();
  /** Exit codes of those: who started them may pass theirs on. */
  readonly #codes = new Set<number>();
  /** Of errors that may turn out to be crashes. */
  readonly #kept = new KeptDumps();

  constructor(session: DebugSession, options: CrashOptions) {
    this.#options = options;
    session.on("exception", (event) => this.#exception(event));
    this.#ends = new CrashWatch(session, {
      exitCodes: options.exitCode ?? false,
      crash: (seen) => this.#crash(seen),
      ...(options.dump === undefined ? {} : { error: (event) => this.#keep(event) }),
    });
    session.on("programDestroy", (event) => this.#end(event));
  }

  /** Why the ends of a program could not be looked at. */
  blindness(program: Program): string | undefined {
    return this.#ends.blind.get(program);
  }

  /** The program's own handlers get it in any case, as without a debugger. */
  async #exception(event: DebugEventMap["exception"]): Promise<"goNotHandled"> {
    if (event.firstChance) await this.#firstChance(event);
    return "goNotHandled";
  }

  /** A program that ended with the code of an error was ended for it, also if no exception told of that. */
  #end({ program, exitCode, cause }: DebugEventMap["programDestroy"]): void {
    if (this.#kept.take(program)) this.#options.print?.(`handled, and a dump of it: ${this.#fileOf(program, AHEAD)}`);
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

  async #firstChance(event: DebugEventMap["exception"]): Promise<void> {
    const { firstChance = false } = this.#options;
    if (!(firstChance === "all" || (firstChance === "errors" && isError(event.code)))) return;
    const key = `${event.processId} ${event.code} ${event.address}`;
    if (this.#places.has(key)) return;
    this.#places.add(key);
    const raised = await raisedOf(event, await event.program.thread(event.threadId).stack(FRAMES));
    this.firstChances.push(raised);
    this.#print(`first chance: ${titleOf(raised, "raised")}`, raised.stack);
  }

  async #keep(event: DebugEventMap["exception"]): Promise<void> {
    const { program, name } = event;
    await this.#kept.keep(event, async () => {
      const { dumpError } = await this.#dump(program, `first chance of ${name}`, AHEAD);
      if (dumpError !== undefined) throw new Error(dumpError);
    }).catch(() => {}); // the crash will say why there is none
  }

  async #crash(seen: SeenCrash): Promise<void> {
    const { program, exception } = seen;
    this.#crashed.add(program);
    const crash = await crashOf(seen);
    this.#print(crash.title, crash.stack ?? []);
    const isKept = exception?.firstChance === true && this.#kept.isOf(exception);
    this.#kept.take(program);
    const dumped = isKept ? { dump: this.#fileOf(program, AHEAD) } : await this.#dump(program, crash.title);
    if (dumped.dump !== undefined) this.#options.print?.(`dump: ${dumped.dump}`);
    if (dumped.dumpError !== undefined) this.#options.print?.(`no dump: ${dumped.dumpError}`);
    this.#found({ ...crash, ...dumped });
  }

  #found(crash: Crash): void {
    this.crashes.push(crash);
    this.#options.found?.(crash);
  }

  #fileOf({ name, pid }: Program, mark: string): string {
    const { dump: folder = "" } = this.#options;
    return `${folder.replace(/[\\/]+$/, "")}${separatorOf(folder)}${name}.${pid}${mark}.dmp`;
  }

  async #dump(program: Program, comment: string, mark = ""): Promise<Dumped> {
    const { dump: folder, dumpType: type = "mini" } = this.#options;
    if (folder === undefined) return {};
    const dump = this.#fileOf(program, mark);
    try {
      await program.writeDump(dump, { type, comment });
      return { dump };
    } catch (error) {
      return { dumpError: error instanceof Error ? error.message : String(error) };
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

const HELP = `Launches a program, or attaches to one, and tells of the exception that it crashes of, with its stack.

Usage: crash.ts [OPTIONS] [--] PROGRAM [ARGUMENTS]
       crash.ts [OPTIONS] --attach=PID|NAME

  --dump=FOLDER      writes a dump at the crash; of an error that may turn out to be one (PID.first-chance.dmp) at once
  --dump-type=TYPE   mini (stacks and modules, the default) or full (all memory)
  --first-chance     also tells of errors that the program may handle itself, each place once
  --all-chances      the same with C++ and .NET exceptions, debug strings and names of threads
  --exit-code        also tells of each end with a code that is not 0, with the stack of the thread that ended it
  --children         also watches the processes that it starts
  --ignore-exit-code ends with 0 without a crash, whatever the program ends with
  --directory=FOLDER working folder of the program
  --seconds=N        leaves after that time: what was launched is ended, what was attached to runs on
${COMMON_HELP}

A crash is an exception that nobody took (second chance); an error whose thread ends the program, or itself, from
inside of the handler; abort and what ends like it; an end with an error's code (0xc0000000 and above).
Exit code: 1 after a crash; otherwise the launched program's own, 0 after an attach, 2 if it could not be looked.
With --json the last line, "type": "end", tells these apart. Where exit codes have eight bits: their lowest byte
that is not 0.`;

/** The same as a program: gives the exit code. */
export function main(args: readonly string[]): Promise<number> {
  const options: OptionKinds = {
    ...{ dump: "value", "dump-type": "value", "first-chance": "flag", "all-chances": "flag" },
    ...{ "exit-code": "flag", children: "flag", "ignore-exit-code": "flag", directory: "value", seconds: "value" },
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
    exitCode: call.options["exit-code"] === true,
    children: call.options["children"] === true,
  });
  for (const raised of report.firstChances) call.emit({ type: "firstChance", ...raised });
  const { exitCode = null } = report;
  call.emit({ type: "end", exitCode, crashes: report.crashes.length });
  if (report.crashes.length > 0) return FOUND;
  call.common.print?.(outcome(report));
  const isNothing = "attach" in target || exitCode === null || call.options["ignore-exit-code"];
  return isNothing ? NOTHING : systemCode(exitCode);
}

/** "no crash" is said of what ran through. */
function outcome({ exitCode, blind }: CrashReport): string {
  if (exitCode === undefined) return "no crash so far";
  if (blind === undefined || exitCode === 0) return `no crash, exit code ${exitCode}`;
  return `exit code ${exitCode}; whether it gave up is not known: ${blind}`;
}

/** An exit code as this system can give it: none but 0 may become 0. */
function systemCode(code: number): number {
  if (Deno.build.os === "windows" || code === 0) return code | 0;
  for (let rest = code >>> 0; rest > 0; rest >>>= 8) if (rest & 0xff) return rest & 0xff;
  return NOTHING;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
