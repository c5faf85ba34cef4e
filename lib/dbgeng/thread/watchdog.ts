/**
 * A thread that watches the engine's: that one waits for a process server's answer without an end, and a server whose machine
 * has lost its power, or its network, does not even hang up. Bundled as the engine's worker is.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import { cut, isServed } from "./sockets.ts";

/** How often it looks, in milliseconds. */
const INTERVAL = 500;
/** After so many milliseconds in which the engine's thread did not get on, the servers are asked whether they are there. */
const SILENCE = 3_000;

const lifeline = new Lifeline((workerData as { readonly words: SharedWords }).words);
let last: number | undefined;
let since = performance.now();

setInterval(() => {
  const { pulse } = lifeline;
  if (pulse === undefined || pulse !== last) {
    last = pulse;
    since = performance.now();
    return;
  }
  if (performance.now() - since < SILENCE) return;
  for (const socket of lifeline.sockets) if (!isServed(socket)) end(socket);
  since = performance.now();
}, INTERVAL);

function end(socket: number): void {
  if (lifeline.pulse !== last) return; // it got on meanwhile
  lifeline.remove(socket);
  cut(socket);
  parentPort?.postMessage("gone");
}
