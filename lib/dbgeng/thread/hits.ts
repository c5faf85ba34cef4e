/** Breakpoints that were hit: which hit is a new one, and which threads have yet to execute the instruction they hit at. */
import type { Com } from "../../com/com_object.ts";
import { HresultError } from "../../com/hresult.ts";
import type { EventPlace } from "../../session/engine.ts";
import type { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { allBreakpoints, forgetOwn, hasBreakpointAt, isDeferred } from "./breakpoints.ts";
import { read, writeRegister } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";
import { PassCounts } from "./pass_counts.ts";
import { isOwnTrapSet, isTrapSet } from "./trap_flag.ts";

/** `int 3`, of one byte. */
const BREAK_INSTRUCTION = 0xcc;
const BREAK_LENGTH = 1;
/** The sixteen of one byte, which begin with this one. */
const PUSHES_AND_POPS = 0x50;
/** `popf`, and the trap flag in the second byte of what it takes from the stack. */
const POP_FLAGS = 0x9d;
const TRAP_BIT = 0x01;

/** A thread that stands before the instruction of a breakpoint, and whose hit is known. */
export interface Visit extends EventPlace {
  readonly instruction: bigint;
  readonly stack: bigint;
  /** Whether the program has the thread trap behind this instruction, or behind the one that follows a `popf`: the exception is its own. */
  readonly traps?: "now" | "next" | undefined;
}

/**
 * Knows each hit as one visit of a thread, from the first time that the engine tells of it until the instruction was executed.
 * The engine tells of a visit again when something came between: another thread's event, an interrupt, the end of a wait.
 */
export class Hits {
  readonly #objects: EngineObjects;
  /** By thread id. */
  readonly #visits = new Map<number, Visit>();
  /** Which hits are passed over. */
  readonly counts: PassCounts;
  /** Where processes have, or had, breakpoints: their addresses, by process. */
  readonly #places = new Map<number, Set<bigint>>();
  /** Threads that have run since their hit, though not beyond it: they may have run into the breakpoint again. */
  readonly #loose = new Set<number>();
  /** The thread that was told to trap behind an instruction which may lead back to itself. */
  leading: number | undefined;
  /** Whether the stop that the engine tells of is that of a known visit; undefined before its first breakpoint. */
  #isKnown: boolean | undefined;

  constructor(objects: EngineObjects) {
    this.#objects = objects;
    this.counts = new PassCounts(objects);
  }

  /** The threads that stand at a known hit. */
  get visits(): Visit[] {
    return [...this.#visits.values()];
  }

  /** The known hit at which a thread stands. */
  of(threadId: number): Visit | undefined {
    return this.#visits.get(threadId);
  }

  /** Where the engine's current thread stands. */
  here(place: EventPlace): Visit {
    const { registers } = this.#objects;
    return { ...place, instruction: registers.GetInstructionOffset(), stack: registers.GetStackOffset() };
  }

  /** The same; undefined where the thread has ended, as the engine has not heard yet. */
  tryHere(place: EventPlace): Visit | undefined {
    try {
      return this.here(place);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return undefined;
    }
  }

  /**
   * Inside the callback of a breakpoint: whether somebody is to be told. Not of a hit that is known, and not of one that a
   * pass count passes over. Several breakpoints at one place are told of one after another, each once.
   * @param isStepped Whether the debugger had the thread trap.
   */
  isNews(breakpoint: Com<IDebugBreakpoint2>, place: EventPlace, isStepped: boolean): boolean {
    const visit = this.tryHere(place);
    const address = breakpoint.GetOffset();
    this.addPlace(place.processId, address);
    if (visit && address === visit.instruction) { // a data breakpoint's instruction is over
      this.#isKnown ??= isSame(this.#visits.get(place.threadId), visit) && !this.#isBack(place, isStepped);
      this.#loose.delete(place.threadId);
      if (this.#isKnown) return false;
      this.#visits.set(place.threadId, { ...visit, traps: this.#traps(visit, isStepped) });
    }
    return this.counts.countDown(place.processId, breakpoint);
  }

  /** Whether the thread has trapped and is back, as the processor has it: one that has run into the breakpoint again is yet to trap. */
  #isBack({ threadId }: EventPlace, isStepped: boolean): boolean {
    return this.leading === threadId && isStepped && !isOwnTrapSet(this.#objects);
  }

  #traps({ instruction, stack }: Visit, isStepped: boolean): Visit["traps"] {
    if (!isStepped && isOwnTrapSet(this.#objects)) return "now";
    if (read(this.#objects, instruction, 1)[0] !== POP_FLAGS) return undefined;
    return ((read(this.#objects, stack + 1n, 1)[0] ?? 0) & TRAP_BIT) === 0 ? undefined : "next";
  }

  /** The engine is about to wait: what it tells next is another stop. */
  newStop(): void {
    this.#isKnown = undefined;
  }

  /** A thread stands at a breakpoint, though no hit was told. */
  enter(visit: Visit): void {
    if (!isSame(this.#visits.get(visit.threadId), visit)) this.#visits.set(visit.threadId, visit);
  }

  /**
   * Whether the thread of a visit stands there yet; it is the engine's current one. It may have run into the breakpoint another time, as
   * the engine has not heard yet: then it is one byte behind, in the middle of the instruction, or behind a push or a pop that it has not made,
   * or has yet to trap as it was told to.
   */
  stands(visit: Visit): boolean {
    const here = this.tryHere(visit);
    if (!here) return false;
    const behind = visit.instruction + BigInt(BREAK_LENGTH);
    if (here.instruction !== behind) {
      this.#loose.delete(visit.threadId); // wherever it is, it has not run into it
      return isSame(visit, here);
    }
    if (here.stack !== visit.stack) return false;
    if (this.#loose.has(visit.threadId) || isTrapSet(this.#objects)) return true;
    const [opcode = 0] = read(this.#objects, visit.instruction, 1);
    const isInside = this.#objects.control.GetNearInstruction(visit.instruction, 1) !== behind;
    return isInside || (opcode & 0xf0) === PUSHES_AND_POPS;
  }

  /** All threads run, those at a hit as well, and none is carried. */
  letRun(): void {
    for (const threadId of this.#visits.keys()) this.#loose.add(threadId);
  }

  /** The instruction was executed. The thread may stand at the next breakpoint by now. */
  leave(visit: Visit): void {
    if (this.#visits.get(visit.threadId) === visit) this.leaveThread(visit.threadId);
  }

  /** A thread has trapped: wherever it has got to, its instruction was executed. */
  trapped(threadId: number): void {
    const visit = this.#visits.get(threadId);
    if (visit && this.tryHere(visit)?.instruction !== visit.instruction) this.leaveThread(threadId);
  }

  /** A thread has ended, or an exception leads it elsewhere. */
  leaveThread(threadId: number): void {
    this.#visits.delete(threadId);
    this.#loose.delete(threadId);
  }

  /** Inside the callback of a thread's end: the breakpoints that are its own go with it, as the engine would have it. */
  threadEnded({ processId, threadId }: EventPlace): void {
    this.leaveThread(threadId);
    this.counts.threadEnded(processId);
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    for (const { threadId, processId: of } of this.visits) if (of === processId) this.leaveThread(threadId);
    this.#places.delete(processId);
    forgetOwn(this.#objects, processId);
    this.counts.forget(processId);
  }

  /**
   * Does something in which the engine may run the programs by itself, and then steps over breakpoints by itself too.
   * @param hasRun Whether it did, as far as anything was hit.
   */
  beside<T>(action: () => T, hasRun: () => boolean): T {
    const visits = this.visits;
    this.#visits.clear();
    try {
      return action();
    } finally {
      if (!hasRun()) { for (const visit of visits) this.enter(visit); }
    }
  }

  /**
   * Inside the callback of an exception: whether the thread ran into a breakpoint that was taken away before the engine heard of it. The
   * thread stands at its instruction then, as if it had not been there.
   */
  isOfRemoved(place: EventPlace, address: bigint): boolean {
    if (!this.#places.get(place.processId)?.has(address) || hasBreakpointAt(this.#objects, address)) return false;
    if (this.#breaksAt(address)) return false; // the program's own
    const here = this.tryHere(place);
    if (here && here.instruction !== address) this.goTo(address);
    return true;
  }

  /** Has the thread of the last event pass the break instruction at which it has stopped; whether there is one. */
  passBreak(place: EventPlace): boolean {
    const { instruction } = this.here(place);
    if (!this.#objects.isAtOwnEvent() || !this.#breaksAt(instruction)) return false;
    this.goTo(instruction + BigInt(BREAK_LENGTH));
    return true;
  }

  /** Where the engine's current thread stands, if that is at a break instruction of the program's own. */
  atOwnBreak(place: EventPlace): Visit | undefined {
    const here = this.tryHere(place);
    if (!here || hasBreakpointAt(this.#objects, here.instruction)) return undefined;
    return this.#breaksAt(here.instruction) ? here : undefined;
  }

  #breaksAt(address: bigint): boolean {
    return read(this.#objects, address, 1)[0] === BREAK_INSTRUCTION;
  }

  /** Has the engine's current thread go on from elsewhere. */
  goTo(address: bigint): void {
    writeRegister(this.#objects, this.#objects.isX86 ? "eip" : "rip", address);
  }

  /** A process has a breakpoint at an address, be it the engine's own. */
  addPlace(processId: number, address: bigint): void {
    const places = this.#places.get(processId) ?? new Set();
    this.#places.set(processId, places.add(address));
  }

  /** To be called before programs go on: knows where they have breakpoints, and counts their passes. `place` is the current one. */
  takeCounting(processes: Iterable<number>, place: EventPlace): void {
    this.counts.begin();
    for (const processId of processes) {
      if (!this.#objects.tryFocus({ processId })) continue;
      for (const breakpoint of allBreakpoints(this.#objects)) {
        if (!isDeferred(breakpoint)) this.addPlace(processId, breakpoint.GetOffset());
        this.counts.take(processId, breakpoint);
      }
    }
    this.#objects.tryFocus(place);
  }
}

function isSame(one: Visit | undefined, other: Visit): boolean {
  return one?.instruction === other.instruction && one.stack === other.stack && one.processId === other.processId;
}
