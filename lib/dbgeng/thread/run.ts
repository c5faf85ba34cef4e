import { HresultError } from "../../com/hresult.ts";
import type { EngineStop } from "../engine_api.ts";
import type { ExecutionStatus } from "../../session/status.ts";
import {
  DEBUG_EVENT_EXCEPTION,
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_NO_DEBUGGEE,
} from "../generated/constants.ts";
import type { EngineEvent, EventPlace } from "../../session/engine.ts";
import { disarmDying } from "./breakpoints.ts";
import { carryBefore } from "./carry_before.ts";
import type { ExpectedProgram } from "./children.ts";
import type { EventReceiver } from "./events.ts";
import { refuseRun, tooEarlyToAbandon } from "./failures.ts";
import { Interrupts } from "./interrupts.ts";
import type { Lifeline } from "./lifeline.ts";
import { lateStop } from "./late_stops.ts";
import { Motion, type Steps, stepsOfCommand } from "./motion.ts";
import type { EngineObjects } from "./objects.ts";
import { Openings, type Pending } from "./openings.ts";
import { Starting } from "./starting.ts";
import { answerOfStep, GO_COMMANDS, mayBeBreak, STATUS_CODES, STEPS } from "./statuses.ts";
import { StepOver } from "./step_over.ts";
import { waiter, type WaitOnce } from "./waits.ts";

/**
 * How long one wait may last, in milliseconds. No wait is infinite: an interrupt that is sent while the last event of the
 * running wait was the end of a thread does nothing (tests/live/interrupt_test.ts), so one that was asked for is looked after more often.
 * Nor is one short: at its end the engine suspends all threads for a moment, and under Wine a hit of the processor's own breakpoints
 * that falls into it is lost. It cuts no step short: that is made of waits of its own, which end with it (`StepOver`, `Motion`).
 */
const SLICE = 64;
const ASKED_SLICE = 12;

/**
 * Lets the programs run: tells the engine how to go on, waits, tells what stopped it. What it is about at any moment:
 *
 * - _stopped_ at an event, which is answered by the next run
 * - _stepping_: one thread executes one instruction, see {@linkcode StepOver}; it is over when `run` returns
 * - _waiting_ for an event, a slice of time at a time
 * - _running_: the time of a wait is over, and no other has begun
 */
export class RunLoop {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #lifeline: Lifeline;
  readonly #wait: WaitOnce;
  readonly #interrupts: Interrupts;
  readonly #over: StepOver;
  readonly #motion: Motion;
  readonly #openings: Openings;
  readonly #starting = new Starting();
  /** How long a step may keep the engine's thread, in milliseconds. */
  readonly #patience: number;
  /** Where the engine stopped last, as it was told. */
  #place: EngineEvent | EventPlace | undefined;
  /** Whether the programs run without a wait. The engine says BREAK then, and has no process. */
  #isRunning = false;
  /** How the event at which the engine is stopped is answered, where that is decided. */
  #answer: number | undefined;
  /** Whether a status is yet to come for what was told: it is for that once, however many runs it takes. */
  #isUnanswered = true;
  /** Whether a command has told the engine what it alone knows the end of, such as `pa` or `g ADDRESS`. */
  #isCommanded = false;

  constructor(objects: EngineObjects, events: EventReceiver, lifeline: Lifeline, patience = Infinity) {
    this.#objects = objects;
    this.#events = events;
    this.#patience = patience;
    this.#lifeline = lifeline;
    this.#wait = waiter(objects, events, lifeline);
    this.#interrupts = new Interrupts(objects, events, this.#wait);
    this.#over = new StepOver(objects, events, this.#wait, this.#interrupts);
    this.#motion = new Motion(objects, events, this.#over);
    this.#openings = new Openings(objects, events);
  }

  /** Whether a program is there and stopped. */
  get isStopped(): boolean {
    return !this.#isRunning && this.#objects.control.GetExecutionStatus() === DEBUG_STATUS_BREAK;
  }

