/**
 * Debugs a program from its launch to its end and says how long that took. One JSON object on stdout.
 * Run by bench.ts inside the host: `events.ts ENGINE worker|inline|host listening|silent PROGRAM ARGUMENTS…`
 * @module
 */
import { hostingOptions } from "./hosting.ts";
import { DebugSession, type EventHandler, type EventName } from "../../../mod.ts";

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
await using session = new DebugSession({ engine, ...hostingOptions(hosting) });
let events = 0;
const handler: EventHandler<EventName> = () => void events++;
if (mode === "listening") { for (const name of NAMES) session.on(name, handler); }
await session.engine(); // the native client's clock starts with an open engine too
const start = performance.now();
const program = await session.launch(command);
await session.wait();
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ events, milliseconds, exitCode: program.end?.exitCode }));
