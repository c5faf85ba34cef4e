/**
 * Looks into a dump: what ended the program, its threads with their stacks, its modules. Runs on the thread that calls it.
 * @module
 */
import { StructView } from "../com/struct_view.ts";
import { HresultError } from "../com/hresult.ts";
import type { EngineEvent, EngineInfo, ModuleInfo, StackFrame, ThreadInfo } from "../session/engine.ts";
import { codeText, EngineError } from "../session/errors.ts";
import { DEBUG_END_ACTIVE_DETACH, DEBUG_EVENT_EXCEPTION } from "./generated/constants.ts";
import { DEBUG_LAST_EVENT_INFO_EXCEPTION, EXCEPTION_RECORD64 } from "./generated/structs.ts";
import { isOfKernel, type KernelReport, kernelReport } from "./kernel_report.ts";
import { threadIds } from "./thread/inspect.ts";
import { leaseEngine } from "./thread/lease.ts";
import { Lifeline, newSharedWords } from "./thread/lifeline.ts";
import { modules } from "./thread/modules.ts";
import { EngineObjects, readText } from "./thread/objects.ts";
import { OutputReceiver } from "./thread/output.ts";
import { exceptionEvent } from "./thread/records.ts";
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

const SECONDS = 60_000;

/**
 * Opens a dump, reads it and closes it again. Requires `--allow-ffi`.
 * @throws {EngineError} kind `failed` when it is no dump, or not there.
 */
export function readDump(path: string, options: DumpOptions = {}): DumpReport {
  using lease = leaseEngine(options.engine);
  using objects = new EngineObjects(lease.engine, options.symbolPath ?? "");
  open(objects, path);
  const frames = options.frames ?? 64;
  try {
    if (isOfKernel(objects)) return { engine: lease.engine.info, ...windowsReport(objects, frames) };
    const isThere = focusAny(objects);
    findImages(objects, options.imagePath);
    return { engine: lease.engine.info, ...report(objects, frames, isThere) };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const advice = "it is cut off or damaged; take a whole copy of it";
    throw new EngineError("failed", `Cannot read all of ${path}: ${advice}${codeText(error)}`, error);
  } finally {
    objects.client.EndSession(DEBUG_END_ACTIVE_DETACH);
  }
}

function windowsReport(objects: EngineObjects, frames: number): Omit<DumpReport, "engine"> {
  const kernel = kernelReport(objects, frames);
  return { kernel, processId: 0, program: "", exception: null, threads: [], modules: modules(objects) };
}

function open({ client, control }: EngineObjects, path: string): void {
  try {
    client.OpenDumpFileWide(path, 0n);
    control.WaitForEvent(0, SECONDS);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const advice = "it is not there, or it is no dump; give the path of a .dmp file";
    throw new EngineError("failed", `Cannot open the dump ${path}: ${advice}${codeText(error)}`, error);
  }
}

/**
 * Sees to it that there is a current thread: the engine has none where the exception names one that is not in the dump. Whether it had.
 */
function focusAny({ system }: EngineObjects): boolean {
  try {
    system.GetCurrentThreadSystemId();
    return true;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const ids = new Uint32Array(1);
    system.GetProcessIdsByIndex(0, 1, ids, null);
    system.SetCurrentProcessId(ids[0] ?? 0);
    system.GetThreadIdsByIndex(0, 1, ids, null);
    system.SetCurrentThreadId(ids[0] ?? 0);
    return false;
  }
}

/**
 * A small dump has no code in it, without which no stack can be walked: the engine has to find the images. Those that the dump was
 * made with lie where they lay, on this machine; a path on the network is left alone, since a dump can name any.
 */
function findImages(objects: EngineObjects, first?: string): void {
  const folders = modules(objects).map(({ imageName }) => /^([A-Za-z]:\\.*)\\[^\\]*$/.exec(imageName)?.[1]);
  const local = new Set(folders.filter((folder) => folder !== undefined));
  objects.symbols.AppendImagePathWide([...(first === undefined ? [] : [first]), ...local].join(";"));
  objects.symbols.ReloadWide("");
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

/** The exception that the dump was written for. The engine also makes one up, for dumps without: a breakpoint that never was. */
function lastException(objects: EngineObjects): DumpReport["exception"] {
  const { control, system } = objects;
  const bytes = new Uint8Array(DEBUG_LAST_EVENT_INFO_EXCEPTION.size);
  const { Type } = control.GetLastEventInformationWide(bytes, bytes.length, null, 0);
  if (Type !== DEBUG_EVENT_EXCEPTION) return null;
  const record = new StructView(EXCEPTION_RECORD64, bytes);
  const code = record.get("ExceptionCode");
  if (MADE_UP.includes(code) && record.get("ExceptionAddress") === 0n) return null;
  const firstChance = new StructView(DEBUG_LAST_EVENT_INFO_EXCEPTION, bytes).get("FirstChance") !== 0;
  const place = { processId: system.GetCurrentProcessSystemId(), threadId: system.GetCurrentThreadSystemId() };
  const event = exceptionEvent(objects, record, code, firstChance, place);
  return event.type === "exception" ? event : null;
}

/** STATUS_BREAKPOINT and STATUS_WAKE_SYSTEM_DEBUGGER. */
const MADE_UP = [0x80000003, 0x80000007];
