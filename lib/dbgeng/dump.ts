/**
 * Looks into a dump: what ended the program, its threads with their stacks, its modules. Runs on the thread that calls it.
 * @module
 */
import { HresultError } from "../com/hresult.ts";
import type { EngineEvent, EngineInfo, ModuleInfo, StackFrame, ThreadInfo } from "../session/engine.ts";
import { codeText, EngineError } from "../session/errors.ts";
import { type KernelReport, kernelReport } from "./kernel_report.ts";
import { threadIds } from "./thread/inspect.ts";
import { leaseEngine } from "./thread/lease.ts";
import { Lifeline, newSharedWords } from "./thread/lifeline.ts";
import { modules } from "./thread/modules.ts";
import { EngineObjects, readText } from "./thread/objects.ts";
import { OutputReceiver } from "./thread/output.ts";
import { closeDump, findImages, focusAny, isOfKernel, lastException, openFile } from "./thread/open_dump.ts";
import { stack } from "./thread/stack.ts";
import { LIST_THREADS, namesIn, thread } from "./thread/thread_names.ts";

/** What a dump tells. */
export interface DumpReport {
  /** The engine that read it. */
  readonly engine: EngineInfo;
  /** Of Windows itself: why it ended. There is no process, program and thread then, and the modules are drivers. */
  readonly kernel?: KernelReport;
  /** The process that it is of. */
  readonly processId: number;
  /** Path of its program. */
  readonly program: string;
  /** The exception that it was written for; null for one that was written of a running program. */
  readonly exception: Extract<EngineEvent, { type: "exception" }> | null;
  /** Its threads; the one of the exception, or else the first, stands first. */
  readonly threads: readonly (ThreadInfo & { readonly stack: readonly StackFrame[] })[];
  /** What it had loaded. */
  readonly modules: readonly ModuleInfo[];
}

/** How a dump is read. */
export interface DumpOptions {
  /** Folder of the engine's DLLs. */
  readonly engine?: string;
  /** Where symbols are looked for. */
  readonly symbolPath?: string;
  /** Where images are looked for before the places that they had. */
  readonly imagePath?: string;
  /** Frames of each stack. @default {64} */
  readonly frames?: number;
}

/**
 * Opens a dump, reads it and closes it again. Requires `--allow-ffi`.
 * @throws {EngineError} kind `failed` when it is no dump, or not there.
 */
export function readDump(path: string, options: DumpOptions = {}): DumpReport {
  using lease = leaseEngine(options.engine);
  using objects = new EngineObjects(lease.engine, options.symbolPath ?? "");
  openFile(objects, path);
  const frames = options.frames ?? 64;
  try {
    if (isOfKernel(objects)) return { engine: lease.engine.info, ...windowsReport(objects, frames) };
    const isThere = focusAny(objects);
    findImages(objects, options.imagePath ?? null);
    return { engine: lease.engine.info, ...report(objects, frames, isThere) };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const advice = "it is cut off or damaged; take a whole copy of it";
    throw new EngineError("failed", `Cannot read all of ${path}: ${advice}${codeText(error)}`, error);
  } finally {
    closeDump(objects);
  }
}

function windowsReport(objects: EngineObjects, frames: number): Omit<DumpReport, "engine"> {
  const kernel = kernelReport(objects, frames);
  return { kernel, processId: 0, program: "", exception: null, threads: [], modules: modules(objects) };
}

function report(objects: EngineObjects, frames: number, hasThread: boolean): Omit<DumpReport, "engine"> {
  const { system } = objects;
  const exception = lastException(objects);
  const first = hasThread ? exception?.threadId : undefined;
  const processId = system.GetCurrentProcessSystemId();
  const ids = threadIds(objects);
  const names = namesIn(ask(objects, LIST_THREADS), processId, ids);
  const all = ids.map((threadId, index) => thread(threadId, names[index]));
  all.sort(({ threadId: one }, { threadId: other }) => Number(other === first) - Number(one === first));
  const threads = all.map((each) => {
    system.SetCurrentThreadId(system.GetThreadIdBySystemId(each.threadId));
    if (each.threadId === first) scopeOfException(objects);
    return { ...each, stack: stack(objects, frames) };
  });
  return {
    processId,
    program: readText((buffer, size) => system.GetCurrentProcessExecutableNameWide(buffer, size)),
    exception,
    threads,
    modules: modules(objects),
  };
}

/** In a dump that a program wrote of itself, the thread stands in what wrote it; where the exception was is told beside that. */
function scopeOfException({ symbols }: EngineObjects): void {
  try {
    symbols.SetScopeFromStoredEvent();
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // it is not told: the thread's own place is the best guess
  }
}

/** Runs a command that only lists, and gives what it prints. */
function ask(objects: EngineObjects, command: string): string {
  const nowhere = { processId: 0, threadId: 0 };
  using output = new OutputReceiver(objects, () => false, () => nowhere, () => {}, new Lifeline(newSharedWords()));
  return output.execute(command);
}
