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
