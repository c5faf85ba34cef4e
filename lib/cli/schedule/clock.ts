import { after } from "../../session/time.ts";

/** The time that cron expressions are measured against. Tests have one of their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds of this clock, or at once when the signal is given. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A clock that runs `speed` times as fast as the system's, beginning with `start` at the system's time `base`. */
export function clockOf(speed: number = 1, start: number = 0, base: number = start): Clock {
  return {
    now: () => start + (Date.now() - base) * speed,
    sleep: (ms, signal) => pause(ms / speed, signal),
  };
}

/** Resolves after so many milliseconds of the system's time, or at once when the signal is given. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      stop();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const stop = after(Math.max(ms, 0), done);
    signal?.addEventListener("abort", done);
  });
}

/** Whether something ended within so many milliseconds. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const settled = new AbortController();
  let hasEnded = false;
  await Promise.race([work.then(() => hasEnded = true), pause(ms, settled.signal)]);
  settled.abort();
  return hasEnded;
}
