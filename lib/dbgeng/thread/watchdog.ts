/**
 * A thread that watches the engine's: that one waits for a process server's answer without an end, and a server whose machine
 * has lost its power, or its network, does not even hang up. Bundled as the engine's worker is.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import { cut, isServed, socketsTo, workOf } from "./sockets.ts";

/** What the watchdog tells: a server is gone and cut off, or the one that is being connected to does not answer. */
export type WatchdogMessage = "gone" | "unanswered";

/** How often it looks, in milliseconds. */
const INTERVAL = 100;
/** After so many milliseconds a connection that has had its time is looked at again: it may be there by now. */
const AGAIN = 500;
/** After so many milliseconds in which the engine's thread did not get on, the servers are asked whether they are there. */
const SILENCE = 3_000;

const lifeline = new Lifeline((workerData as { readonly words: SharedWords }).words);
let last: number | undefined;
/** When the engine's thread got on or worked at anything. */
let idleSince = performance.now();
let asked = idleSince;
let work = 0n;
/** How long the connection that is under way may take until it is cut off once more, in milliseconds. */
let stopsAt = 0;

setInterval(() => {
  const now = performance.now();
  const { pulse, threadId } = lifeline;
  const isOn = pulse === undefined || pulse !== last;
  if (isOn) {
    last = pulse;
    idleSince = asked = now;
    stopsAt = 0;
  }
  if (lifeline.connecting !== 0) return stopLateConnect();
  if (isOn || lifeline.sockets.length === 0) return;
  const worked = workOf(threadId);
  if (worked !== work || lifeline.isCommanded) idleSince = now;
  work = worked;
  if (now - idleSince >= lifeline.patience) return lifeline.sockets.forEach(end);
  if (now - asked < SILENCE) return;
  for (const socket of lifeline.sockets) if (!isServed(socket)) end(socket);
  asked = performance.now();
}, INTERVAL);

function end(socket: number): void {
  if (lifeline.pulse !== last) return; // it got on meanwhile
  lifeline.remove(socket);
  cut(socket);
  tell("gone");
}

/** What has connected is cut off. Whoever is being connected to by other means than TCP, or does not even connect, is left to Windows. */
function stopLateConnect(): void {
  const { connectingFor, connecting, patience } = lifeline;
  if (connectingFor < Math.max(patience, stopsAt)) return;
  stopsAt = connectingFor + AGAIN;
  for (const socket of socketsTo(connecting, (handle) => lifeline.isNew(handle))) cut(socket);
  tell("unanswered");
}

function tell(message: WatchdogMessage): void {
  parentPort?.postMessage(message);
}
