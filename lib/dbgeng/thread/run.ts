import { E_UNEXPECTED, HresultError, S_FALSE } from "../../com/hresult.ts";
import type { EngineAttach, EngineStop } from "../engine_api.ts";
import { StateError } from "../../session/errors.ts";
import type { ExecutionStatus } from "../../session/status.ts";
import {
  DEBUG_INTERRUPT_ACTIVE,
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_GO_NOT_HANDLED,
  DEBUG_STATUS_NO_DEBUGGEE,
  DEBUG_STATUS_STEP_INTO,
  DEBUG_STATUS_STEP_OVER,
} from "../generated/constants.ts";
import type { ExpectedProgram } from "./children.ts";
import { dropEnded, dropEnding, forEachProcess } from "./ended.ts";
import type { EventReceiver } from "./events.ts";
import { attachFailure, isServerGone } from "./failures.ts";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";
import { attachFailedLate } from "./opening.ts";
import { forgetPrograms } from "./servers.ts";

/**
 * How long one wait may last, in milliseconds. No wait is infinite: an interrupt that is sent while the last event of the
 * running wait was the end of a thread does nothing (tests/live/interrupt_test.ts), and the break-in thread of an earlier
 * interrupt ends at the beginning of the next wait, which is therefore short.
 */
const FIRST_SLICE = 2;
const SLICE = 100;

/** What waits fail with when a program came to its end while it was held. */
const ERROR_GEN_FAILURE = 0x8007001f;

const STATUS_CODES: Readonly<Record<Exclude<ExecutionStatus, "noChange" | "break">, number>> = {
  go: DEBUG_STATUS_GO,
  goHandled: DEBUG_STATUS_GO_HANDLED,
  goNotHandled: DEBUG_STATUS_GO_NOT_HANDLED,
  stepOver: DEBUG_STATUS_STEP_OVER,
  stepInto: DEBUG_STATUS_STEP_INTO,
};

/** What the next wait is to carry out. */
interface Pending {
  /** Memory that a launch needs until then. */
  readonly pending?: unknown;
  /** What was asked for, if it was an attach. */
  readonly attach?: EngineAttach;
}

const INSTEAD = "let them go by detach(), or attach without noninvasive";

/** An attach or a launch that was asked for. */
interface Opening {
  /** The processes that were there before. */
  readonly before: ReadonlySet<number>;
  /** Whether its program is to be let go rather than ended. */
  readonly keepOnExit: boolean;
  /** What was asked for, if it was an attach. */
  readonly attach: EngineAttach | undefined;
}

/** Lets the programs run: tells the engine how to go on, waits, tells what stopped it. */
export class RunLoop {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #shared: SharedWords;
  readonly #lifeline: Lifeline;
  /** Memory that an asked-for launch points into until the next wait has carried it out. */
  #pending: unknown;
  /** The attach or launch that was asked for, until a wait has carried it out. */
  #opening: Opening | undefined;
  /**
   * How the programs go on, set while they run without a wait. The engine is at BREAK then: when a slice of time is over it
   * stays there, and after events that nobody holds it may stop.
   */
  #goOn: number | undefined;
  #interruptNext = false;
  /** Whether the last program was dropped, and the end of all of them is still to be told. */
  #over = false;

  constructor(objects: EngineObjects, events: EventReceiver, shared: SharedWords) {
    this.#objects = objects;
    this.#events = events;
    this.#shared = shared;
    this.#lifeline = new Lifeline(shared);
  }

  /** Whether a program is there and stopped. */
  get isStopped(): boolean {
    return this.#goOn === undefined && this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_BREAK;
  }

  /** An attach or a launch was asked for: the next wait carries it out. */
  expectProgram(program: ExpectedProgram, { pending, attach }: Pending): void {
    const { arrivals, unannounced, processes } = this.#events;
    if (processes.size === 0) arrivals.clear();
    arrivals.expect(program);
    unannounced.expect(attach);
    this.#pending = pending;
    this.#opening = { before: new Set(processes), keepOnExit: program.keepOnExit, attach };
    this.#over = false;
  }

