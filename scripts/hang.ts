/**
 * The hang finder: looks at the stacks of all threads again and again, and tells of those that are stuck.
 *
 *     deno run --allow-ffi scripts/hang.ts --attach=app.exe
 *     latch run --allow-attach=app.exe scripts/hang.ts --attach=app.exe
 *
 * @module
 */
import { AttachError, type DebugSession, type ModuleInfo, type Program, type StackFrame } from "../mod.ts";
import {
  type Call,
  COMMON_HELP,
  type DiagnosticOptions,
  type Finding,
  FOUND,
  type Frame,
  frameOf,
  frameText,
  hex,
  listOf,
  LONGEST,
  matches,
  NOTHING,
  numberOf,
  openSession,
  type OptionKinds,
  pause,
  runProgram,
  sourceText,
  targetOf,
  threadText,
  UsageError,
} from "./shared/diagnostic.ts";
import { isSystemPath, systemPlaces } from "./shared/places.ts";
import {
  compare,
  type OwnFrame,
  type Sample,
  type ThreadNames,
  type ThreadReport,
  type ThreadState,
} from "./shared/stacks.ts";

export type { DiagnosticOptions, Finding, Frame, ThreadReport, ThreadState };

/** What it can need. */
export const rights = ["--allow-attach"];

/** A thread that is stuck. */
export interface Hang extends Finding, ThreadReport {
  /** Id of the process. */
  readonly processId: number;
  /** File name of the program's image. */
  readonly program: string;
  /** How many samples agree. */
  readonly samples: number;
}

/** What was seen. */
export interface HangReport {
  /** The stuck threads. */
  readonly hangs: readonly Hang[];
  /** All threads that were there in every sample. */
  readonly threads: readonly ThreadReport[];
  /** How many samples were taken: fewer than asked for when the program ended meanwhile. */
  readonly samples: number;
}

/** How to look for hangs. */
export interface HangOptions extends DiagnosticOptions {
  /** How often to look, at least twice. @default {5} */
  readonly samples?: number;
  /** Milliseconds between two samples, in which the program runs. @default {1000} */
  readonly interval?: number;
  /** Whether nothing is held: stacks of busy threads may be wrong then. @default {false} */
  readonly noSuspend?: boolean;
  /** Whether threads that wait for an object in the program's own code count as stuck. @default {false} */
  readonly waits?: boolean;
  /** Functions that may be busy or wait: patterns such as `app!render*`. @default {none} */
  readonly ignore?: readonly string[];
}

const FRAMES = 128;
/** What stands for a module's name where code is in none. */
const NO_MODULE = "no module";
/** Programs whose JavaScript their own inspector tells of. */
const HAS_INSPECTOR = /^(node|deno)\.exe$/i;

/** Looks at a running process, by its id or its image's name; it is held only while its stacks are read. */
export async function findHangs(process: number | string, options: HangOptions = {}): Promise<HangReport> {
  const { samples: wanted = 5, interval = 1000, signal } = options;
  await using session = openSession(options);
  const samples: Sample[] = [];
  let names: ThreadNames = new Map();
  let target = process;
  let name = "";
  for (let index = 0; index < wanted && !signal?.aborted; index++) {
    if (index > 0) await pause(interval, signal);
    const sample = await look(session, target, options, index > 0);
    if (!sample) break;
    samples.push(sample.threads);
    ({ processId: target, name, names } = sample);
  }
  const threads = samples.length > 1 ? compare(samples, names) : [];
  const hangs = threads.filter((thread) => isStuck(thread, options)).map((thread): Hang => {
    const place = { processId: Number(target), program: name, samples: samples.length };
    return { type: "finding", diagnostic: "hang", title: titleOf(name, thread, samples.length), ...place, ...thread };
  });
  for (const hang of hangs) tell(hang, options);
  return { hangs, threads, samples: samples.length };
}

/** What is seen at one time. */
interface Look {
  readonly processId: number;
  readonly name: string;
  readonly threads: Sample;
  readonly names: ThreadNames;
}

/** Undefined when the program has gone since the last time. */
async function look(
  session: DebugSession,
  process: number | string,
  options: HangOptions,
  wasThere: boolean,
): Promise<Look | undefined> {
  let program: Program;
  try {
    program = await session.attach(process, { noninvasive: options.noSuspend ? "noSuspend" : true });
  } catch (error) {
    const hasGone = error instanceof AttachError && ["no-such-process", "exiting", "exited"].includes(error.kind);
    if (hasGone && wasThere) return undefined;
    throw error;
  }
  try {
    return { processId: program.pid, name: program.name, ...await readStacks(program) };
  } finally {
    await program.detach();
  }
}

