/** Opening a dump, and what is known of it from then on. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { I386, MACHINES } from "../../files/machines.ts";
import type { Architecture } from "../../session/architecture.ts";
import type { DumpRecord, ThreadInfo } from "../../session/engine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import {
  DEBUG_CLASS_IMAGE_FILE,
  DEBUG_CLASS_KERNEL,
  DEBUG_DUMP_IMAGE_FILE,
  DEBUG_END_ACTIVE_DETACH,
  DEBUG_EVENT_EXCEPTION,
} from "../generated/constants.ts";
import { DEBUG_LAST_EVENT_INFO_EXCEPTION, EXCEPTION_RECORD64 } from "../generated/structs.ts";
import { named } from "./dump_system.ts";
import { threadIds } from "./inspect.ts";
import { modules } from "./modules.ts";
import { type EngineObjects, readText } from "./objects.ts";
import { exceptionEvent } from "./records.ts";
import { storedContext } from "./scopes.ts";
import { LIST_THREADS, namesIn, thread } from "./thread_names.ts";

const SECONDS = 60_000;

/** A dump that the engine has open, as its only program. */
export interface OpenDump {
  readonly record: DumpRecord;
  /** The registers at the exception, where its thread stands somewhere else: in what wrote the dump. */
  readonly context: Uint8Array<ArrayBuffer> | undefined;
}

/** Opens a dump of a program. @throws {EngineError} kind `failed` where it is none, `not-supported` for one of Windows itself. */
export function openDump(objects: EngineObjects, path: string, imagePath: string | null): OpenDump {
  openFile(objects, path);
  try {
    if (isOfKernel(objects)) {
      const advice = "it is one of Windows itself, not of a program; `latch dump show` tells what it says";
      throw new EngineError("not-supported", `Cannot open the dump ${path}: ${advice}`);
    }
    if (isImage(objects)) {
      throw new EngineError("failed", `Cannot open the dump ${path}: it is a program or DLL; give a dump of it`);
    }
    const isThere = focusAny(objects);
    findImages(objects, imagePath);
    return dumpOf(objects, isThere);
  } catch (error) {
    closeDump(objects);
    if (!(error instanceof HresultError)) throw error;
    const advice = "it is cut off or damaged; take a whole copy of it";
    throw new EngineError("failed", `Cannot open the dump ${path}: ${advice}${codeText(error)}`, error);
  }
}

function dumpOf(objects: EngineObjects, isThere: boolean): OpenDump {
  const { system } = objects;
  const processId = system.GetCurrentProcessSystemId();
  const architecture = useProcessor(objects, processId);
  const exception = lastException(objects);
  const program = readText((buffer, size) => system.GetCurrentProcessExecutableNameWide(buffer, size));
  const record = {
    processId,
    threadId: system.GetCurrentThreadSystemId(),
    program,
    exception: named(objects, exception),
    architecture,
  };
  return { record, context: isThere && exception ? storedContext(objects) : undefined };
}

/** Has the engine open the file, and take it for its program. @throws {EngineError} kind `failed` */
export function openFile({ client, control }: EngineObjects, path: string): void {
  try {
    client.OpenDumpFileWide(path, 0n);
    control.WaitForEvent(0, SECONDS);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const advice = "it is not there, or it is no dump; give the path of a .dmp file";
    throw new EngineError("failed", `Cannot open the dump ${path}: ${advice}${codeText(error)}`, error);
  }
}

/** The engine has no program any more. */
export function closeDump({ client }: EngineObjects): void {
  client.EndSession(DEBUG_END_ACTIVE_DETACH);
}

/** Whether it is one of Windows itself. */
export function isOfKernel({ control }: EngineObjects): boolean {
  return control.GetDebuggeeType().Class === DEBUG_CLASS_KERNEL;
}

/** Whether it is no dump, but a program or DLL, which the engine opens as if it had been loaded. */
function isImage({ control }: EngineObjects): boolean {
  const { Class, Qualifier } = control.GetDebuggeeType();
  return Class === DEBUG_CLASS_IMAGE_FILE || Qualifier === DEBUG_DUMP_IMAGE_FILE;
}

/**
 * Sees to it that there is a current thread: the engine has none where the exception names one that is not in the dump. Whether it had.
 */
export function focusAny({ system }: EngineObjects): boolean {
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
export function findImages(objects: EngineObjects, first: string | null): void {
  const folders = modules(objects).map(({ imageName }) => /^([A-Za-z]:\\.*)\\[^\\]*$/.exec(imageName)?.[1]);
  const local = new Set(folders.filter((folder) => folder !== undefined));
  objects.symbols.AppendImagePathWide([...(first === null ? [] : [first]), ...local].join(";"));
  objects.symbols.ReloadWide("");
}

/** What the program was compiled for, by whose processor it is looked into: a 64-bit debugger's dump of a 32-bit one is of both. */
function useProcessor(objects: EngineObjects, processId: number): Architecture | undefined {
  const { control, machines } = objects;
  const actual = control.GetActualProcessorType();
  const isWow = actual !== I386 && modules(objects).some(({ name }) => name.toLowerCase() === "wow64");
  if (isWow) {
    machines.set(processId, I386);
    control.SetEffectiveProcessorType(I386);
  }
  return MACHINES[isWow ? I386 : actual];
}

/** The threads in a dump, with their names: no process has these ids any more, or another one. */
export function threadsOf(
  objects: EngineObjects,
  { record: { processId } }: OpenDump,
  ask: (command: string) => string,
): ThreadInfo[] {
  const ids = threadIds(objects);
  const names = namesIn(ask(LIST_THREADS), processId, ids);
  return ids.map((threadId, index) => thread(threadId, names[index]));
}

/** The exception that the dump was written for. The engine also makes one up, for dumps without: a breakpoint that never was. */
export function lastException(objects: EngineObjects): DumpRecord["exception"] {
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
