import type { Stop } from "./program.ts";

/** How long a wait that was given up holds on for the programs to stop, in milliseconds. */
const PATIENCE = 1500;

interface Waiter {
  resolve(stop: Stop): void;
  reject(error: unknown): void;
  /** Whether it goes on past stops: the next wait is to be told of one, too, unless the programs go on before. */
  readonly passesOver: boolean;
  /** Set once its signal aborted: it rejects as soon as the programs are stopped. */
  aborted: { readonly reason: unknown } | undefined;
}

/** Who waits for the next stop, and what nobody has waited for yet. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();
  #stops: Stop[] = [];
  #error: { readonly value: unknown } | undefined;

  /** Whether somebody waits and has not given up. */
  get any(): boolean {
    return [...this.#waiters].some((waiter) => !waiter.aborted);
  }

  /** Whether somebody gave up and waits for the programs to be stopped. */
  get abortRequested(): boolean {
    return [...this.#waiters].some((waiter) => waiter.aborted);
  }

  /** A stop that happened between waits. Throws an error that happened there. */
  take(): Stop | undefined {
    const error = this.#error;
    this.#error = undefined;
    if (error) throw error.value;
    return this.#stops.shift();
  }

  /** The programs go on: what they were stopped at is over. */
  forgetStops(): void {
    this.#stops = [];
  }

  /** Waits for the next stop. `stop` must bring one about when the signal aborts; it `isLate` when that took too long. */
  next(signal: AbortSignal | undefined, stop: (isLate: boolean) => void, passesOver = false): Promise<Stop> {
    const { promise, resolve, reject } = Promise.withResolvers<Stop>();
    const waiter: Waiter = { resolve, reject, passesOver, aborted: undefined };
    let limit: ReturnType<typeof setTimeout> | undefined;
    const abort = (): void => {
      if (!this.#waiters.has(waiter)) return;
      waiter.aborted = { reason: signal?.reason };
      limit = setTimeout(() => stop(true), PATIENCE);
      stop(false);
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#waiters.add(waiter);
    return promise.finally(() => {
      clearTimeout(limit);
      signal?.removeEventListener("abort", abort);
    });
  }

  /** Rejects those whose signal aborted; whether there were any. */
  rejectAborted(): boolean {
    const aborted = [...this.#waiters].filter((waiter) => waiter.aborted);
    for (const waiter of aborted) {
      this.#waiters.delete(waiter);
      waiter.reject(waiter.aborted?.reason);
    }
    return aborted.length > 0;
  }

  /** Gives a stop to all who wait; if that is nobody, or only who passes over it, it is kept for the next if it `isKept`. */
  deliver(stop: Stop, isKept: boolean): void {
    this.rejectAborted();
    if (isKept && ![...this.#waiters].some(({ passesOver }) => !passesOver)) this.#stops.push(stop);
    for (const waiter of this.#waiters) waiter.resolve(stop);
    this.#waiters.clear();
  }

  /** Rejects all who wait, or keeps the error for the next. Who gave up waits on: the programs are yet to be stopped. */
  fail(error: unknown): void {
    if (!this.any) this.#error = { value: error };
    for (const waiter of this.#waiters) {
      if (waiter.aborted) continue;
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
  }
}
