import type { Program, Stop } from "./program.ts";

/** A stop that an engine has come back with. */
export interface Brought {
  readonly stop: Stop;
  /** Whether it is told later when nobody waits for it. */
  readonly isKept: boolean;
}

/**
 * Where engines have stopped, until that is told or their programs have run on. Programs may be about to go past a stop: it is
 * not over before they do, for what they are to go on for may end meanwhile.
 */
export class Stops {
  readonly #stops = new Map<object, Brought>();

  /** Whether there are any. */
  get any(): boolean {
    return this.#stops.size > 0;
  }

  /** An engine has come back with one. */
  add(engine: object, brought: Brought): void {
    this.#stops.set(engine, brought);
  }

  /** The programs of an engine run on. */
  pass(engine: object): void {
    this.#stops.delete(engine);
  }

  /** A program has left while it was stopped: nobody is told of where. */
  forget(program: Program): void {
    for (const [engine, { stop }] of this.#stops) {
      if (stop.reason !== "ended" && stop.program === program) this.#stops.delete(engine);
    }
  }

  /** All of them, in the order in which they came: they are about to be told. */
  take(): Brought[] {
    const taken = [...this.#stops.values()];
    this.#stops.clear();
    return taken;
  }
}
