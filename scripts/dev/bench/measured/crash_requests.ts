/**
 * Counts what scripts/crash.ts asks the engine for: from the last run of the program until its crash was told, and in all. One JSON object on stdout.
 * Run by bench.ts inside the host: `crash_requests.ts ENGINE worker|inline|host|confined PROGRAM ARGUMENTS…`
 * @module
 */
import { DebugSession } from "../../../../lib/api/debug_session.ts";
import { InlineConnection } from "../../../../lib/dbgeng/inline_connection.ts";
import { WorkerConnection } from "../../../../lib/dbgeng/worker_connection.ts";
import { RemoteConnection } from "../../../../lib/remote/remote_connection.ts";
import { Watch } from "../../../shared/crash_watch.ts";
import type { Crash } from "../../../shared/crashes.ts";
import { openTarget, runToEnd } from "../../../shared/diagnostic.ts";
import { hostingOptions } from "./hosting.ts";

let all = 0;
let sinceRun = 0;

/** What all connections have. */
interface Caller {
  call(name: string, ...values: unknown[]): Promise<unknown>;
}

/** Counts what goes through any connection of a class. */
function countCalls(prototype: Caller): void {
  const { call } = prototype;
  prototype.call = function (this: Caller, name: string, ...values: unknown[]): Promise<unknown> {
    all++;
    sinceRun = name === "run" ? 0 : sinceRun + 1;
    return call.call(this, name, ...values);
  };
}

const [engine = "", hosting = "", ...command] = Deno.args;
for (const { prototype } of [InlineConnection, WorkerConnection, RemoteConnection]) countCalls(prototype as Caller);
// As catchCrash of scripts/crash.ts does it, with the library's sources: mod.ts is a bundle, whose connections cannot be counted.
let requests = 0;
const crashes: Crash[] = [];
await using session = new DebugSession(hostingOptions(engine, hosting));
new Watch(session, { found: (crash) => (requests = sinceRun, crashes.push(crash as Crash)) });
await openTarget(session, { launch: command }, { signal: undefined, children: "ignore" });
await runToEnd(session, undefined);
const [crash] = crashes;
const stack = crash?.stack?.map((frame) => frame.function);
console.log(JSON.stringify({ requests, all, crashes: crashes.length, code: crash?.code, stack }));
