/** Loops that keep processors busy while something is tried beside them. */
const LOOP = "for (;;);";

/** Starts so many busy loops, each in a thread of its own; disposing of the result ends them. */
export function busyLoops(loops: number): Disposable {
  const url = URL.createObjectURL(new Blob([LOOP], { type: "application/javascript" }));
  const workers = Array.from({ length: loops }, () => new Worker(url, { type: "module" }));
  return {
    [Symbol.dispose]: () => {
      for (const worker of workers) worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
