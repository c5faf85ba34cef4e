/** Threads that run alone, while all others are frozen. */
import { DEBUG_STATUS_GO } from "../generated/constants.ts";
import type { EventReceiver } from "./events.ts";
import { FrozenThreads } from "./frozen_threads.ts";
import type { Visit } from "./hits.ts";
import type { Interrupts } from "./interrupts.ts";
import type { EngineObjects } from "./objects.ts";
import type { WaitOnce } from "./waits.ts";

/** How long one instruction may take, in milliseconds, until the programs are stopped to look whether it was executed. */
export const INSTRUCTION = 1_000;

/** The same for one that goes into the kernel, where it may have to wait for one of the frozen threads. */
export const SYSTEM_CALL = 5;

/** How long it may take until what does not come to its end by itself is stopped, in milliseconds. */
export const SETTLES = 2_000;

/** Freezes threads, so that one has the programs to itself, and stops them where that one does not come to an end. */
export class Alone {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #wait: WaitOnce;
  readonly #interrupts: Interrupts;

  constructor(objects: EngineObjects, events: EventReceiver, wait: WaitOnce, interrupts: Interrupts) {
    this.#objects = objects;
    this.#events = events;
    this.#wait = wait;
    this.#interrupts = interrupts;
  }

  /**
   * Does something while no thread runs but one, or none.
   * @param freezes Whether the others are frozen. Where they are not, every event ends a wait all the same.
   */
  run<T>(visit: Visit, action: (frozen: FrozenThreads | undefined) => T, { runs = true, freezes = true } = {}): T {
    const frozen = freezes ? this.#freeze(visit, runs) : undefined;
    this.#events.answers.carried = visit;
    try {
      return action(frozen);
    } finally {
      this.#events.answers.carried = undefined;
      // The engine counts below zero where it thaws what was not frozen: threads that have begun in the last moment are to be even, too.
      this.freezeBegun(frozen);
      frozen?.thaw();
    }
  }

  #freeze(visit: Visit, runs: boolean): FrozenThreads {
    const { breakIns, processes } = this.#events;
    const ending = breakIns.threads.filter((threadId) => threadId !== visit.threadId);
    return new FrozenThreads(this.#objects, visit, processes, ending, runs);
  }

  /** Freezes those as well that have begun meanwhile. */
  freezeBegun(frozen: FrozenThreads | undefined): void {
    for (const place of this.#events.takeBegun()) frozen?.add(place);
  }

  /** Whether what has come is of a thread. Where another one's end was the last event, the engine's current thread is any. */
  isBack({ threadId }: Visit): boolean {
    return this.#events.place().threadId === threadId && this.#objects.isAtOwnEvent();
  }

  /** Whether that is the trap behind its instruction. */
  #hasTrapped(visit: Visit): boolean {
    return this.isBack(visit) && (this.#events.isTrap || this.#objects.lastEventType() === 0);
  }

  /** Whether the thread has executed the instruction, or never will. */
  hasLeft(visit: Visit): boolean {
    return !this.#objects.tryFocus(visit) || !this.#events.hits.stands(visit);
  }

  /**
   * The wait ended before the instruction did: it waits inside the kernel, or the machine stalled. The engine does not know any
   * more what it was about, so a break-in stops the programs, to look.
   * @param leads Whether the instruction may lead back to itself: only a trap tells then that it was executed.
   */
  settle(visit: Visit, leads = false): false {
    const events = this.#events;
    const end = performance.now() + SETTLES;
    let isOver = false;
    events.breakIns.isSettling = true;
    try {
      for (let isSent = false; !isOver && performance.now() < end;) {
        if (isSent) this.#interrupts.go();
        else isSent = this.#interrupts.send(true);
        const hasCome = !isSent || this.#wait(end - performance.now());
        // The thread is not let go on from where it has come to: it would run on alone.
        isOver = hasCome && (!events.breakIns.isSettling || this.isBack(visit) || !events.answers.mayCarryOn());
      }
    } finally {
      events.breakIns.isSettling = false;
    }
    if (!isOver) events.answers.stopWith(DEBUG_STATUS_GO); // nobody is told of that
    if ((leads && this.#hasTrapped(visit)) || this.hasLeft(visit)) events.hits.leave(visit);
    return false;
  }
}
