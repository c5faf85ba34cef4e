import { PAUSE_AGAIN_MILLISECONDS, PAUSE_MILLISECONDS, type Target } from "./target.ts";

/** A break that was asked for and has not stopped the program yet. */
export class Interrupt {
  readonly #target: Target;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setInterval> | undefined;

  /** For one program. */
  constructor(target: Target) {
    this.#target = target;
  }

  /** Whether a break is asked for. */
  get isWanted(): boolean {
    return this.#timer !== undefined;
  }

  /** Asks for a break. */
  ask(): void {
    if (this.isWanted) return;
    this.#timer = setTimeout(() => this.#target.giveUpPause(), PAUSE_MILLISECONDS);
    const askPause = (): void => {
      if (!this.#target.stopped) this.#target.askPause();
    };
    askPause();
    this.#again = setInterval(askPause, PAUSE_AGAIN_MILLISECONDS);
  }

  /** The program has stopped, whatever for. */
  clear(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#again);
    this.#timer = undefined;
  }
}
