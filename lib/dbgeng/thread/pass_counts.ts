/** Pass counts of breakpoints, counted here in place of the engine. */
import type { Com } from "../../com/com_object.ts";
import { DEBUG_ANY_ID, DEBUG_BREAKPOINT_ONE_SHOT } from "../generated/constants.ts";
import type { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { allBreakpoints, hasBreakpoint, isAtEntry, removeBreakpoint, threadOf } from "./breakpoints.ts";
import type { EngineObjects } from "./objects.ts";

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
 * Decides which hits somebody is told of. Those that the engine passes over by itself it steps over by itself, while other threads run past the
 * breakpoint, and a wait that ends meanwhile has it count one twice; so it does with hits of a breakpoint that is another thread's. A
 * breakpoint for one hit it would take away at the first that it tells, known or passed over here.
 */
export class PassCounts {
  readonly #objects: EngineObjects;
  /** By process and id. */
  readonly #passes = new Map<string, Passes>();
  /** Breakpoints that the engine took away with a hit that may yet have to be told. */
  readonly #spent = new Set<string>();

  constructor(objects: EngineObjects) {
    this.#objects = objects;
  }

  /** All that was to be told was told. */
  begin(): void {
    this.#spent.clear();
  }

  /** Counts the passes of a breakpoint of the current process from now on. */
  take(processId: number, breakpoint: Com<IDebugBreakpoint2>): void {
    const id = breakpoint.GetId();
    const left = breakpoint.GetCurrentPassCount();
    const isOneShot = (breakpoint.GetFlags() & DEBUG_BREAKPOINT_ONE_SHOT) !== 0 && !isAtEntry(id);
    const thread = threadOf(breakpoint);
    if (left <= 1 && !isOneShot && thread === undefined) return;
    this.#passes.set(keyOf(processId, id), { left, isOneShot, thread });
    if (left > 1) breakpoint.SetPassCount(1);
    if (isOneShot) breakpoint.RemoveFlags(DEBUG_BREAKPOINT_ONE_SHOT);
    if (thread !== undefined) breakpoint.SetMatchThreadId(DEBUG_ANY_ID);
  }

  /** Gives the engine back what is counted here, for commands that show or change it. */
  giveBack(): void {
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
  countDown(processId: number, breakpoint: Com<IDebugBreakpoint2>): boolean {
    const key = keyOf(processId, breakpoint.GetId());
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

  /** Inside the callback of a thread's end: the breakpoints that are its own go with it, as the engine would have it. */
  threadEnded(processId: number): void {
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
    for (const key of this.#passes.keys()) if (key.startsWith(keyOf(processId, ""))) this.#passes.delete(key);
  }
}

function keyOf(processId: number, id: number | ""): string {
  return `${processId} ${id}`;
}
