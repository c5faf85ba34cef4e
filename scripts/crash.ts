/**
 * The crash catcher: launches a program, or attaches to one, and tells of the exception that it dies of.
 *
 *     deno run --allow-ffi scripts/crash.ts --dump=C:\dumps app.exe
 *     latch run --allow-launch=app.exe scripts/crash.ts app.exe
 *
 * @module
 */
import { folderFault } from "../lib/cli/dump_place.ts";
import { chooseExceptions, DUMP_LIMIT } from "../lib/dbgeng/exception_choice.ts";
import { type CrashOptions, type CrashReport, Watch } from "./shared/crash_watch.ts";
import type { Crash, Dumped, Raised } from "./shared/crashes.ts";
import {
  type Call,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  type Frame,
  limitOf,
  listOf,
  NOTHING,
  numberOf,
  openSession,
  openTarget,
  type OptionKinds,
  runProgram,
  runToEnd,
  type Target,
  targetOf,
  UsageError,
} from "./shared/diagnostic.ts";

export type { Crash, CrashOptions, CrashReport, DiagnosticOptions, Dumped, Finding, Frame, Raised, Target };

/** What it can need. */
export const rights = [
  "--allow-launch",
  "--allow-attach",
  "--allow-dump",
  // To look at what a program does where it ends itself.
  "--allow-execute=bp ntdll!NtTerminateProcess,bp ntdll!NtTerminateThread,r,.fnent,dd,s,da",
];

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

const HELP = `Launches a program, or attaches to one, and tells of the exception that it crashes of, with its stack.

Usage: crash.ts [OPTIONS] [--] PROGRAM [ARGUMENTS]
       crash.ts [OPTIONS] --attach=PID|NAME

  --dump=FOLDER      writes a dump at the crash; of an error that may turn out to be one (PID.first-chance.dmp) at once
  --dump-type=TYPE   mini (stacks and modules, the default) or full (all memory)
  --first-chance     also tells of errors that the program may handle itself, each place once
  --first-chance=CODE|NAME,…  tells of each first chance of these exceptions, for example 0xC0000005 or C++ exception,
                     and with --dump dumps it (PROGRAM.PID.N.dmp)
  --limit=N          how many of these (${DUMP_LIMIT})
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
    ...{ dump: "value", "dump-type": "value", "first-chance": "maybe", limit: "value", "all-chances": "flag" },
    ...{ "exit-code": "flag", children: "flag", "ignore-exit-code": "flag", directory: "value", seconds: "value" },
  };
  return runProgram({ help: HELP, options, run }, args);
}

async function run(call: Call): Promise<number> {
  const { dump, "dump-type": dumpType = "mini" } = call.options;
  if (dumpType !== "mini" && dumpType !== "full") {
    throw new UsageError(`--dump-type=${dumpType} is neither mini nor full`);
  }
  if (typeof dump === "string") requireFolder(dump);
  const target = targetOf(call);
  const report = await catchCrash(target, {
    ...call.common,
    ...limitOf(call),
    ...(typeof dump === "string" ? { dump, dumpType } : {}),
    firstChance: firstChanceOf(call),
    limit: Math.floor(numberOf(call, "limit", DUMP_LIMIT, 1)),
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

/** At the crash it would be too late to name another one. */
function requireFolder(folder: string): void {
  if (folder === "") throw new UsageError("--dump= names no folder");
  const fault = folderFault(folder);
  if (fault !== undefined) throw new Error(`Cannot write dumps: ${fault}`);
}

function firstChanceOf(call: Call): NonNullable<CrashOptions["firstChance"]> {
  const { "first-chance": given, "all-chances": all, limit } = call.options;
  if (limit !== undefined && typeof given !== "string") {
    throw new UsageError("--limit is of --first-chance=CODE|NAME,…");
  }
  if (typeof given !== "string") return all ? "all" : given === true && "errors";
  if (all) throw new UsageError("--all-chances and --first-chance=CODE|NAME,… do not go together");
  const words = listOf(call, "first-chance");
  try {
    chooseExceptions(words);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  return words;
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
