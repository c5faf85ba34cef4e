/** Both sides of the stream against each other, with a scripted engine. */
import assert from "node:assert/strict";
import type { EngineAttach, EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { encode } from "../../lib/session/codec.ts";
import { VERSION } from "../../lib/remote/messages.ts";
import { frame } from "../../lib/remote/framing.ts";
import { RemoteConnection } from "../../lib/remote/remote_connection.ts";
import { MAX_WAITING, serveEngine } from "../../lib/remote/serve.ts";
import type { EngineEvent } from "../../lib/session/engine.ts";
import { AttachError, EngineError, StateError } from "../../lib/session/errors.ts";
import { channelPair, FakeConnection, pair, until } from "./channel_support.ts";

const focus = { processId: 7 };
const module = { name: "a", imageName: "a.exe", base: 1n, size: 2, checksum: 3, timestamp: 4 };

function created(processId: number, parentId?: number): EngineStop {
  const event = { type: "createProcess", processId, threadId: 1, module, startAddress: 1n } as const;
  return { kind: "event", event: parentId === undefined ? event : { ...event, parentId } };
}

Deno.test("a call goes there and its result comes back", async () => {
  const { client, engine, over } = pair({
    addressOf: (_focus: unknown, symbol: string) => symbol === "a!b" ? 2n ** 63n : null,
    read: () => new Uint8Array([1, 2]),
  });
  assert.equal(await client.call("addressOf", focus, "a!b"), 2n ** 63n);
  assert.equal(await client.call("addressOf", focus, "a!c"), null);
  assert.deepEqual(await client.call("read", focus, 0n, 2), new Uint8Array([1, 2]));
  client.dispose();
  await over;
  assert.deepEqual(engine.log.slice(-2), ["close", "dispose"]);
});

Deno.test("an error comes back with its class, kind and code", async () => {
  const { client, over } = pair({
    attach: () => {
      throw new AttachError("access-denied", "Cannot attach", { hresult: -1, symbol: "E_X" });
    },
    read: () => {
      throw new Deno.errors.NotCapable("Requires read-memory access");
    },
  });
  await assert.rejects(client.call("attach", { server: 0n, processId: 1 } as EngineAttach), (error) => {
    assert.ok(error instanceof AttachError);
    assert.deepEqual([error.kind, error.hresult, error.symbol], ["access-denied", -1, "E_X"]);
    return true;
  });
  await assert.rejects(client.call("read", focus, 0n, 1), Deno.errors.NotCapable);
  client.dispose();
  await over;
});

Deno.test("calls are answered in their order, also more than go at once", async () => {
  let next = 0;
  const { client, over } = pair({ evaluate: () => next++ });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => client.call("evaluate", focus, "1")));
  assert.deepEqual(answers, Array.from({ length: 1_000 }, (_, index) => index));
  client.dispose();
  await over;
});

Deno.test("much memory goes in pieces", async () => {
  const { client, engine, over } = pair({
    read: (_focus: unknown, address: bigint, length: number) => new Uint8Array(length).fill(Number(address >> 20n)),
    write: (_focus: unknown, _address: bigint, bytes: Uint8Array) => bytes.length,
  });
  const bytes = await client.call("read", focus, 0n, (9 << 20) + 5);
  assert.deepEqual([bytes.length, bytes[0], bytes[(4 << 20) - 1], bytes.at(-1)], [(9 << 20) + 5, 0, 0, 8]);
  assert.equal(await client.call("write", focus, 0n, bytes), bytes.length);
  assert.equal(engine.log.filter((line) => line.startsWith("write")).length, 3);
  client.dispose();
  await over;
});

Deno.test("long calls go a few at a time and in their order, however many are made at once", async () => {
  const seen: number[] = [];
  const { client, over } = pair({
    write: (_focus, address: bigint, bytes: Uint8Array) => {
      seen.push(Number(address));
      return bytes.length;
    },
    evaluate: () => seen.push(-1),
  });
  const length = MAX_WAITING / 8;
  const bytes = new Uint8Array(Math.min(length, 4 << 20));
  const writes = Array.from({ length: 16 }, (_, at) => client.call("write", focus, BigInt(at), bytes));
  const last = client.call("evaluate", focus, "1"); // which is short, and has to wait all the same
  assert.deepEqual(new Set(await Promise.all(writes)), new Set([bytes.length]));
  await last;
  assert.deepEqual(seen, [...Array(16).keys(), -1]);
  client.dispose();
  assert.match(await over, /closed the connection/);
});

