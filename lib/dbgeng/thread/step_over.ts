/** Carrying a thread over the instruction at whose breakpoint it stands, while all other threads are frozen. */
import { HresultError } from "../../com/hresult.ts";
import {
  DEBUG_EVENT_BREAKPOINT,
  DEBUG_EVENT_CREATE_PROCESS,
  DEBUG_EVENT_CREATE_THREAD,
  DEBUG_EVENT_EXIT_PROCESS,
  DEBUG_EVENT_EXIT_THREAD,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_STEP_INTO,
} from "../generated/constants.ts";
import { Alone, INSTRUCTION, SETTLES, SYSTEM_CALL } from "./alone.ts";
import { answerAtBreakpoint } from "./answered_exceptions.ts";
import { allBreakpoints, hasBreakpointAt, putIn, takeOut, withoutUnreadable } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import type { FrozenThreads } from "./frozen_threads.ts";
import type { Visit } from "./hits.ts";
import { evaluate } from "./lookups.ts";
import { instructionAt } from "./instructions.ts";
import type { Interrupts } from "./interrupts.ts";
import type { EngineObjects } from "./objects.ts";
import { suspensionsOf } from "./suspension.ts";
import { resetTrap, setTrap } from "./trap_flag.ts";
import type { WaitOnce } from "./waits.ts";

/** How long it may take to hear of what has happened already. */
const QUEUED = 20;

/** Events at which the thread has not executed anything yet. */
export const BEGINNINGS: readonly number[] = [DEBUG_EVENT_CREATE_THREAD, DEBUG_EVENT_CREATE_PROCESS];

interface Rounds {
  /** Whether it may lead back to itself. */
  readonly leadsBack: boolean;
  /** Whether the processor repeats the instruction. */
  readonly repeats: boolean;
  /** Whether one round is all that is asked for. */
  readonly isRound: boolean;
}

/**
 * Steps over breakpoints in place of the engine. The engine takes the breakpoint out, lets the thread execute one instruction and
 * puts it in again; meanwhile other threads run past the breakpoint, and when the wait ends in between, it forgets what it was
 * about and tells of the same hit again. Here all others are frozen, and the wait ends only with an event.
 */
export class StepOver {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #wait: WaitOnce;
  readonly #alone: Alone;
  /** Whether programs are about to be let go: nothing puts that off, and one round of a repeated instruction is enough. */
  #isDraining = false;

  constructor(objects: EngineObjects, events: EventReceiver, wait: WaitOnce, interrupts: Interrupts) {
    this.#objects = objects;
    this.#events = events;
    this.#wait = wait;
    this.#alone = new Alone(objects, events, wait, interrupts);
  }

