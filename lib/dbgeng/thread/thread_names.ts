import type { StructView } from "../../com/struct_view.ts";
import type { EventPlace, ThreadInfo } from "../../session/engine.ts";
import type { EXCEPTION_RECORD64 } from "../generated/structs.ts";
import { readNarrow } from "./names.ts";
import type { EngineObjects } from "./objects.ts";
import { threadDescription } from "./windows_processes.ts";

/** The exception by which programs told debuggers the names of threads, before there was `SetThreadDescription`. */
export const NAMES_THREAD = 0x406d1388;

/** What its first parameter has to be. */
const NAME_INFO = 0x1000n;
/** `-1` for the thread that raises it. */
const ITSELF = 0xffff_ffff;

/** The names that exceptions told. The engine's own list of them leaves out threads that it hears of only after that. */
export class ToldNames {
  readonly #objects: EngineObjects;
  /** By process and thread. */
  readonly #names = new Map<number, Map<number, string>>();

  constructor(objects: EngineObjects) {
    this.#objects = objects;
  }

  /** Inside the callback of a {@linkcode NAMES_THREAD}. */
  take({ processId, threadId }: EventPlace, record: StructView<typeof EXCEPTION_RECORD64>): void {
    const parameter = (index: number): bigint => record.get("ExceptionInformation", index);
    if (record.get("NumberParameters") < 3 || BigInt.asUintN(32, parameter(0)) !== NAME_INFO) return;
    const named = Number(BigInt.asUintN(32, parameter(2)));
    const name = readNarrow(this.#objects, parameter(1));
    const names = this.#names.get(processId) ?? new Map<number, string>();
    if (name) this.#names.set(processId, names.set(named === ITSELF ? threadId : named, name));
  }

  /** What a thread was called; undefined if no exception told. */
  of(processId: number, threadId: number): string | undefined {
    return this.#names.get(processId)?.get(threadId);
  }

  /** Its id may be another's from now on. */
  threadEnded({ processId, threadId }: EventPlace): void {
    this.#names.get(processId)?.delete(threadId);
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.#names.delete(processId);
  }
}

/** The threads of a running program, the engine's current one, with their names. */
export function listThreads(
  processId: number,
  threadIds: readonly number[],
  { events, output }: {
    readonly events: { threadNames: ToldNames };
    readonly output: { execute(text: string): string };
  },
): ThreadInfo[] {
  const descriptions = threadIds.map((threadId) => threadDescription(processId, threadId));
  const isHere = descriptions.every((description) => description !== undefined);
  const names = isHere ? descriptions : namesIn(output.execute(LIST_THREADS), processId, threadIds);
  return threadIds.map((threadId, index) =>
    thread(threadId, names[index] || events.threadNames.of(processId, threadId))
  );
}

/** One thread, with a name if it has one. */
export function thread(threadId: number, name: string | undefined): ThreadInfo {
  return name ? { threadId, name } : { threadId };
}

/**
 * The command that lists threads with their names: for dumps, and for other machines. No method of the engine's gives them
 * (`GetSystemObjectInformation` answers E_NOINTERFACE), and it shows 99 characters of each.
 */
export const LIST_THREADS = "~";

/** Names of a process's threads out of what {@linkcode LIST_THREADS} printed; undefined for one without. The ids are in the list's order. */
export function namesIn(list: string, processId: number, threadIds: readonly number[]): (string | undefined)[] {
  // A name may have lines, and these may look like another thread's: each thread is looked for behind the one before it.
  let end = 0;
  const begins = threadIds.map((threadId) => {
    const begin = list.indexOf(`  Id: ${processId.toString(16)}.${threadId.toString(16)} Suspend: `, end);
    return begin < 0 ? end : end = begin;
  });
  return begins.map((begin, index) => /^[^"\n]*rozen "(.*)"/s.exec(list.slice(begin, begins[index + 1]))?.[1]);
}