Deno.test("an interrupt overtakes a run, and one that comes between two runs is the next one's", async () => {
  let stop: ((stop: EngineStop) => void) | undefined;
  const { client, engine, over } = pair(
    { run: () => new Promise((resolve) => stop = resolve) },
    () => stop?.({ kind: "interrupt", processId: 1, threadId: 2 }),
  );
  const running = client.call("run", "go");
  await until(() => engine.log.includes("run go 1000"), "it runs");
  client.interrupt();
  assert.equal((await running).kind, "interrupt");
  await client.call("subscribe", []);
  client.interrupt();
  assert.equal((await client.call("run", "go")).kind, "interrupt");
  assert.equal(engine.log.filter((line) => line === "interrupt").length, 2);
  client.dispose();
  await over;
});

Deno.test("an interrupt that comes between two slices of a run is not lost", async () => {
  let slices = 0;
  const { client, engine, over } = pair({
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      // The first interrupt has no effect, as one that comes when the engine does not wait any more.
      const count = engine.log.filter((line) => line === "interrupt").length;
      return ++slices < 100 && count < 2 ? { kind: "expired" } : { kind: "interrupt", processId: 1, threadId: 1 };
    },
  });
  const running = client.call("run", "go");
  await until(() => slices > 1, "slices");
  client.interrupt();
  assert.equal((await running).kind, "interrupt");
  assert.ok(slices < 100);
  assert.equal(engine.log.find((line) => line.startsWith("run")), "run go 1000");
  assert.ok(engine.log.includes("run noChange 1000"));
  client.dispose();
  await over;
});

Deno.test("a client that does not take its notices is waited for while the programs stand", async () => {
  const [here, there] = channelPair();
  let slices = 0;
  const notice: EngineEvent = { type: "output", processId: 1, threadId: 1, text: "x" };
  const engine = new FakeConnection({
    run: () => {
      if (++slices > 10) return { kind: "ended" };
      for (let count = 0; count < 500; count++) engine.onNotice(notice);
      return { kind: "expired" };
    },
  });
  const over = serveEngine(there, engine);
  // By hand, for a RemoteConnection takes them at once.
  const writer = here.writable.getWriter();
  const reader = here.readable.getReader();
  const readSome = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) { /* takes, but gives no receipt */ }
  };
  readSome();
  const send = (message: unknown): Promise<void> => writer.write(frame(encode(message)));
  await send({ hello: "latch", version: VERSION });
  await send({ id: 1, call: "run", values: ["go"] });
  await until(() => slices === 3, "more notices than may be under way");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(slices, 3);
  await send({ noted: 1_500 });
  await until(() => slices > 3, "it goes on after a receipt");
  await writer.close();
  await over;
});

Deno.test("a real client gives receipts: any number of notices gets through", async () => {
  let slices = 0;
  const { client, engine, over } = pair({
    run: () => {
      for (let count = 0; count < 700; count++) {
        engine.onNotice({ type: "output", processId: 1, threadId: 1, text: `${count}` });
      }
      return { kind: ++slices < 20 ? "expired" : "ended" };
    },
  });
  let taken = 0;
  client.onNotice = () => void taken++;
  assert.equal((await client.call("run", "go")).kind, "ended");
  assert.equal(taken, 14_000);
  client.dispose();
  await over;
});

Deno.test("when the client goes, programs are let go as they came, and the run is stopped for that", async () => {
  const stops: (EngineStop | undefined)[] = [created(20), created(10), created(11, 10), created(21, 20)];
  let stop: ((stop: EngineStop) => void) | undefined;
  const { client, engine, over } = pair(
    { run: () => stops.shift() ?? new Promise((resolve) => stop = resolve) },
    () => stop?.({ kind: "interrupt", processId: 1, threadId: 2 }),
  );
  await client.call("launch", {} as never);
  await client.call("run", "go");
  await client.call("attach", { server: 0n, processId: 10 } as EngineAttach);
  for (let count = 0; count < 3; count++) await client.call("run", "go");
  const running = client.call("run", "go");
  await until(() => stop !== undefined, "it runs");
  client.leaveNow();
  await assert.rejects(running, { name: "EngineError", kind: "lost" });
  await over;
  const at = engine.log.indexOf("interrupt");
  assert.deepEqual(engine.log.slice(at), [
    ...["interrupt", "terminate 20", "detach 10", "detach 11", "terminate 21", "close", "dispose"],
  ]);
});

