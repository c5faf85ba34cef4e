/**
 * Runs in a confined script's process before the script: puts the way to the host in place, where `openConnection` finds it.
 * The script loses nothing that it could use against this code: what is kept from it is outside of its process.
 * @module
 */
import { Worker } from "node:worker_threads";
import { FrameReader } from "../remote/framing.ts";
import { Multiplex, takeAll } from "./multiplex.ts";
import type { ByteChannel } from "../remote/channel.ts";

/**
 * Reads standard input on a thread of its own: when the host has gone, it ends the process, even if the script never comes back
 * from a loop. It does not keep a script alive that has nothing to do.
 */
const READER = `
const { parentPort } = require("node:worker_threads");
(async () => {
  for (const buffer = new Uint8Array(1 << 16);;) {
    const count = await Deno.stdin.read(buffer).catch(() => null);
    if (count === null) return Deno.kill(Deno.pid, "SIGKILL");
    parentPort.postMessage(buffer.slice(0, count));
  }
})();
`;

const reader = new Worker(READER, { eval: true });
const input = new FrameReader();
const stdout = Deno.stdout;

/** At once, so that nothing that the script prints gets into the middle of a message. */
function send(bytes: Uint8Array<ArrayBuffer>): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(stdout.writeSync(rest));
}

const multiplex = new Multiplex({ send, closed: () => reader.unref() });

let queue: Promise<void> = Promise.resolve();
reader.on("message", (bytes: Uint8Array<ArrayBuffer>) => {
  const text = (): void => {}; // the host prints nothing
  queue = queue.then(() => takeAll(input, bytes, { message: (json) => multiplex.take(json), text }));
});
reader.unref();

/** A session's way to the host; there is one at a time, as a process has one engine. */
function openChannel(): ByteChannel | undefined {
  if (multiplex.isTaken) return undefined;
  const channel = multiplex.open();
  reader.ref();
  return channel;
}

Object.defineProperty(globalThis, Symbol.for("latch.channel"), { value: openChannel });
