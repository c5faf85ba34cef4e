/** Break instructions that are not the program's own: Windows' at the start of a process, and those of interrupts. */
import type { EventPlace } from "../../session/engine.ts";
import { interruptsAsked, type SharedWords } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";
import { breakInStart } from "./windows.ts";
import { forgetBreakIn, isOwnBreakIn } from "./x86_break_in.ts";

/**
 * What a break instruction is: the break at which Windows hands a process over, an interrupt that was asked for, one of
 * {@linkcode BreakIns.isSettling}, or an interrupt that comes too late to be of use.
 */
export type BreakIn = "initialBreak" | "interrupt" | "settled" | "late";

/** Tells the break-ins from the program's own break instructions, and counts the interrupts that were asked for. */
export class BreakIns {
  readonly #objects: EngineObjects;
  /** With the interrupts asked for so far, counted by whoever asks, on any thread. */
  readonly #shared: SharedWords;
  #answered = 0;
  readonly #awaitingInitial = new Set<number>();
  /** Of 32-bit programs that were launched Windows' 32-bit loader breaks in as well, later, with an exception of its own. */
  readonly #awaitingLoader = new Set<number>();
  /** Where threads began, to know those that Windows starts to break in; by thread id. */
  readonly #begun = new Map<number, { readonly processId: number; readonly start: bigint }>();
  readonly #starts: Set<bigint>;
  /** Whether programs of another machine are among those debugged. */
  remote = false;
  /** Whether the next break-in is one that the engine's own thread asked for, to find the programs stopped. */
  isSettling = false;

  /** `start`: where Windows starts threads that break in. */
  constructor(objects: EngineObjects, shared: SharedWords, start: bigint = breakInStart()) {
    this.#starts = new Set([start]);
    this.#objects = objects;
    this.#shared = shared;
  }

  /** Whether an interrupt was asked for and has not been answered. */
  get isAsked(): boolean {
    return interruptsAsked(this.#shared) !== this.#answered;
  }

  /** The programs are stopped: what was asked for is answered by that. */
  answer(): void {
    this.#answered = interruptsAsked(this.#shared);
  }

  /** To be called when a run ended for another reason: an interrupt that was asked for meanwhile must not stop a later run. */
  forgetAsked(): void {
    if (!this.isAsked) return;
    this.answer();
    this.#objects.control.GetInterrupt(); // takes it out of the engine, if it is still there
  }

  /** A process has come up that Windows brings to a break. `isNew`: whether it begins with that. */
  expectInitial(processId: number, isNew = false): void {
    this.#awaitingInitial.add(processId);
    if (isNew) this.#awaitingLoader.add(processId);
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.#awaitingInitial.delete(processId);
    this.#awaitingLoader.delete(processId);
    const isIn = [...this.#begun.values()].some((begun) => begun.processId === processId && isOwnBreakIn(begun.start));
    forgetBreakIn(processId, isIn);
    // Windows gives their ids to others, of which nobody may hear when these begin.
    for (const [threadId, begun] of [...this.#begun]) if (begun.processId === processId) this.#begun.delete(threadId);
  }

  /** Whether a thread that begins there is one that Windows starts to break in. */
  isOne(startAddress: bigint): boolean {
    return this.#starts.has(startAddress) || isOwnBreakIn(startAddress);
  }

  /** Whether a thread is one of those. */
  isIn(threadId: number): boolean {
    return this.isOne(this.#startOf(threadId));
  }

  /** The threads that have broken in and not ended yet. */
  get threads(): number[] {
    return [...this.#begun.keys()].filter((threadId) => this.isIn(threadId));
  }

  /** A thread has begun. */
  threadBegan({ processId, threadId }: EventPlace, start: bigint): void {
    this.#begun.set(threadId, { processId, start });
  }

  /** A thread has ended. */
  threadEnded(threadId: number): void {
    this.#begun.delete(threadId);
  }

  #startOf(threadId: number): bigint {
    return this.#begun.get(threadId)?.start ?? 0n;
  }

  /**
   * What a break instruction is; undefined for one of the program's own. An interrupt comes in a thread that Windows starts for it.
   * @param isX86 Whether Windows tells it as one of 32-bit code.
   */
  take({ processId, threadId }: EventPlace, isX86 = false): BreakIn | undefined {
    if (this.#awaitingInitial.delete(processId)) return "initialBreak";
    if (isX86 && this.#awaitingLoader.delete(processId)) return "late";
    const start = this.#startOf(threadId);
    // Another machine's Windows has it elsewhere: the first interrupt there teaches where.
    if (this.remote && start !== 0n && (this.isAsked || this.isSettling)) this.#starts.add(start);
    if (!this.isOne(start)) return undefined;
    if (this.isAsked) {
      this.answer();
      return "interrupt";
    }
    if (!this.isSettling) return "late";
    this.isSettling = false;
    return "settled";
  }
}