async function readStacks(program: Program): Promise<Pick<Look, "threads" | "names">> {
  const modules = await program.modules();
  const isWine = await program.addressOf("ntdll!wine_get_version") !== null;
  const places = systemPlaces(modules.map(({ imageName }) => imageName), isWine);
  const own = modules.filter(({ imageName, base }) => base === program.image.base || !isSystemPath(places, imageName));
  const sample = new Map<number, readonly OwnFrame[]>();
  const names = new Map<number, string>();
  for (const thread of await program.threads()) {
    const stack = await thread.stack(FRAMES).catch(() => []); // a thread that is just ending has none
    sample.set(thread.threadId, stack.map((frame) => ownFrame(frame, own, modules)));
    if (thread.name !== undefined) names.set(thread.threadId, thread.name);
  }
  return { threads: sample, names };
}

function ownFrame(frame: StackFrame, own: readonly ModuleInfo[], all: readonly ModuleInfo[]): OwnFrame {
  const { address, stackAddress } = frame;
  const isIn = (modules: readonly ModuleInfo[]): boolean =>
    modules.some(({ base, size }) => address >= base && address < base + BigInt(size));
  return { ...frameOf(frame), isOwn: isIn(own), isOutside: !isIn(all), stackAddress };
}

function isStuck({ state, module, function: name }: ThreadReport, options: HangOptions): boolean {
  const { waits = false, ignore = [] } = options;
  if (state !== "lock" && state !== "busy" && !(state === "wait" && waits)) return false;
  return !ignore.some((pattern) => matches(pattern, module === null ? NO_MODULE : `${module}!${name}`));
}

function titleOf(program: string, thread: ThreadReport, samples: number): string {
  const { threadId, threadName, state, module, function: name, file, line, page } = thread;
  const what =
    { lock: "waits for a lock", busy: "is busy", wait: "waits", idle: "is idle", active: "is active" }[state];
  const source = file === null ? "" : ` (${sourceText(file, line)})`;
  const where = module === null ? "" : ` in ${name === null ? module : `${module}!${name}`}${source}`;
  const made = page === null ? "" : `${where && ","} in code of ${NO_MODULE} (page ${hex(page)})`;
  return `${program}: ${threadText(threadId, threadName)} ${what}${where}${made} in all ${samples} samples`;
}

function tell(hang: Hang, { found, print }: HangOptions): void {
  found?.(hang);
  print?.(hang.title);
  for (const frame of hang.stack) print?.(`    ${frameText(frame)}`);
  if (hang.page !== null && HAS_INSPECTOR.test(hang.program)) {
    print?.(`its JavaScript: latch attach ${hang.processId} --port v8`);
  }
}

const HELP = `Looks at the stacks of all threads of a process again and again, and tells of those that are stuck.

Usage: hang.ts [OPTIONS] --attach=PID|NAME

  --samples=N        how often to look (5)
  --interval=N       milliseconds between two samples, in which the program runs (1000)
  --no-suspend       never holds the program: stacks of busy threads may be wrong then
  --waits            threads that wait in the program's own code count as stuck too
  --ignore=PATTERN,… functions that may take long, for example app!render*
${COMMON_HELP}

Stuck is a thread that in all samples waits for a critical section or a lock at the same place, or that was on a
processor in the same of the program's own functions. Threads that wait for an object (an event, another thread) in
their own code do so lawfully more often than not: they count with --waits only. Sleeping, waiting for messages and
waiting inside of the system, as the threads of pools do, is idle. Code that a program makes while it runs is in no
module: a thread that computes there in all samples is busy, and its page is told (--ignore="no module" passes over
it). A function that lawfully computes longer than the samples take looks stuck: raise --interval, or use --ignore.
Exit code: 0 nothing is stuck, 1 something is, 2 if it could not be looked.`;

/** The same as a program: gives the exit code. */
export function main(args: readonly string[]): Promise<number> {
  const options: OptionKinds = {
    ...{ samples: "value", interval: "value", "no-suspend": "flag", waits: "flag", ignore: "value" },
  };
  return runProgram({ help: HELP, options, run }, args);
}

async function run(call: Call): Promise<number> {
  const target = targetOf(call);
  if (!("attach" in target)) throw new UsageError("A hang is looked for in a process that runs: --attach=PID|NAME");
  const { hangs, threads, samples } = await findHangs(target.attach, {
    ...call.common,
    samples: Math.floor(numberOf(call, "samples", 5, 2)),
    interval: numberOf(call, "interval", 1000, 0, LONGEST),
    noSuspend: call.options["no-suspend"] === true,
    waits: call.options["waits"] === true,
    ignore: listOf(call, "ignore"),
  });
  for (const thread of threads) call.emit({ type: "thread", ...thread });
  call.emit({ type: "end", samples, hangs: hangs.length });
  if (hangs.length > 0) return FOUND;
  const counts = Object.entries(Object.groupBy(threads, ({ state }) => state));
  const text = counts.map(([state, list]) => `${list?.length} ${state}`).join(", ");
  call.common.print?.(samples < 2 ? "it ended before it could be compared" : `nothing is stuck: ${text}`);
  return NOTHING;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