  /** @throws {StateError} where a program cannot be abandoned at this moment. */
  refuseAbandoning(processId: number): void {
    const isStarting = this.#starting.has(processId);
    if (isStarting || this.#openings.isOpen) throw tooEarlyToAbandon(processId, isStarting);
  }

  /** An attach or a launch was asked for: the next wait carries it out. */
  expectProgram(program: ExpectedProgram, pending: Pending): void {
    this.#openings.expect(program, pending);
    this.#starting.expect(pending.attach);
  }

  /**
   * Has steps, or a command, carried out by the next run, if it is one of those that let the programs run or step; whether it is. The engine would do
   * these by itself, and forget what it is about as soon as a wait ends or anything comes between. Others: {@linkcode carryBefore}.
   */
  begin(command: string | Steps): boolean {
    const isCommand = typeof command === "string";
    const steps = isCommand ? stepsOfCommand(this.#objects, command) : command;
    const status = isCommand ? GO_COMMANDS[command.trim()] : undefined;
    const isTaken = (steps ?? status) !== undefined;
    this.#answer = status === DEBUG_STATUS_GO ? this.#events.answers.owed ?? status : status;
    if (steps) this.#begin(steps);
    else if (isTaken) this.#motion.forget();
    disarmDying(this.#objects, this.#place, this.#answer);
    return isTaken || (isCommand && carryBefore(command, this.#objects, this.#events, this.#over));
  }

  #begin(steps: Steps): void {
    this.#motion.begin(steps);
    if (!this.#isAtException) return;
    const isAtBreak = this.#events.answers.owed === undefined && mayBeBreak(this.#place);
    this.#answer = this.#events.answers.owed ?? answerOfStep(this.#place);
    if (isAtBreak && this.#motion.passBreak()) this.#events.answers.owed = this.#answer;
  }

  /** A command has had the engine run the programs (it answers events by itself), or, if that `isYetToCome`, the next run carries it out. */
  obey(isYetToCome: boolean): void {
    this.#events.answers.owed = undefined;
    if (!isYetToCome) return;
    this.#motion.forget();
    this.#events.hits.leaveThread(this.#events.place().threadId); // the engine steps over its breakpoint itself
    this.#isCommanded = true;
  }

  /** To be called before a process is let go, which is the engine's current one. Gives its thread that runs first. */
  drain(processId: number): EventPlace {
    this.#over.drain();
    this.#objects.focus({ processId });
    return this.#events.place();
  }

  /** Runs until something stops the programs or the time is over. */
  run(status: ExecutionStatus, milliseconds = Infinity): EngineStop {
    const end = performance.now() + milliseconds;
    this.#events.answers.end = end;
    this.#beginStatus(status);
    for (;;) {
      const slice = this.#events.breakIns.isAsked ? ASKED_SLICE : SLICE;
      const stop = lateStop(this.#objects, this.#events) ?? this.#openings.end() ??
        this.#turn(Math.min(slice, Math.max(1, end - performance.now())));
      if (stop.kind === "break" ? !this.#motion.goesOn(stop) : stop.kind !== "expired") return this.#told(stop);
      if (performance.now() >= end) return { kind: "expired" };
    }
  }

  /** A status that the session gives is for the event that it was told of. */
  #beginStatus(status: ExecutionStatus): void {
    if (this.#isRunning || !this.#isUnanswered || status === "noChange" || status === "break") return;
    this.#isUnanswered = false;
    const step = STEPS[status];
    if (step && this.#place) {
      this.#objects.focus(this.#place);
      this.#begin({ step, count: 1 });
    } else this.#answer ??= this.#events.answers.owed ?? STATUS_CODES[status];
    disarmDying(this.#objects, this.#place, this.#answer);
  }

  #told(stop: EngineStop): EngineStop {
    const { breakIns } = this.#events;
    this.#answer = undefined;
    this.#isUnanswered = true;
    this.#interrupts.stopped();
    this.#starting.stopped(stop);
    if (stop.kind !== "interrupt") breakIns.forgetAsked();
    this.#place = stop.kind === "event"
      ? stop.event
      : stop.kind === "ended" || stop.kind === "left"
      ? undefined
      : stop as EventPlace;
    if (this.#place) {
      this.#motion.stopped(this.#place);
      this.#objects.tryFocus(this.#place);
    }
    return stop;
  }

  /** Lets the programs run once, until something comes or the time is over. */
  #turn(milliseconds: number): EngineStop {
    try {
      if (!this.#openings.isOpen) refuseRun(this.#hasProgram, this.#events.onlyObserves);
      const before = this.#isRunning ? undefined : this.#beforeRun();
      if (before) return before === "cut" ? this.#came() : before;
      if (this.#isRunning && this.#events.breakIns.isAsked && !this.#interrupts.send()) {
        this.#isRunning = false;
        return this.#came();
      }
      this.#setStatus();
      const isCommanded = this.#isCommanded;
      const hasCome = isCommanded ? this.#waitCommanded() : this.#wait(milliseconds);
      return hasCome ? this.#came(isCommanded) : this.#expired();
    } catch (error) {
      this.#answer = undefined;
      this.#isUnanswered = true;
      if (!(error instanceof HresultError)) throw error;
      return this.#openings.failed(error) ?? lateStop(this.#objects, this.#events) ?? this.#openings.end() ??
        this.#expired();
    }
  }

  /** The programs are stopped: makes steps before they go on, none at an exception; gives the end of one, or "cut" when something else came up. */
  #beforeRun(): EngineStop | "cut" | undefined {
    const { breakIns, hits, processes } = this.#events;
    if (processes.size === 0 || this.#isCommanded) return undefined;
    if (breakIns.isAsked && !this.#openings.isOpen) { // it came too late for the engine, which waits for nothing now
      breakIns.answer();
      this.#events.answers.owed = this.#answer;
      return { kind: "interrupt", ...this.#events.place() };
    }
    hits.takeCounting(processes, this.#events.place());
    if (this.#isAtException) {
      const end = this.#motion.finished(true);
      if (end) this.#events.answers.owed = this.#answer;
      if (end) return end;
      this.#motion.raised(this.#answer === DEBUG_STATUS_GO_HANDLED);
      const isDone = this.#answer && this.#over.answerException(this.#answer);
      if (isDone !== true) return isDone === false ? "cut" : undefined;
    }
    return this.#over.carryAll(this.#motion.rounds) ? this.#afterCarrying() : "cut";
  }

  #afterCarrying(): EngineStop | "cut" | undefined {
    this.#answer = DEBUG_STATUS_GO; // the event was answered by the steps, if there were any
    this.#events.answers.owed = undefined;
    return this.#events.answers.waiting > 0 ? "cut" : this.#motion.advance(this.#patience);
  }

  get #hasProgram(): boolean {
    return this.#objects.control.GetExecutionStatus() !== DEBUG_STATUS_NO_DEBUGGEE;
  }

  get #isAtException(): boolean {
    return this.#objects.lastEventType() === DEBUG_EVENT_EXCEPTION && !this.#events.isTrap;
  }

  #setStatus(): void {
    const code = this.#answer ?? (this.#isRunning ? DEBUG_STATUS_GO : undefined);
    this.#answer = undefined;
    this.#events.answers.owed = undefined;
    this.#isRunning = false;
    if (code === undefined) return; // as a command has told the engine
    if (!this.#hasProgram) return; // the first one is about to come up
    this.#events.hits.letRun();
    try {
      this.#events.machines.beforeRun(this.#events.place());
      this.#objects.control.SetExecutionStatus(code);
    } catch (error) {
      // At the end of a process the engine takes no status (E_NOINTERFACE): the next wait goes on by itself.
      if (!(error instanceof HresultError)) throw error;
    }
  }

  /** Carries out what a command has told the engine. No slice may cut that; interrupts come through {@linkcode interruptPointer}. */
  #waitCommanded(): boolean {
    this.#isCommanded = false;
    this.#lifeline.isCommanded = true;
    try {
      return this.#wait(this.#patience);
    } finally {
      this.#lifeline.isCommanded = false;
    }
  }

  /** What has come: to be told, or how to go on after it. */
  #came(isCommanded = false): EngineStop {
    const events = this.#events;
    const decision = events.answers.takeDecision();
    const held = events.answers.next();
    const stop = held ? events.arrivals.settle(held) : events.arrival();
    if (stop) {
      this.#openings.came();
      if (held) this.#events.answers.owed = decision === DEBUG_STATUS_GO ? undefined : decision; // a hit that came before the last event is told first
      return stop;
    }
    if (held) return this.#afterIgnored();
    const isStepEnd = this.#objects.lastEventType() === 0; // of one that was given up before, unless a command stepped
    if (isStepEnd ? isCommanded : decision === undefined) return { kind: "break", ...events.place() };
    this.#answer = decision ?? DEBUG_STATUS_GO;
    return { kind: "expired" };
  }

  /** The time of a wait is over. */
  #expired(): EngineStop {
    this.#events.answers.takeDecision();
    this.#isRunning = true;
    return { kind: "expired" };
  }

  /** A child that nobody is told of was let go; it may have been the last program. */
  #afterIgnored(): EngineStop {
    if (!this.#hasProgram) return { kind: "ended" };
    this.#isRunning = true;
    return { kind: "expired" };
  }
}
