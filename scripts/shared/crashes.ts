/**
 * What is told of a crash, and of an exception.
 * @module
 */
import type { DebugEventMap, ModuleInfo, StackFrame, ThreadInfo } from "../../mod.ts";
import { GO_PANICS } from "../../lib/cli/go_ends.ts";
import { ABORTS, type SeenCrash } from "../../lib/dbgeng/crash_watch.ts";
import { codeText, type Finding, type Frame, frameOf, hex, sourceText, threadText } from "./diagnostic.ts";

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

/** What was written of it, or why not. */
export interface Dumped {
  /** File of the dump. */
  readonly dump?: string;
  /** Why there is no dump. */
  readonly dumpError?: string;
}

/**
 * A crash: an exception that nobody took or that the program ended of by itself; `abort` and what ends like it; an end with the code of an
 * error, or, where these are asked for, with any that is not 0.
 */
export interface Crash extends Finding, Partial<Raised>, Dumped {
  /** How it is known. */
  readonly kind: "exception" | "abort" | "exit-code";
  /** The code that the program, or the thread, ended itself with. */
  readonly exitCode?: number;
}

const ACCESS: Readonly<Record<string, string>> = { 0: "reading from", 1: "writing to", 8: "executing" };
const ACCESS_VIOLATION = 0xc0000005;

/** A stack, and of its program what is told with it. */
export interface Surroundings {
  readonly stack: readonly StackFrame[];
  readonly modules: readonly ModuleInfo[];
  readonly threads: readonly ThreadInfo[];
}

/** An exception with the stack that it was raised on. */
export function raisedOf(event: DebugEventMap["exception"], { modules, threads, ...at }: Surroundings): Raised {
  const { program, processId, threadId, code, name, address, parameters } = event;
  const inside = ({ base, size }: { base: bigint; size: number }): boolean =>
    address >= base && address < base + BigInt(size);
  const stack = at.stack.map(frameOf);
  const faultModule = modules.find(inside)?.name ?? (modules.length > 0 ? null : stack[0]?.module ?? null);
  const [access, where] = parameters;
  const accessed = code === ACCESS_VIOLATION && access !== undefined && where !== undefined
    ? `${ACCESS[String(access)] ?? "accessing"} ${hex(where)}`
    : "";
  return {
    ...{ processId, threadId, threadName: nameIn(threads, threadId), program: program.name },
    ...{ code, name, address, details: event.details ?? accessed, faultModule, ...placeIn(stack), stack },
  };
}

/** What is told of a crash that was seen. */
export async function crashOf(seen: SeenCrash): Promise<Crash> {
  const { exitCode } = seen;
  const ended = exitCode === undefined ? {} : { exitCode };
  if (seen.exception) {
    const raised = raisedOf(seen.exception, await surroundingsOf(seen));
    const how = seen.isOver
      ? "; its thread ended of it without another word"
      : exitCode === undefined
      ? ""
      : `; it ended itself with code ${codeText(exitCode)}`;
    const title = titleOf(raised, "crashed of") + how;
    return { type: "finding", diagnostic: "crash", title, kind: "exception", ...ended, ...raised };
  }
  const { program, threadId, kind } = seen;
  const code = exitCode ?? 0;
  const stack = seen.stack.map(frameOf);
  const gaveUp = (symbol: string): boolean => ABORTS.test(symbol) || GO_PANICS.test(symbol);
  const guilty = stack.slice(1 + seen.stack.findLastIndex(({ symbol }) => gaveUp(symbol ?? "")));
  const place = placeIn(guilty, kind === "abort");
  const verb = kind === "abort" ? "gave up by abort" : "ended itself";
  const name = nameIn((await surroundingsOf(seen)).threads, threadId);
  const where = `${placeText(place)}${name === null ? "" : `, ${threadText(threadId, name)}`}`;
  const title = `${program.name} (${program.pid}) ${verb}${where}, exit code ${codeText(code)}`;
  const raised = { processId: program.pid, threadId, threadName: name, program: program.name, code, ...place, stack };
  return { type: "finding", diagnostic: "crash", title, kind, ...ended, ...raised };
}

/** One line of an exception. */
export function titleOf(raised: Raised, verb: string): string {
  const { program, processId, name, details, faultModule, module, function: at, address } = raised;
  const fault = faultModule === module && at !== null ? "" : ` at ${hex(address)} in ${faultModule ?? "no module"},`;
  const title = `${program} (${processId}) ${verb} ${name}${details && `, ${details},`}${fault}${placeText(raised)}`;
  const thread = raised.threadName === null ? "" : `, ${threadText(raised.threadId, raised.threadName)}`;
  return title.replace(/,$/, "") + thread;
}

type Place = Pick<Raised, "module" | "function" | "file" | "line">;

function placeText({ module, function: at, file, line }: Place): string {
  const where = at === null ? "" : ` in ${module ?? "?"}!${at}`;
  return where + (file === null ? "" : ` (${sourceText(file, line)})`);
}

/** `named`: where no frame has a source line, the innermost with a name is the place. */
function placeIn(stack: readonly Frame[], named = true): Place {
  const place = stack.find(({ file }) => file !== null) ??
    (named ? stack.find((frame) => frame.function !== null) : undefined);
  return {
    ...{ module: place?.module ?? null, function: place?.function ?? null },
    ...{ file: place?.file ?? null, line: place?.line ?? null },
  };
}

/** Of a process that ends there may be nothing more to ask. */
async function surroundingsOf({ program, threadId, stack, modules, threads }: SeenCrash): Promise<Surroundings> {
  if (modules && threads) return { stack, modules, threads };
  const report = await program.thread(threadId).report({ modules: true, threads: true }).catch(() => undefined);
  return { stack, modules: report?.modules ?? [], threads: report?.threads ?? [] };
}

function nameIn(threads: readonly ThreadInfo[], threadId: number): string | null {
  return threads.find((thread) => thread.threadId === threadId)?.name ?? null;
}
