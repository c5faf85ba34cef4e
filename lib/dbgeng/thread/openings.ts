/** Programs that were asked for and are to come up with the next waits, and what becomes of waits that fail. */
import { E_UNEXPECTED, type HresultError } from "../../com/hresult.ts";
import type { EngineAttach, EngineStop } from "../engine_api.ts";
import { DEBUG_STATUS_NO_DEBUGGEE } from "../generated/constants.ts";
import type { ExpectedProgram } from "./children.ts";
import { dropEnded, dropEnding, forEachProcess } from "./ended.ts";
import type { EventReceiver } from "./events.ts";
import { attachFailure, isServerGone, waitFailure } from "./failures.ts";
import type { EngineObjects } from "./objects.ts";
import { attachFailedLate } from "./opening.ts";
import { forgetPrograms } from "./servers.ts";

/** What waits fail with when a program came to its end while it was held. */
const ERROR_GEN_FAILURE = 0x8007001f;

/** What the next wait is to carry out. */
export interface Pending {
  /** Memory that a launch needs until then. */
  readonly pending?: unknown;
  /** What was asked for, if it was an attach. */
  readonly attach?: EngineAttach;
}

/** An attach or a launch that was asked for. */
interface Opening extends Pending {
  /** The processes that were there before. */
  readonly before: ReadonlySet<number>;
  /** Whether its program is to be let go rather than ended. */
  readonly keepOnExit: boolean;
}

/** The attach or launch that was asked for, until its program is there, and programs that end without the engine's telling. */
export class Openings {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  #opening: Opening | undefined;
  /** Whether the last program was dropped, and the end of all of them is still to be told. */
  #isOver = false;

  constructor(objects: EngineObjects, events: EventReceiver) {
    this.#objects = objects;
    this.#events = events;
  }

  /** Whether a program was asked for that is not there yet. */
  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  /** An attach or a launch was asked for: the next wait carries it out. */
  expect(program: ExpectedProgram, pending: Pending): void {
    const { arrivals, unannounced, processes } = this.#events;
    if (processes.size === 0) arrivals.clear();
    arrivals.expect(program);
    unannounced.expect(pending.attach);
    this.#opening = { ...pending, before: new Set(processes), keepOnExit: program.keepOnExit };
    this.#isOver = false;
  }

  /** A wait has brought a stop: the program that was asked for, or another one's event before it. */
  came(): void {
    if (!this.#events.arrivals.isExpecting) this.#opening = undefined;
  }

  /** The end of all programs, if it is still to be told. */
  end(): EngineStop | undefined {
    if (!this.#isOver) return undefined;
    this.#isOver = false;
    return { kind: "ended" };
  }

  /**
   * A wait has failed. Gives the end of all programs; undefined where others go on, or there are stops to tell.
   * @throws {AttachError} for what was asked for.
   */
  failed(error: HresultError): EngineStop | undefined {
    const opened = this.#opening;
    this.#opening = undefined;
    this.#events.unannounced.expect(undefined);
    if (opened) this.#events.arrivals.expectNone();
    if (error.hresult === E_UNEXPECTED && this.#isEmpty) return { kind: "ended" };
    if (isServerGone(error)) forgetPrograms(this.#objects);
    else if (this.#drop(error)) {
      this.#isOver = this.#isEmpty;
      return undefined;
    }
    if (!opened) throw waitFailure(error);
    this.#letGo(opened);
    if (opened.attach) throw attachFailedLate(this.#objects, opened.attach, error);
    throw attachFailure("carry out the launch", error);
  }

  get #isEmpty(): boolean {
    return this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE;
  }

  /** Undoes a failed attach or launch, whose program may be there already, suspended. */
  #letGo({ before, keepOnExit }: Opening): void {
    const { client } = this.#objects;
    forEachProcess(this.#objects, (processId) => {
      if (before.has(processId)) return;
      if (!keepOnExit) client.TerminateCurrentProcess();
      client.DetachCurrentProcess();
      this.#events.forget(processId);
    });
  }

  /** Takes programs out that came to an end while they were held, or whose event did, and tells of it; whether there were any. */
  #drop(error: HresultError): boolean {
    const ended = dropEnded(this.#objects);
    const isEnding = ended.length === 0 && error.hresult >>> 0 === ERROR_GEN_FAILURE;
    const ending = isEnding ? dropEnding(this.#objects) : undefined;
    if (ending) ended.push(ending);
    for (const { processId, exitCode } of ended) this.#events.left(processId, exitCode);
    return ended.length > 0;
  }
}
