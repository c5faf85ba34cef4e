/** Freezing threads while one executes an instruction. */
import { HresultError } from "../../com/hresult.ts";
import type { EventPlace } from "../../session/engine.ts";
import { DEBUG_EXECUTE_NO_REPEAT, DEBUG_EXECUTE_NOT_LOGGED, DEBUG_OUTCTL_IGNORE } from "../generated/constants.ts";
import type { EngineObjects } from "./objects.ts";

/**
 * Threads that are frozen by the engine, so that it works on another machine too; those of other processes as well, since what the engine
 * takes out of one process for a step it does not find in the others.
 */
export class FrozenThreads {
  readonly #objects: EngineObjects;
  readonly #place: EventPlace;
  /** The engine's number of the one that is not. */
  readonly #freeId: number | undefined;
  /** The processes of which all threads were frozen. */
  readonly #processes: number[] = [];
  /** Threads that have begun in others meanwhile. */
  readonly #later: EventPlace[] = [];
  /** Those that were left to run, since they are about to end: a thread that ends while it is frozen keeps the engine from going on. */
  readonly #ending: readonly number[];

  /**
   * Freezes all threads, but for the engine's current one where that is to run.
   * @param ending Threads that do nothing any more but end.
   */
  constructor(
    objects: EngineObjects,
    current: EventPlace,
    processes: Iterable<number>,
    ending: readonly number[],
    runs = true,
  ) {
    this.#objects = objects;
    this.#ending = ending;
    this.#place = current;
    this.#freeId = runs ? objects.system.GetThreadIdBySystemId(current.threadId) : undefined;
    if (!runs || objects.system.GetNumberThreads() > 1) {
      this.#freeze(current.processId);
      if (runs) this.#execute(`~${this.#freeId}m`);
    }
    for (const processId of processes) {
      if (processId !== current.processId && objects.tryFocus({ processId })) this.#freeze(processId);
    }
    objects.focus(current);
  }

  #freeze(processId: number): void {
    this.#processes.push(processId);
    this.#execute("~*n");
    this.#executeEnding("m");
  }

  #executeEnding(verb: "n" | "m"): void {
    for (const threadId of this.#ending) {
      const id = this.#idOf({ threadId });
      if (id !== undefined) this.#execute(`~${id}${verb}`);
    }
  }

  /** Freezes a thread that has begun meanwhile. */
  add(place: EventPlace): void {
    if (!this.#processes.includes(place.processId)) this.#later.push(place);
    this.#executeAt(place, "n");
  }

  /** Each has as many suspensions again as before. */
  thaw(): void {
    for (const place of this.#later) this.#executeAt(place, "m");
    for (const processId of this.#processes) {
      if (!this.#objects.tryFocus({ processId })) continue;
      if (
        processId === this.#place.processId && this.#freeId !== undefined && this.#idOf(this.#place) === this.#freeId
      ) {
        this.#execute(`~${this.#freeId}n`);
      }
      this.#executeEnding("n");
      this.#execute("~*m");
    }
    this.#objects.tryFocus({ processId: this.#place.processId });
  }

  #executeAt(place: EventPlace, verb: "n" | "m"): void {
    const id = this.#objects.tryFocus({ processId: place.processId }) ? this.#idOf(place) : undefined;
    if (id !== undefined) this.#execute(`~${id}${verb}`);
  }

  /** The number of a thread of the current process; undefined where it has ended. */
  #idOf({ threadId }: Pick<EventPlace, "threadId">): number | undefined {
    try {
      return this.#objects.system.GetThreadIdBySystemId(threadId);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return undefined;
    }
  }

  /** A process that has ended takes no command, and its threads have ended with it. */
  #execute(command: string): void {
    const flags = DEBUG_EXECUTE_NOT_LOGGED | DEBUG_EXECUTE_NO_REPEAT;
    try {
      this.#objects.control.ExecuteWide(DEBUG_OUTCTL_IGNORE, command, flags);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
    }
  }
}
