/** The longest that one of JavaScript's own timers waits, in milliseconds (24.8 days): beyond that they fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Calls once after so many milliseconds, however many these are; after Infinity never. Gives what stops it. */
export function after(milliseconds: number, action: () => void, { ref = true } = {}): () => void {
  if (milliseconds === Infinity) return () => {};
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    const now = Math.min(left, LONGEST);
    timer = setTimeout(() => left > now ? wait(left - now) : action(), now);
    if (!ref) Deno.unrefTimer(timer as unknown as number);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

/** As `AbortSignal.timeout`, for any length of time. */
export function timeoutSignal(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  after(milliseconds, () => controller.abort(new DOMException("Signal timed out.", "TimeoutError")), { ref: false });
  return controller.signal;
}

/**
 * Refuses what is no length of time for an option.
 * @throws {TypeError} for what is no number. @throws {RangeError} for one that is not above 0.
 */
export function requireTime(name: string, value: unknown): void {
  if (typeof value !== "number") throw new TypeError(`Cannot use the option ${name}: ${typeof value} is no number`);
  if (!(value > 0)) throw new RangeError(`Cannot use a ${name} of ${value} ms: it must be above 0`);
}
