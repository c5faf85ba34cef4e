/** How long this thread may be kept from its other tasks by calls that it sleeps for, in milliseconds, unless something else is said. */
const BURST = 10;

/** How many turns of the event loop they have then: a signal that came meanwhile may be told in the second one only. */
const TURNS = 2;

/** How long it sleeps for the answer to a request, and for programs that run, in milliseconds. */
const REQUEST = 2;
const RUN = 0.5;

/** Decides how long the script's thread sleeps for an answer, and when its other tasks have a turn. */
export class Turns {
  readonly #burst: number;
  /** How long it has slept since they had one. */
  #slept = 0;
  /** Their turn, while they have it. */
  #turn: Promise<void> | undefined;
  /** Whether the last run was over soon: events come thick. */
  #isThick = false;

  /** `burst`: how long the others may be kept away, in milliseconds. */
  constructor(burst = BURST) {
    this.#burst = burst;
  }

  /** How long to sleep for an answer. */
  patienceOf(isRun: boolean): number {
    if (this.#slept >= this.#burst) return 0;
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

  /**
   * To be awaited at the end of each call: the thread's other tasks have a turn, where it is time for one. Calls that come to their ends meanwhile
   * wait for it as well, so that none overtakes another: who made two at once may await them one after another.
   */
  async give(): Promise<void> {
    if (this.#slept >= this.#burst) {
      this.#slept = 0;
      this.#turn ??= this.#pass();
    }
    await this.#turn;
  }

  async #pass(): Promise<void> {
    // By a timer: behind messages of one's own, which come at once, others' timers would have none.
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    this.#turn = undefined;
  }
}