Deno.test("when the client goes at the end of a slice, programs are stopped in the next one before they are let go", async () => {
  let [isStopped, isLetGo, interrupts] = [true, false, 0];
  let come: ((stop: EngineStop) => void) | undefined;
  const { client, engine, over } = pair(
    {
      run: (status: string) => {
        if (status === "go") return created(7);
        isStopped = false;
        return new Promise((resolve) => come = resolve);
      },
      detach: () => {
        if (!isStopped) throw new StateError("no-program", "Cannot look into the program: none is stopped here");
        isLetGo = true;
      },
    },
    () => {
      isStopped = ++interrupts > 1; // the first one comes in the last moment of a slice
      come?.(isStopped ? { kind: "interrupt", processId: 7, threadId: 1 } : { kind: "expired" });
    },
  );
  await client.call("attach", { server: 0n, processId: 7 } as EngineAttach);
  await client.call("run", "go");
  client.call("run", "goHandled").catch(() => {});
  await until(() => come !== undefined, "it runs");
  client.dispose();
  await over;
  assert.deepEqual(engine.log.slice(-4), ["interrupt", "detach 7", "close", "dispose"]);
  assert.ok(isLetGo);
});

Deno.test("programs that were let go, or have ended, are not let go once more", async () => {
  const stops = [created(1), created(2), created(3), { kind: "event", event: { type: "exitProcess", processId: 3 } }];
  const { client, engine, over } = pair({ run: () => stops.shift() });
  for (const processId of [1, 2, 3]) await client.call("attach", { server: 0n, processId } as EngineAttach);
  for (let count = 0; count < 4; count++) await client.call("run", "go");
  await client.call("detach", 1);
  await client.call("abandon", 2);
  client.dispose();
  await over;
  assert.deepEqual(engine.log.slice(-4), ["detach 1", "abandon 2", "close", "dispose"]);
});

Deno.test("a client leaves although a process server has died, and its programs with it", async () => {
  const fails = (): never => {
    throw new AttachError("server-unreachable", "Cannot reach process server");
  };
  const stops = [created(7), created(8)];
  const { client, engine, over } = pair({ run: () => stops.shift(), detach: fails });
  await client.call("attach", { server: 1n, processId: 7 } as EngineAttach);
  await client.call("attach", { server: 0n, processId: 8 } as EngineAttach);
  for (let count = 0; count < 2; count++) await client.call("run", "go");
  await client.call("close");
  assert.deepEqual(engine.log.slice(-3), ["detach 7", "detach 8", "close"]);
  client.dispose();
  await over;
});

Deno.test("programs that cannot be let go gently are let go at once", async () => {
  const { client, engine, over } = pair({
    detach: () => {
      throw new EngineError("lost", "gone");
    },
  });
  await client.call("attach", { server: 0n, processId: 5 } as EngineAttach);
  client.dispose();
  await over;
  assert.deepEqual(engine.log.slice(-2), ["leaveNow detach 5", "dispose"]);
});

Deno.test("a lost host is a typed error for what waits and for what comes, not a hang", async () => {
  const [here, there] = channelPair();
  const client = new RemoteConnection(here, { name: "host" });
  const writer = there.writable.getWriter();
  await writer.write(frame(encode({ hello: "latch", version: VERSION })));
  const running = client.call("run", "go");
  await writer.close();
  const lost = { name: "EngineError", kind: "lost", message: /^The engine's host is lost: it closed the connection$/ };
  await assert.rejects(running, lost);
  await assert.rejects(client.call("close"), lost);
});

Deno.test("a host that is silent is lost", async () => {
  const [here, there] = channelPair();
  const client = new RemoteConnection(here, { name: "host", silence: 100 });
  await there.writable.getWriter().write(frame(encode({ hello: "latch", version: VERSION })));
  // A timer of the test's own: the connection's does not keep a script alive.
  const alive = setInterval(() => {}, 20);
  const begin = performance.now();
  await assert.rejects(client.call("run", "go"), { kind: "lost", message: /silent for 100 ms/ });
  assert.ok(performance.now() - begin < 5_000, "and in that time");
  clearInterval(alive);
});
