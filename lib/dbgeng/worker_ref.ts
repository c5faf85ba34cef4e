/**
 * Whether a worker keeps its script alive. Deno has no name for that: Node's kind of workers have `unref`, but take some 200 ms longer to
 * start. It is there under a symbol of Deno's own, the only one of workers without a name; should that go, workers keep scripts alive
 * as they do without it.
 * @module
 */

const symbol = Object.getOwnPropertySymbols(Worker.prototype).find(({ description }) => !description);

/** Lets a worker keep its script alive, or not. Each call with one value is taken back by one with the other. */
export function refWorker(worker: Worker, isNeeded: boolean): void {
  const ref = symbol && (worker as unknown as Record<symbol, unknown>)[symbol];
  if (typeof ref === "function") ref.call(worker, isNeeded);
}
