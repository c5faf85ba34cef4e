/**
 * Debugs a program from its launch to its end and says how long that took and what came. One JSON object on stdout.
 * Run by bench.ts inside the host: `events.ts ENGINE worker|inline|host|confined listening|silent|looking|following PROGRAM ARGUMENTS…`;
 * `looking`: the handler of notes.exe's exceptions is asynchronous and reads 8 bytes and one frame; `following`: with children.
 * @module
 */
import { DebugSession, type EventHandler, type EventName } from "../../../../mod.ts";
import { digestOf, NOTES } from "./digest.ts";
import { hostingOptions } from "./hosting.ts";

/** What the native client reports: everything but the engine's own chatter. */
const NAMES: readonly EventName[] = [
  "createProcess",
  "exitProcess",
  "createThread",
  "exitThread",
  "loadModule",
  "unloadModule",
  "exception",
  "breakpoint",
  "systemError",
  "output",
];

const [engine = "", hosting = "", mode = "", ...command] = Deno.args;
const kinds: Partial<Record<EventName, number>> = {};
const reads: Uint8Array[] = [];
let frames = 0;
/** When exceptions came: of the first the engine makes more than of others. */
let first = NaN;
let second = NaN;
let last = NaN;

function countEvents(session: DebugSession): void {
  for (const name of NAMES) {
    const handler: EventHandler<EventName> = () => {
      const count = kinds[name] = (kinds[name] ?? 0) + 1;
      if (name === "exception") noteTime(count);
    };
    session.on(name, handler);
  }
}

function noteTime(count: number): void {
  last = performance.now();
  if (count === 1) first = last;
  if (count === 2) second = last;
}

function look(session: DebugSession): void {
  session.on("exception", async ({ program, threadId, code, address, parameters }) => {
    if (code !== NOTES) return;
    reads.push(await program.memory.read(parameters[1] ?? 0n, 8));
    const [frame] = await program.thread(threadId).stack(1);
    if (frame?.address === address) frames++;
  });
}

await using session = new DebugSession(hostingOptions(engine, hosting));
if (mode !== "silent") countEvents(session);
if (mode === "looking") look(session);
await session.engine(); // the native client's clock starts with an open engine too
const start = performance.now();
const program = await session.launch(command, mode === "following" ? { children: "follow" } : {});
await session.wait();
const milliseconds = performance.now() - start;
const looked = mode === "looking" ? { digest: digestOf(reads), frames } : {};
const times = { firstToSecondUs: (second - first) * 1000, secondToLastUs: (last - second) * 1000 };
console.log(JSON.stringify({ kinds, milliseconds, exitCode: program.end?.exitCode, ...times, ...looked }));
