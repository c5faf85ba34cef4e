/** The engine's worker dies: its programs are let go as they came, and the next one in this process has the engine. */
import assert from "node:assert/strict";
import { WorkerConnection } from "../../lib/dbgeng/worker_connection.ts";
import { DebugSession } from "../../lib/api/mod.ts";
import { EngineError } from "../../lib/session/errors.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { engineFolder } from "./support.ts";

/** The connection that was made last. */
let last: WorkerConnection | undefined;

const { call: ask } = WorkerConnection.prototype;
WorkerConnection.prototype.call = function (
  this: WorkerConnection,
  ...values: Parameters<typeof ask>
): ReturnType<typeof ask> {
  last = this;
  return ask.apply(this, values);
} as typeof ask;

/** A function cannot be sent to another thread: the answer is an error that nothing in the worker takes. */
async function die(connection: WorkerConnection): Promise<void> {
  const call = connection.call as (name: string, ...values: unknown[]) => Promise<unknown>;
  await assert.rejects(call.call(connection, "__lookupGetter__", "interruptPointer"), { kind: "lost" });
}

Deno.test("a worker that dies gives the engine back", async () => {
  for (let round = 0; round < 3; round++) {
    const connection = new WorkerConnection();
    await connection.call("open", { engine: engineFolder() });
    await die(connection);
  }
  await using beat = startHeartbeat();
  await grows(beat);
  await using session = new DebugSession({ engine: engineFolder() });
  await session.attach(beat.pid);
});

Deno.test("a worker that dies lets the program go that it holds, and the next one attaches to it", async () => {
  await using beat = startHeartbeat();
  await grows(beat);
  const connection = new WorkerConnection();
  await connection.call("open", { engine: engineFolder() });
  await connection.call("attach", { server: 0n, processId: beat.pid });
  const { kind } = await connection.call("run", "go");
  assert.equal(kind, "event");
  await die(connection);
  await grows(beat);
  await using session = new DebugSession({ engine: engineFolder() });
  const program = await session.attach(beat.pid);
  assert.ok((await program.modules()).length > 0);
  await program.detach();
  await grows(beat);
});

Deno.test("memory that was read before a worker died between two calls is not known any more", async () => {
  await using beat = startHeartbeat();
  await grows(beat);
  await using session = new DebugSession({ engine: engineFolder() });
  const { memory, image } = await session.attach(beat.pid);
  for (let time = 0; time < 4; time++) assert.equal(await memory.readInteger(image.base, 2), 0x5a4dn); // MZ
  assert.ok(last);
  await die(last);
  await assert.rejects(memory.read(image.base, 2), (error) => error instanceof EngineError && error.kind === "lost");
  await grows(beat);
});
