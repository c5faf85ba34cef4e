/** What was asked for, unless the signal aborts first; what comes after that is undone. */
export async function orAborted<T>(
  asked: Promise<T>,
  signal: AbortSignal | undefined,
  undo: (late: T) => void = () => {},
): Promise<T> {
  if (!signal) return await asked;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
    asked.then(undo, () => {});
  };
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Whether something is over within a time, in milliseconds; its failure is thrown. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
