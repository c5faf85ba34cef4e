/** How long this thread may be kept from its other tasks by calls that it sleeps for, in milliseconds. */
const BURST = 10;

/** How many turns of the event loop they have then: a signal that came meanwhile may be told in the second one only. */
const TURNS = 2;

/** How long it sleeps for the answer to a request, and for programs that run, in milliseconds. */
const REQUEST = 2;
const RUN = 0.5;

/** Decides how long the script's thread sleeps for an answer, and when its other tasks have a turn. */
export class Turns {
  /** How long it has slept since they had one. */
  #slept = 0;
  /** Whether the last run was over soon: events come thick. */
  #isThick = false;

  /** How long to sleep for an answer. */
  patienceOf(isRun: boolean): number {
    if (this.#slept >= BURST) return 0;
    return isRun ? this.#isThick ? RUN : 0 : REQUEST;
  }

  /** A call has been made, and answered or not: it took so long since it was made. */
  slept(milliseconds: number): void {
    this.#slept += milliseconds;
  }

  /** A run is over that took so many milliseconds. */
  ran(milliseconds: number): void {
    this.#isThick = milliseconds < 2 * RUN;
  }

  /** The thread's other tasks have a turn. */
  async give(): Promise<void> {
    if (this.#slept < BURST) return;
    this.#slept = 0;
    // By a timer: behind messages of one's own, which come at once, others' timers would have none.
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
