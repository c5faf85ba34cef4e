import { HresultError } from "../../com/hresult.ts";
import type { EngineAttach } from "../engine_api.ts";
import type { EngineEvent, ModuleInfo } from "../../session/engine.ts";
import { AttachError } from "../../session/errors.ts";
import { threadIds } from "./inspect.ts";
import { modules } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";
import { resumeAbandoned } from "./suspension.ts";

/** Where the PEB of a 64-bit process holds the address of its image. */
const PEB_IMAGE_BASE = 0x10n;

/** How a process is looked at: see the option `noninvasive`. */
export type Observation = true | "noSuspend";

/**
 * Processes that come without a create-process callback: those that are only looked at (noninvasive), and those that a debugger
 * had abandoned (existing). All that the engine tells is an exception that none raised (0x80000007).
 */
export class Unannounced {
  #awaited: EngineAttach | undefined;
  readonly #observed = new Map<number, Observation>();
  /** Folders that were added to the symbol path. */
  readonly #symbolFolders = new Set<string>();

  /** An attach was asked for; undefined when there will be none. */
  expect(request: EngineAttach | undefined): void {
    this.#awaited = request?.noninvasive || request?.existing ? request : undefined;
  }

  /** Whether this process is about to come. */
  awaits(processId: number): boolean {
    return this.#awaited?.processId === processId;
  }

  /** Whether what is about to come is one of this machine's. */
  get isHere(): boolean {
    return this.#awaited?.server === 0n;
  }

  /** Whether a process is only looked at. */
  isObserved(processId: number): boolean {
    return this.#observed.has(processId);
  }

  /** How the processes are looked at: all of them in one way, see {@linkcode refuseMixture}. */
  get observation(): Observation | false {
    return this.#observed.values().next().value ?? false;
  }

  /** A process is not there any more. */
  forget(processId: number): void {
    this.#observed.delete(processId);
  }

  /** The event of the awaited process, once it is the engine's current one. */
  take(objects: EngineObjects): (EngineEvent & { readonly type: "createProcess" }) | undefined {
    const request = this.#awaited;
    if (!request || objects.currentProcess() !== request.processId) return undefined;
    this.#awaited = undefined;
    const { processId, noninvasive } = request;
    const list = modules(objects);
    if (noninvasive) {
      this.#observed.set(processId, noninvasive);
      this.#lookBeside(objects, list);
    } else {
      resumeAbandoned(threadIds(objects));
    }
    const threadId = objects.system.GetCurrentThreadSystemId();
    return { type: "createProcess", processId, threadId, module: imageOf(objects, list), startAddress: 0n };
  }

  /** Symbols beside the images: the engine finds those of programs that it debugs by itself, but not of others. */
  #lookBeside({ symbols }: EngineObjects, list: readonly ModuleInfo[]): void {
    for (const { imageName } of list) {
      const folder = /^(.+)[\\/]/.exec(imageName)?.[1]?.toLowerCase();
      if (folder === undefined || folder.includes(";") || this.#symbolFolders.has(folder)) continue;
      this.#symbolFolders.add(folder);
      symbols.AppendSymbolPathWide(folder);
    }
  }
}

/**
 * Programs that run, programs that are only looked at, and those that are not even suspended for that: refuses what differs
 * from those that are there. The engine resumes observed programs with others, breaks into them to interrupt others, and leaves
 * them suspended when it lets them go.
 */
export function refuseMixture(action: string, present: Observation | false, next: boolean | "noSuspend"): void {
  if (present === next) return;
  const what = present === false
    ? "programs that are not noninvasive"
    : `programs that are noninvasive${present === true ? "" : ': "noSuspend"'}`;
  throw new AttachError("not-supported", `Cannot ${action}: the session has ${what}; let these go first`);
}

/** The image of the current process among its modules. */
function imageOf(objects: EngineObjects, list: readonly ModuleInfo[]): ModuleInfo {
  const start = imageBase(objects);
  const image = list.find(({ base }) => base === start) ?? list[0];
  return image ?? { name: "", imageName: "", base: start, size: 0, checksum: 0, timestamp: 0 };
}

function imageBase({ system, spaces }: EngineObjects): bigint {
  const value = new BigUint64Array(1);
  try {
    spaces.ReadVirtual(system.GetCurrentProcessPeb() + PEB_IMAGE_BASE, new Uint8Array(value.buffer), 8);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // the first module is the best guess then
  }
  return value[0] ?? 0n;
}
