/** Breakpoints that were hit: which hit is a new one, and which threads have yet to execute the instruction they hit at. */
import type { Com } from "../../com/com_object.ts";
import { HresultError } from "../../com/hresult.ts";
import type { EventPlace } from "../../session/engine.ts";
import { DEBUG_ANY_ID, DEBUG_BREAKPOINT_ONE_SHOT } from "../generated/constants.ts";
import type { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import {
  allBreakpoints,
  forgetOwn,
  hasBreakpoint,
  hasBreakpointAt,
  isAtEntry,
  isDeferred,
  removeBreakpoint,
  threadOf,
} from "./breakpoints.ts";
import { read, writeRegister } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";
import { isOwnTrapSet } from "./trap_flag.ts";

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

/** What is left of a breakpoint. */
interface Passes {
  /** How many times it is yet to be passed, the one that is told included. */
  readonly left: number;
  /** Whether it goes with its first hit that is told. */
  readonly isOneShot: boolean;
  /** The engine's number of the thread whose breakpoint it is; undefined for one of all threads. */
  readonly thread: number | undefined;
}

/**
 * Knows each hit as one visit of a thread, from the first time that the engine tells of it until the instruction was executed.
 * The engine tells of a visit again when something came between: another thread's event, an interrupt, the end of a wait.
 */
export class Hits {
  readonly #objects: EngineObjects;
  /** By thread id. */
  readonly #visits = new Map<number, Visit>();
  /** What is counted here of breakpoints, by process and id: see {@linkcode takeCounting}. */
  readonly #passes = new Map<string, Passes>();
  /** Breakpoints that the engine took away with a hit that may yet have to be told. */
  readonly #spent = new Set<string>();
  /** Where processes have, or had, breakpoints: their addresses, by process. */
  readonly #places = new Map<number, Set<bigint>>();
  /** Threads that have run since their hit, though not beyond it: they may have run into the breakpoint again. */
  readonly #loose = new Set<number>();
  /** Whether the stop that the engine tells of is that of a known visit; undefined before its first breakpoint. */
  #isKnown: boolean | undefined;

  constructor(objects: EngineObjects) {
    this.#objects = objects;
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
      this.#isKnown ??= isSame(this.#visits.get(place.threadId), visit);
      this.#loose.delete(place.threadId);
      if (this.#isKnown) return false;
      this.#visits.set(place.threadId, { ...visit, traps: this.#traps(visit, isStepped) });
    }
    return this.#countDown(keyOf(place.processId, breakpoint.GetId()), breakpoint);
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
   * the engine has not heard yet: then it is one byte behind, in the middle of the instruction, or behind a push or a pop that it has not made.
   */
  stands(visit: Visit): boolean {
    const here = this.tryHere(visit);
    if (!here) return false;
    const behind = visit.instruction + BigInt(BREAK_LENGTH);
    if (here.instruction !== behind) return isSame(visit, here);
    if (here.stack !== visit.stack) return false;
    if (this.#loose.has(visit.threadId)) return true;
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

  /** A thread has ended, or an exception leads it elsewhere. */
  leaveThread(threadId: number): void {
    this.#visits.delete(threadId);
    this.#loose.delete(threadId);
  }

  /** Inside the callback of a thread's end: the breakpoints that are its own go with it, as the engine would have it. */
  threadEnded({ processId, threadId }: EventPlace): void {
    this.leaveThread(threadId);
    if (this.#passes.size === 0) return;
    const ended = this.#objects.system.GetCurrentThreadId();
    for (const id of allBreakpoints(this.#objects).map((breakpoint) => breakpoint.GetId())) {
      if (this.#passes.get(keyOf(processId, id))?.thread !== ended) continue;
      this.#passes.delete(keyOf(processId, id));
      removeBreakpoint(this.#objects, id);
    }
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    for (const { threadId, processId: of } of this.visits) if (of === processId) this.leaveThread(threadId);
    this.#places.delete(processId);
    forgetOwn(this.#objects, processId);
    for (const key of this.#passes.keys()) if (key.startsWith(keyOf(processId, ""))) this.#passes.delete(key);
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
    if (read(this.#objects, address, 1)[0] === BREAK_INSTRUCTION) return false; // the program's own
    const here = this.tryHere(place);
    if (here && here.instruction !== address) this.#goTo(address);
    return true;
  }

  /** Has the thread of the last event pass the break instruction at which it has stopped; whether there is one. */
  passBreak(place: EventPlace): boolean {
    const { instruction } = this.here(place);
    if (!this.#objects.isAtOwnEvent() || read(this.#objects, instruction, 1)[0] !== BREAK_INSTRUCTION) return false;
    this.#goTo(instruction + BigInt(BREAK_LENGTH));
    return true;
  }

  #goTo(address: bigint): void {
    writeRegister(this.#objects, this.#objects.isX86 ? "eip" : "rip", address);
  }

  /** A process has a breakpoint at an address, be it the engine's own. */
  addPlace(processId: number, address: bigint): void {
    const places = this.#places.get(processId) ?? new Set();
    this.#places.set(processId, places.add(address));
  }

  /**
   * Counts passes here from now on, in all processes; `place` is the current one. Hits that the engine passes over by itself it steps over by itself,
   * while other threads run past the breakpoint, and a wait that ends meanwhile has it count one twice; so it does with hits of a breakpoint that is
   * another thread's. A breakpoint for one hit it would take away at the first that it tells, known or passed over here.
   */
  takeCounting(processes: Iterable<number>, place: EventPlace): void {
    this.#spent.clear(); // all that was to be told was told
    for (const processId of processes) if (this.#objects.tryFocus({ processId })) this.#takeCounting(processId);
    this.#objects.tryFocus(place);
  }

  #takeCounting(processId: number): void {
    for (const breakpoint of allBreakpoints(this.#objects)) {
      if (!isDeferred(breakpoint)) this.addPlace(processId, breakpoint.GetOffset());
      const id = breakpoint.GetId();
      const left = breakpoint.GetCurrentPassCount();
      const isOneShot = (breakpoint.GetFlags() & DEBUG_BREAKPOINT_ONE_SHOT) !== 0 && !isAtEntry(id);
      const thread = threadOf(breakpoint);
      if (left <= 1 && !isOneShot && thread === undefined) continue;
      this.#passes.set(keyOf(processId, id), { left, isOneShot, thread });
      if (left > 1) breakpoint.SetPassCount(1);
      if (isOneShot) breakpoint.RemoveFlags(DEBUG_BREAKPOINT_ONE_SHOT);
      if (thread !== undefined) breakpoint.SetMatchThreadId(DEBUG_ANY_ID);
    }
  }

  /** Gives the engine back what is counted here, for commands that show or change it. */
  returnCounting(): void {
    if (this.#passes.size === 0) return;
    const processId = this.#objects.currentProcess();
    for (const breakpoint of allBreakpoints(this.#objects)) {
      const key = keyOf(processId, breakpoint.GetId());
      const passes = this.#passes.get(key);
      if (!passes) continue;
      if (breakpoint.GetCurrentPassCount() === 1 && passes.left > 1) breakpoint.SetPassCount(passes.left);
      if (passes.isOneShot) breakpoint.AddFlags(DEBUG_BREAKPOINT_ONE_SHOT);
      if (passes.thread !== undefined) breakpoint.SetMatchThreadId(passes.thread);
      this.#passes.delete(key);
    }
  }

  /** One pass more; whether it is one that somebody is told of. */
  #countDown(key: string, breakpoint: Com<IDebugBreakpoint2>): boolean {
    const passes = this.#passes.get(key);
    if (!passes) return true;
    const { left, isOneShot, thread } = passes;
    if (thread !== undefined && thread !== this.#objects.system.GetCurrentThreadId()) return false;
    if (left > 1) this.#passes.set(key, { ...passes, left: left - 1 });
    else if (isOneShot || thread === undefined) this.#passes.delete(key);
    if (left > 1) return false;
    if (isOneShot) {
      this.#spent.add(key);
      breakpoint.AddFlags(DEBUG_BREAKPOINT_ONE_SHOT); // with this hit the engine takes it away
    }
    return true;
  }

  /** Whether a breakpoint of the current process is there yet, or was until the hit that is about to be told. */
  isThere(processId: number, id: number): boolean {
    return this.#spent.has(keyOf(processId, id)) || hasBreakpoint(this.#objects, id);
  }
}

function keyOf(processId: number, id: number | ""): string {
  return `${processId} ${id}`;
}

function isSame(one: Visit | undefined, other: Visit): boolean {
  return one?.instruction === other.instruction && one.stack === other.stack && one.processId === other.processId;
}