  /** Runs until something stops the programs or the time is over. */
  run(status: ExecutionStatus, milliseconds = Infinity): EngineStop {
    const events = this.#events;
    const queued = this.#next();
    if (queued) return queued;
    if (this.#over) return this.#end();
    const end = performance.now() + milliseconds;
    events.end = end;
    for (let slice = this.#goOn === undefined ? FIRST_SLICE : SLICE;; slice = SLICE) {
      this.#answer(status);
      if (this.#interruptNext && slice !== FIRST_SLICE) this.#interrupt();
      let stop = this.#wait(Math.min(slice, Math.max(1, end - performance.now())));
      const decision = events.takeDecision();
      if (stop.kind === "break" && decision !== undefined && this.#atEvent()) {
        this.#goOn = decision;
        stop = { kind: "expired" };
      }
      if (stop.kind === "expired" && performance.now() < end) continue;
      if (stop.kind === "expired") return stop;
      this.#interruptNext = false; // it was meant for this run: the next may be that of a program that just begins
      if (stop.kind !== "interrupt") events.forgetInterrupts();
      return stop;
    }
  }

  /** The oldest stop that was not given out; children that nobody is told of are let go. */
  #next(): EngineStop | undefined {
    const { arrivals } = this.#events;
    for (let held = this.#events.next(); held; held = this.#events.next()) {
      const stop = arrivals.settle(held);
      if (stop) return stop;
    }
    return undefined;
  }

  /** Has the next run interrupted, for a caller on the engine's own thread; others have {@linkcode interruptPointer}. */
  interruptNextRun(): void {
    this.#interruptNext = true;
  }

  /**
   * Works between telling the engine to go on and the wait; while it is at BREAK, an interrupt would do nothing. Never before
   * the first slice: under Wine, a launched program that is broken into on its very first steps ends with code 1.
   */
  #interrupt(): void {
    this.#interruptNext = false;
    if (this.#events.processes.size === 0) return;
    Atomics.add(this.#shared, 0, 1);
    try {
      this.#objects.control.SetInterrupt(DEBUG_INTERRUPT_ACTIVE);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // the program is ending, and with it the run
    }
  }

  /** Whether an event is what the engine stopped at, and not, for example, the end of a step after it. */
  #atEvent(): boolean {
    return this.#objects.control.GetLastEventInformationWide(null, 0, null, 0).Type !== 0;
  }

  /** Tells the engine how to go on. */
  #answer(status: ExecutionStatus): void {
    const { control } = this.#objects;
    if (control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE) {
      if (this.#opening) return;
      throw new StateError("no-program", "Cannot run: no program is being debugged");
    }
    if (!this.#opening && this.#events.onlyObserves) {
      throw new StateError("no-program", `Cannot run: all programs are only looked at (noninvasive); ${INSTEAD}`);
    }
    if (this.#goOn !== undefined) this.#setStatus(this.#goOn);
    else if (status !== "noChange" && status !== "break") this.#setStatus(STATUS_CODES[status]);
    this.#goOn = undefined;
  }

  #setStatus(code: number): void {
    try {
      this.#objects.control.SetExecutionStatus(code);
    } catch (error) {
      // At the end of a process the engine takes no status (E_NOINTERFACE): the next wait goes on by itself.
      if (!(error instanceof HresultError)) throw error;
    }
  }

  #wait(milliseconds: number): EngineStop {
    const events = this.#events;
    const { control } = this.#objects;
    this.#lifeline.turn();
    try {
      control.WaitForEvent(0, Math.ceil(milliseconds));
    } catch (error) {
      return this.#waitFailed(error);
    }
    const isExpired = control.lastHresult === S_FALSE;
    const held = events.next();
    const stop = held ? events.arrivals.settle(held) : isExpired ? undefined : events.arrival();
    if (held && !stop) return this.#afterIgnored();
    if (stop === undefined && isExpired) {
      this.#goOn = DEBUG_STATUS_GO;
      return { kind: "expired" };
    }
    this.#opening = undefined;
    this.#pending = undefined;
    return stop ?? { kind: "break", ...events.place() };
  }

  /** A child that nobody is told of was let go; it may have been the last program. */
  #afterIgnored(): EngineStop {
    if (this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE) return { kind: "ended" };
    this.#goOn = DEBUG_STATUS_GO;
    return { kind: "expired" };
  }

  #waitFailed(error: unknown): EngineStop {
    const opened = this.#opening;
    this.#opening = undefined;
    this.#pending = undefined;
    this.#events.unannounced.expect(undefined);
    if (!(error instanceof HresultError)) throw error;
    if (opened) this.#events.arrivals.expectNone();
    const gone = this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE;
    if (error.hresult === E_UNEXPECTED && gone) return { kind: "ended" };
    if (isServerGone(error)) forgetPrograms(this.#objects);
    else if (this.#drop(error)) return this.#afterDrop();
    if (!opened) throw error;
    this.#letGo(opened);
    if (opened.attach) throw attachFailedLate(this.#objects, opened.attach, error);
    throw attachFailure("carry out the launch", error);
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

  /** Takes programs out that came to an end while they were held, and tells of it; whether there were any. */
  #drop(error: HresultError): boolean {
    const ended = dropEnded(this.#objects);
    const isEnding = ended.length === 0 && error.hresult >>> 0 === ERROR_GEN_FAILURE;
    const ending = isEnding ? dropEnding(this.#objects) : undefined;
    if (ending) ended.push(ending);
    for (const { processId, exitCode } of ended) this.#events.ended(processId, exitCode);
    return ended.length > 0;
  }

  /** The others go on; without any, that is told once what is held was told. */
  #afterDrop(): EngineStop {
    this.#over = this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE;
    const stop = this.#next();
    if (stop) return stop;
    if (this.#over) return this.#end();
    this.#goOn = DEBUG_STATUS_GO;
    return { kind: "expired" };
  }

  #end(): EngineStop {
    this.#over = false;
    return { kind: "ended" };
  }
}
