import type { Stop } from "./program.ts";

interface Waiter {
  resolve(stop: Stop): void;
  reject(error: unknown): void;
  /** Set once its signal aborted: it rejects as soon as the programs are stopped. */
  aborted: { readonly reason: unknown } | undefined;
}

/** Who waits for the next stop, and the stops that nobody has waited for yet. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();
  readonly #stops: Stop[] = [];
  #error: { readonly value: unknown } | undefined;

  /** Whether somebody gave up and waits for the programs to be stopped. */
  get abortRequested(): boolean {
    return [...this.#waiters].some((waiter) => waiter.aborted);
  }

  /** Whether the programs have to go on after such a stop: it was brought about for aborted waits, and others still wait. */
  goesOn(forAbort: boolean): boolean {
    return forAbort && [...this.#waiters].some((waiter) => !waiter.aborted);
  }

  /** A stop that happened between waits. Throws an error that happened there. */
  take(): Stop | undefined {
    const error = this.#error;
    this.#error = undefined;
    if (error) throw error.value;
    return this.#stops.shift();
  }

  /** Forgets that every program had ended: another is coming. */
  forgetEnd(): void {
    const later = this.#stops.filter(({ reason }) => reason !== "ended");
    this.#stops.splice(0, Infinity, ...later);
  }

  /** Waits for the next stop. `onAbort` must bring one about. */
  next(signal: AbortSignal | undefined, onAbort: () => void): Promise<Stop> {
    const { promise, resolve, reject } = Promise.withResolvers<Stop>();
    const waiter: Waiter = { resolve, reject, aborted: undefined };
    const abort = (): void => {
      waiter.aborted = { reason: signal?.reason };
      onAbort();
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#waiters.add(waiter);
    return promise.finally(() => signal?.removeEventListener("abort", abort));
  }

  /** Gives a stop to all who wait, or keeps it for the next. Those whose signal aborted reject, only those with `forAbort`. */
  deliver(stop: Stop, forAbort: boolean): void {
    const live = [...this.#waiters].filter((waiter) => !waiter.aborted);
    for (const waiter of this.#waiters) {
      if (waiter.aborted) {
        this.#waiters.delete(waiter);
        waiter.reject(waiter.aborted.reason);
      }
    }
    if (forAbort) return;
    if (live.length === 0) this.#stops.push(stop);
    for (const waiter of live) {
      this.#waiters.delete(waiter);
      waiter.resolve(stop);
    }
  }

  /** Rejects all who wait, or keeps the error for the next. */
  fail(error: unknown): void {
    if (this.#waiters.size === 0) this.#error = { value: error };
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }
}
