/** How often it is looked at whether something gets on, in milliseconds. */
const INTERVAL = 100;
/** How long it may take in any case, in milliseconds. */
const LEAST = 300;

/** Watches over calls that nobody wants to wait for any more: tells how long what carries them out has made no step. */
export class Patience {
  readonly #calls: ReadonlyMap<number, unknown>;
  readonly #onPause: (milliseconds: number) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param calls Those that are under way, by number.
   * @param onPause Is called again and again while there are some.
   */
  constructor(calls: ReadonlyMap<number, unknown>, onPause: (milliseconds: number) => void) {
    this.#calls = calls;
    this.#onPause = onPause;
  }

  /** Nobody wants to wait any more. `pause` gives how long ago the last step was, in milliseconds. */
  lose(pause: () => number): void {
    if (this.#timer !== undefined) return;
    let free = performance.now();
    this.#timer = setInterval(() => {
      if (this.#calls.size === 0) free = performance.now();
      else if (performance.now() - free > LEAST) this.#onPause(pause());
    }, INTERVAL);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** It is over. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
