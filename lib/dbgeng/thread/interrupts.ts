/** Interrupts that the engine's own thread sends, between two waits. */
import { HresultError } from "../../com/hresult.ts";
import { DEBUG_INTERRUPT_ACTIVE, DEBUG_STATUS_GO } from "../generated/constants.ts";
import type { EventReceiver } from "./events.ts";
import type { EngineObjects } from "./objects.ts";
import { breakInto, holdProcess } from "./suspension.ts";
import type { WaitOnce } from "./waits.ts";
import { isWine } from "./windows.ts";

/** An interrupt that came to nothing is sent again after so many milliseconds; each one starts a thread in the program. */
const AGAIN = 60;

/** Breaks into running programs. */
export class Interrupts {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #wait: WaitOnce;
  /** Not before that, by `performance.now()`. */
  #next = -Infinity;

  constructor(objects: EngineObjects, events: EventReceiver, wait: WaitOnce) {
    this.#objects = objects;
    this.#events = events;
    this.#wait = wait;
  }

  /** The programs are stopped, so that none is under way. */
  stopped(): void {
    this.#next = -Infinity;
  }

  /**
   * Sends one, while the programs run and no wait is under way; the next wait brings it. False when an event has come instead, which is
   * to be looked at like that of any wait.
   * @param isUrgent Whether it is needed at once, whatever is under way.
   */
  send(isUrgent = false): boolean {
    if (performance.now() < this.#next && !isUrgent) return true;
    this.#next = performance.now() + AGAIN;
    const processId = isWine() ? this.#events.arrivals.localOf(this.#events.processes) : undefined;
    return processId === undefined ? this.#ask() : this.#breakInto(processId);
  }

  /** Lets the programs go on. */
  go(): void {
    try {
      this.#objects.control.SetExecutionStatus(DEBUG_STATUS_GO);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // at the end of a thread or a process: the wait goes on by itself
    }
  }

  /** The engine's own way. It works between telling the engine to go on and the wait: at BREAK it would do nothing. */
  #ask(): true {
    const { control } = this.#objects;
    try {
      control.SetExecutionStatus(DEBUG_STATUS_GO);
      control.SetInterrupt(DEBUG_INTERRUPT_ACTIVE);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // the program is ending, and with it the run
    }
    return true;
  }

  /**
   * Under Wine one of the program's own threads begins the thread that breaks in. If that one stands at an exception just then,
   * of which the engine has not heard yet, the program ends with code 1. So all are held, and whether one does is looked at first.
   */
  #breakInto(processId: number): boolean {
    const held = holdProcess(processId);
    try {
      this.go();
      if (this.#wait(0)) return false;
      breakInto(processId);
      return true;
    } finally {
      held?.letRun();
    }
  }
}
