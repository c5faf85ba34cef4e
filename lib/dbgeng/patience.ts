/** How often it is looked at whether something gets on, in milliseconds. */
const INTERVAL = 100;

/** Watches over calls that nobody wants to wait for any more: tells how long what carries them out has made no step. */
export class Patience {
  /** The calls that are under way, by number. */
  readonly #calls: ReadonlyMap<number, unknown>;
  readonly #pulse: () => unknown;
  readonly #onPause: (milliseconds: number) => void;
  /** Those that nobody wants to wait for; undefined for all of them, to come as well. */
  #unwanted: ReadonlySet<number> | undefined = new Set();
  #timer: ReturnType<typeof setInterval> | undefined;
  #last: unknown;
  #since = 0;

  /** `pulse` gives another value after each step. `onPause` is called again and again while there is none. */
  constructor(calls: ReadonlyMap<number, unknown>, pulse: () => unknown, onPause: (milliseconds: number) => void) {
    this.#calls = calls;
    this.#pulse = pulse;
    this.#onPause = onPause;
  }

  /** Nobody wants to wait for what is under way; `forGood`: nor for what comes. */
  lose(forGood: boolean): void {
    if (forGood) this.#unwanted = undefined;
    else if (this.#unwanted) this.#unwanted = new Set(this.#calls.keys());
    if (this.#timer !== undefined) return;
    this.#step();
    this.#timer = setInterval(() => this.#look(), INTERVAL);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** It is over. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unwanted = new Set();
  }

  #step(): void {
    this.#last = this.#pulse();
    this.#since = performance.now();
  }

  #look(): void {
    const unwanted = this.#unwanted;
    if (unwanted && ![...this.#calls.keys()].some((id) => unwanted.has(id))) return this.stop();
    if (this.#calls.size === 0 || this.#pulse() !== this.#last) return this.#step();
    this.#onPause(performance.now() - this.#since);
  }
}
