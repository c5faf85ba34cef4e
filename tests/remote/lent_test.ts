/** Sessions that use one channel, one after another; and engines that are made anew. */
import assert from "node:assert/strict";
import type { EngineAttach } from "../../lib/dbgeng/engine_api.ts";
import { type ConfinedChannel, lendConnection } from "../../lib/remote/lent_connection.ts";
import { ReopeningConnection } from "../../lib/remote/reopening_connection.ts";
import { serveEngine } from "../../lib/remote/serve.ts";
import { channelPair, FakeConnection, until } from "./channel_support.ts";

/** A channel, the engines that were made at its other end, and who keeps the script alive. */
function line(): { channel: ConfinedChannel; engines: FakeConnection[]; refs: string[] } {
  const [here, there] = channelPair();
  const engines: FakeConnection[] = [];
  serveEngine(
    there,
    new ReopeningConnection(() => {
      const engine = new FakeConnection({
        evaluate: () => BigInt(engines.length),
        run: () => ({ kind: "event", event: { type: "createProcess", processId: 5 } }),
      });
      engines.push(engine);
      return engine;
    }),
  );
  const refs: string[] = [];
  return {
    channel: { ...here, ref: () => void refs.push("ref"), unref: () => void refs.push("unref") },
    engines,
    refs,
  };
}

const focus = { processId: 7 };

Deno.test("sessions use a channel one after another, each with an engine of its own", async () => {
  const { channel, engines, refs } = line();
  for (const number of [1n, 2n, 3n]) {
    const connection = lendConnection(channel);
    assert.equal(await connection.call("evaluate", focus, "1"), number);
    await connection.call("close");
    connection.dispose();
    connection.dispose();
  }
  assert.deepEqual(engines.map(({ log }) => log.slice(1)), Array(3).fill(["close", "dispose"]));
  assert.deepEqual(refs, ["ref", "unref", "ref", "unref", "ref", "unref"]);
});

Deno.test("a second session at the same time is refused", () => {
  const { channel } = line();
  const connection = lendConnection(channel);
  assert.throws(() => lendConnection(channel), { name: "EngineError", kind: "in-use" });
  connection.dispose();
  lendConnection(channel).dispose();
});

Deno.test("what a session leaves behind is let go before the next one begins", async () => {
  const { channel, engines } = line();
  const one = lendConnection(channel);
  await one.call("attach", { server: 0n, processId: 5 } as EngineAttach);
  one.dispose();
  const other = lendConnection(channel);
  assert.equal(await other.call("evaluate", focus, "1"), 2n);
  assert.deepEqual(engines[0]?.log.slice(1), ["run go 1000", "detach 5", "close", "dispose"]); // it comes up first
});

Deno.test("an engine that was closed is made anew, and notices of it are passed on", async () => {
  const made: FakeConnection[] = [];
  const connection = new ReopeningConnection(() => {
    const engine = new FakeConnection();
    made.push(engine);
    return engine;
  });
  const texts: unknown[] = [];
  connection.onNotice = (event) => texts.push(event.type);
  await connection.call("close"); // there is none yet
  await connection.call("subscribe", []);
  made[0]?.onNotice({ type: "output", processId: 1, threadId: 1, text: "" });
  await connection.call("close");
  await connection.call("subscribe", []);
  connection.interrupt();
  connection.dispose();
  await until(() => made.length === 2, "a second one");
  assert.deepEqual(made.map(({ log }) => log), [["subscribe {}", "close", "dispose"], [
    "subscribe {}",
    "interrupt",
    "dispose",
  ]]);
  assert.deepEqual(texts, ["output"]);
});
