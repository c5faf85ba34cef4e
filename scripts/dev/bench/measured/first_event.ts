/**
 * Says when the first event of a program came: at that moment it prints one line.
 * Run by bench.ts inside the host: `first_event.ts ENGINE worker|inline|host PROGRAM ARGUMENTS…`
 * @module
 */
import { DebugSession } from "../../../../mod.ts";
import { hostingOptions } from "./hosting.ts";

const [engine = "", hosting = "", ...command] = Deno.args;
const line = new TextEncoder().encode("{}\n");
await using session = new DebugSession(hostingOptions(engine, hosting));
session.on("createProcess", () => void Deno.stdout.writeSync(line));
await session.launch(command);
await session.wait();