  /**
   * Carries all threads that stand at a known hit, one after another; whether it was done. When something else came up it is not:
   * that is to be told or answered first, and the engine will tell of the visits that remain again.
   * @param but Threads that somebody else carries.
   */
  carryAll(but: ReadonlySet<number> = new Set()): boolean {
    if (this.#events.isTrap && !this.#keepBreak()) return false;
    this.#enterCurrent();
    const suspended = new Map<number, Visit>();
    const next = (): Visit | undefined =>
      this.#events.hits.visits.find(({ threadId }) => !but.has(threadId) && !suspended.has(threadId));
    // Among those that come up meanwhile are some that nobody is told of: the engine would step over these by itself.
    for (let visit = next(); visit; visit = next()) {
      if (this.isSuspended(visit)) suspended.set(visit.threadId, visit);
      else if (!this.#carry(visit)) return false;
      if (this.#events.answers.waiting > 0) return true;
      if (this.#isDue) return this.#pause();
    }
    if (suspended.size === 0) return true;
    this.#objects.focusEvent();
    const current = suspended.get(this.#events.place().threadId);
    return current === undefined || this.#turnFrom(current);
  }

  /** Whether the program itself has suspended a thread, as samplers and garbage collectors do: only another one has it run again. */
  isSuspended(visit: Visit): boolean {
    return this.#events.images.isLocal(visit.processId) && this.#objects.tryFocus(visit) &&
      suspensionsOf(this.#objects.system.GetCurrentThreadHandle()) > 1;
  }

  /**
   * The thread of the last event has trapped, as the engine did not expect any more. Where it stands at a break instruction of the program's
   * own, the engine would have it pass that: it stops in another thread first. Whether there is nothing of that to do.
   */
  #keepBreak(): boolean {
    this.#objects.focusEvent();
    const here = this.#events.hits.atOwnBreak(this.#events.place());
    if (!here) return true;
    this.#turnFrom(here);
    if (this.#objects.tryFocus(here)) this.#events.hits.goTo(here.instruction);
    return false;
  }

  /** Has the engine stop in another thread: whatever runs, it would step over the breakpoint of the one in which it has stopped. */
  #turnFrom(visit: Visit): false {
    return this.#alone.run(visit, () => this.#alone.settle(visit), { runs: false });
  }

  /** See {@linkcode answerAtBreakpoint}. */
  answerException(status: number): boolean | undefined {
    return answerAtBreakpoint(this.#objects, this.#events, this.#alone, this.#wait, status);
  }

  /** Whether the programs are to be stopped though nothing came: an instruction that leads to itself, or makes many rounds, has no end. */
  get #isDue(): boolean {
    const { answers, breakIns } = this.#events;
    return !this.#isDraining && (breakIns.isAsked || performance.now() >= answers.end);
  }

  /** Leaves the rest to the next run, which goes on with it. */
  #pause(): false {
    this.#events.answers.stopWith(DEBUG_STATUS_GO);
    return false;
  }

  /** The engine would step over a breakpoint at the thread of the last event, also where nobody was told of a hit. */
  #enterCurrent(): void {
    const { hits } = this.#events;
    if (allBreakpoints(this.#objects).length === 0) return;
    try {
      this.#objects.focusEvent();
      if (!this.#objects.isAtOwnEvent()) return; // that one's thread has ended
      const here = hits.here(this.#events.place());
      if (hasBreakpointAt(this.#objects, here.instruction)) hits.enter(here);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // its process or thread is ending
    }
  }

  /** Carries the threads that stand at a known hit now, each once, however long ago the last run was over. */
  #carryEach(): void {
    for (const visit of this.#events.hits.visits) {
      if (!this.#carry(visit) || this.#events.answers.waiting > 0) return;
    }
  }

  #carry(visit: Visit): boolean {
    const isThere = this.#objects.tryFocus(visit);
    if (isThere && this.#events.hits.stands(visit) && hasBreakpointAt(this.#objects, visit.instruction)) {
      return visit.traps ? this.#letTrap(visit) : this.step(visit, INSTRUCTION, undefined, this.#isDraining);
    }
    this.#events.hits.leave(visit); // it has ended or was moved, or nothing is in its way any more
    if (isThere) resetTrap(this.#objects, visit.traps === "now");
    return true;
  }

  /**
   * To be called before a process is let go, the engine's current one. Other threads may have run into a breakpoint of which the engine has
   * not heard yet, and would go on behind it, in the middle of an instruction. What one thread runs into while all others are frozen comes
   * after all that.
   */
  drain(): void {
    this.#isDraining = true;
    try {
      withoutUnreadable(this.#objects, this.#events.processes, () => this.#drain());
    } finally {
      this.#isDraining = false;
    }
  }

  #drain(): void {
    const { hits } = this.#events;
    if (allBreakpoints(this.#objects).length === 0 || this.#objects.system.GetNumberThreads() === 1) return;
    this.#enterCurrent();
    if (hits.visits.length > 0) return this.#carryEach();
    const type = this.#objects.lastEventType();
    if (type === DEBUG_EVENT_EXIT_THREAD || type === DEBUG_EVENT_EXIT_PROCESS) return; // this thread runs into nothing more
    const here = hits.here(this.#events.place());
    // A thread that has just begun would trap again when it gets to its own code, with nobody there by then: none runs at all.
    if (BEGINNINGS.includes(type)) this.#runAlone(here, false, DEBUG_STATUS_GO, QUEUED);
    else if (this.#events.breakIns.isIn(here.threadId)) {
      this.#runAlone(here, true, DEBUG_STATUS_GO_HANDLED, SETTLES);
    } else this.step(here, INSTRUCTION, true);
  }

  /**
   * Lets one thread run to its end, or none, and hears of what others have run into before.
   * @param runs Whether the thread runs.
   * @param status How the last event is answered.
   * @param most How long nothing may come until it is over, in milliseconds.
   */
  #runAlone(visit: Visit, runs: boolean, status: number, most: number): void {
    const end = performance.now() + SETTLES;
    this.#alone.run(visit, (frozen) => {
      for (let answer = status; this.#objects.lastEventType() !== DEBUG_EVENT_EXIT_THREAD;) {
        this.#objects.control.SetExecutionStatus(answer);
        if (!this.#wait(most) || performance.now() > end) return;
        answer = this.#events.answers.takeDecision() ?? DEBUG_STATUS_GO;
        this.#alone.freezeBegun(frozen); // or they would run into the breakpoint for ever
      }
    }, { runs });
  }

  /**
   * Has a thread, the engine's current one, execute one instruction, alone if a breakpoint has to be taken out for that; whether
   * that was done, and nothing else came up.
   * @param most How long it may take, in milliseconds.
   * @param isRound Whether it is one round only, where the processor repeats the instruction.
   */
  step(
    visit: Visit,
    most: number,
    isAlone = hasBreakpointAt(this.#objects, visit.instruction),
    isRound = false,
  ): boolean {
    const { entersKernel, leadsBack, repeats } = instructionAt(this.#objects, visit.instruction);
    const patience = isAlone && entersKernel ? SYSTEM_CALL : most;
    const rounds = { leadsBack, repeats, isRound };
    try {
      return this.#alone.run(visit, (frozen) => this.#step(visit, rounds, patience, frozen), { freezes: isAlone });
    } finally {
      this.#events.hits.leading = undefined;
    }
  }

  #step(
    visit: Visit,
    { leadsBack, repeats, isRound }: Rounds,
    most: number,
    frozen: FrozenThreads | undefined,
  ): boolean {
    const { answers, hits, images, machines, steps } = this.#events;
    const rounds = isRound ? this.#roundsLeft() : 0n;
    for (;;) {
      const before = hits.of(visit.threadId);
      // The engine steps over the breakpoint of the last event's thread alone, and behind an exception not even over that: else it is hit again first.
      hits.leading = leadsBack && this.#objects.isAtOwnEvent() ? visit.threadId : undefined;
      machines.beforeRun(visit, true);
      steps.mayFollow(visit);
      this.#objects.control.SetExecutionStatus(DEBUG_STATUS_STEP_INTO);
      if (!this.#wait(most)) {
        if (this.#objects.isX86 || !images.isLocal(visit.processId)) hits.leading = undefined; // nothing tells there
        return this.#alone.settle(visit, leadsBack);
      }
      const isOwn = this.#alone.isBack(visit);
      const type = this.#objects.lastEventType(); // 0 is the end of a step; another's was given up before
      const hasLeft = this.#alone.hasLeft(visit);
      // Back at a breakpoint, a thread is told to have hit it, and no end of a step.
      const isBack = leadsBack && isOwn && type === DEBUG_EVENT_BREAKPOINT && hits.of(visit.threadId) !== before;
      const isOver = hasLeft || isBack || (isRound ? this.#roundsLeft() !== rounds : isOwn && type === 0 && !repeats);
      if (hasLeft || (isOver && !repeats && !isBack)) hits.leave(visit);
      if (isOwn) steps.cameBack(visit);
      // One that is not frozen has to be carried before anything runs on.
      if (!frozen && !isOwn && type === DEBUG_EVENT_BREAKPOINT) return false;
      if (!answers.mayCarryOn()) return false;
      // Another one's event came before its trap: that is heard first, or the engine would take it for an exception.
      if (isOver && (isOwn || !steps.isYetToTrap(visit) || hits.atOwnBreak(visit))) return true;
      if (this.#isDue) return this.#pause();
      this.#alone.freezeBegun(frozen);
      if (!this.#objects.tryFocus(visit)) return isOver;
    }
  }

  /** The program has the thread trap: the engine would take that exception for the end of a step, so its breakpoint is out meanwhile. */
  #letTrap(visit: Visit): boolean {
    const { answers, hits, machines } = this.#events;
    const ids = takeOut(this.#objects, visit.instruction);
    try {
      return this.#alone.run(visit, () => {
        if (visit.traps === "now") setTrap(this.#objects, true); // the engine has cleared it
        machines.beforeRun(visit);
        this.#objects.control.SetExecutionStatus(DEBUG_STATUS_GO);
        if (!this.#wait(INSTRUCTION)) return this.#alone.settle(visit);
        if (this.#alone.hasLeft(visit)) hits.leave(visit);
        return answers.mayCarryOn();
      });
    } finally {
      if (this.#objects.tryFocus({ processId: visit.processId })) putIn(this.#objects, ids);
    }
  }

  /** How often the processor is yet to repeat the current thread's instruction. */
  #roundsLeft(): bigint {
    return evaluate(this.#objects, this.#objects.isX86 ? "@ecx" : "@rcx") as bigint;
  }
}
