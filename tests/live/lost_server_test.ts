/**
 * A process server whose machine has gone without hanging up: its connection stays open, and nothing comes any more. From when on the time
 * counts that it has for its answer: tests/dbgeng/connecting_test.ts, by a clock that goes by hand.
 */
import assert from "node:assert/strict";
import { AttachError, connect, DebugSession } from "../../mod.ts";
import { isLong, some } from "../count.ts";
import { runScript, startScript } from "./child_script.ts";
import { type Relay, relay } from "./relay.ts";
import { heartbeat, lines, serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, scratch, until } from "./support.ts";

/** How long it may take until such a server is noticed, in milliseconds. */
const NOTICED = 20_000;
/** Longer than anybody waits for it, in milliseconds. */
const HELD = 120_000;
/** Longer than the engine's thread may be silent without anybody looking at its server, in milliseconds. */
const SILENT = 6_000;

async function assertUnreachable(address: string, action: Promise<unknown>): Promise<void> {
  const start = performance.now();
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof AttachError, String(error));
    assert.equal(error.kind, "server-unreachable", error.message);
    assert.ok(error.message.includes(`"${address}"`), error.message);
    return true;
  });
  assert.ok(performance.now() - start < NOTICED, "takes seconds, not longer");
}

const addressOf = ({ port }: Relay): string => `tcp:server=127.0.0.1,port=${port}`;

for (const hosting of hostings) {
  Deno.test(`connect() (${hosting}) to what listens and says nothing fails in its time, and the session works on`, async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 }); // the system itself takes the connection
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const { port } = silent.addr as Deno.NetAddr;
    await session.engine();
    await assert.rejects(session.connect(`tcp:server=127.0.0.1,port=${port}`, { timeout: 1_000 }), (error) => {
      assert.ok(error instanceof AttachError, String(error));
      assert.equal(error.kind, "server-unreachable");
      assert.match(error.message, /^Cannot connect to process server "[^"]+": no answer came within 1 s; [^\r\n]+$/);
      return true;
    });
    await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });
}

Deno.test("connect() to what listens and says nothing is given up at once by its signal, and so is its session", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const session = new DebugSession({ engine: engineFolder() });
  await session.engine();
  const address = `tcp:server=127.0.0.1,port=${(silent.addr as Deno.NetAddr).port}`;
  let isOver = false;
  void silent.accept().then(async (connection) => {
    await connection.readable.pipeTo(new WritableStream()).catch(() => {}); // to its end
    isOver = true;
  });
  const signal = AbortSignal.timeout(300);
  await assert.rejects(session.connect(address, { timeout: 2_000, signal }), { name: "TimeoutError" });
  assert.ok(!isOver, "the attempt is under way still");
  assert.ok((await session.processes()).length > 0, "the session works on, once the attempt has failed");
  const again = session.connect(address, { timeout: 60_000 });
  await Promise.all([
    assert.rejects(again, { name: "EngineError", kind: "lost" }), // at the end of its time it would be unreachable
    session[Symbol.asyncDispose](),
  ]);
});

const NO_SERVERS: Readonly<Record<string, (connection: Deno.TcpConn) => Promise<void>>> = {
  "closes": (connection) => Promise.resolve(connection.close()),
  "speaks HTTP and closes": async (connection) => {
    await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    connection.close();
  },
  "says no more": (connection) => connection.closeWrite(),
};

for (const [how, act] of Object.entries(NO_SERVERS)) {
  Deno.test(`connect() to what ${how} says that it hangs up`, async () => {
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const acted = other.accept().then(act);
    const { port } = other.addr as Deno.NetAddr;
    await assert.rejects(connect(`tcp:server=127.0.0.1,port=${port}`, { engine: engineFolder() }), {
      name: "AttachError",
      kind: "server-unreachable",
      message: /what answers there hangs up/,
    });
    await acted;
  });
}

Deno.test("a timeout that is none is refused before the engine is asked", async () => {
  for (const timeout of [0, -1, NaN, Infinity, 2 ** 31]) {
    await assert.rejects(connect("tcp:server=127.0.0.1,port=9", { engine: engineFolder(), timeout }), RangeError);
  }
});

for (const ask of ["lists", "reads"] as const) {
  Deno.test(`a process server that listens on and does not answer what ${ask} is unreachable in its time`, async () => {
    using folder = scratch();
    using server = await serve();
    using wire = await relay(server.port);
    using target = heartbeat(folder.path);
    const session = new DebugSession({ engine: engineFolder() });
    const port = await session.connect(addressOf(wire), { timeout: 4_000 });
    const program = ask === "reads" ? await session.attach(target.pid, { port }) : undefined;
    const [thread] = await program?.threads() ?? [];
    await wire.hold(HELD);
    const start = performance.now();
    await assertUnreachable(addressOf(wire), thread ? thread.writeRegister("rax", 1n) : port.processes());
    await session[Symbol.asyncDispose]();
    assert.ok(performance.now() - start < HELD, "nobody waits for the server");
  });
}

Deno.test("a process that a debugger has is told as such through a process server, too", async () => {
  using folder = scratch();
  using server = await serve();
  using target = heartbeat(folder.path);
  using other = startScript(`
const session = new latch.DebugSession({ engine });
await session.attach(${target.pid}, { initialBreak: false });
console.log("attached");
await session.wait();`);
  assert.equal(await lines(other.child.stdout)(), "attached");
  await using connection = await connect(server.address, { engine: engineFolder() });
  await assert.rejects(connection.session.attach(target.pid, { port: connection.port }), {
    name: "AttachError",
    kind: "already-attached",
  });
});

Deno.test("a script that is connected to a process server ends by itself, with no permission but for FFI", async () => {
  using server = await serve();
  const code = `
const session = new latch.DebugSession({ hosting: "inline", engine });
const port = await session.connect("${server.address}");
console.log((await port.processes()).length > 0);`;
  const { code: exit, out, err } = await runScript(code, { flags: ["--allow-ffi", "--no-prompt"] });
  assert.deepEqual([exit, out.trim()], [0, "true"], err);
});

Deno.test("disposal cuts the connection to a process server that listens and does not answer", async () => {
  using server = await serve();
  using wire = await relay(server.port);
  const code = `
const session = new latch.DebugSession({ engine });
const port = await session.connect("${addressOf(wire)}");
console.log("connected");
const asked = (async () => {
  for (;;) await port.processes();
})();
asked.catch((error) => console.log(error.kind, error.message));
await Deno.stdin.read(new Uint8Array(1));
await session[Symbol.asyncDispose]();
console.log("disposed");`;
  using script = startScript(code, { stdin: "piped" });
  const next = lines(script.child.stdout);
  assert.equal(await next(), "connected");
  await wire.hold(HELD);
  await wire.waits();
  await script.child.stdin.close();
  const start = performance.now();
  // Who waits is told before or after who disposes.
  const told = [await next() ?? "", await next() ?? ""].sort();
  assert.equal(told[0], "disposed");
  // Cut off, the engine comes back at once, and is given up where the machine takes too long for that.
  assert.match(
    told[1] ?? "",
    /^server-unreachable Cannot reach |^lost .*: it waits for a process server that is gone; /,
  );
  assert.equal((await script.child.status).code, 0, "the script ends by itself");
  assert.ok(performance.now() - start < HELD, "nobody waits for the server");
});

for (const hosting of some(hostings, 1)) {
  const options = { hosting, engine: engineFolder() };

  Deno.test(`a session (${hosting}) tells that its process server has fallen silent while a program runs`, async () => {
    using folder = scratch();
    using server = await serve();
    using wire = await relay(server.port);
    using target = heartbeat(folder.path);
    const session = new DebugSession(options);
    const port = await session.connect(addressOf(wire));
    const program = await session.attach(target.pid, { port });
    const stop = session.wait();
    stop.catch(() => {});
    const before = target.beats();
    await until(() => target.beats() > before, "the program runs");
    await wire.die();
    await assertUnreachable(addressOf(wire), stop);
    assert.deepEqual(program.end, { reason: "lost" });
    await session.launch([debuggee("stubborn.exe")]); // on this machine the session works on
    assert.deepEqual(await session.wait(), { reason: "ended" });
    await session[Symbol.asyncDispose]();
  });
}

// The same code beside either hosting; each takes seconds, in which nothing is to do but to wait.

Deno.test("a session tells that one of its process servers has fallen silent while it was idle, and uses the other", async () => {
  using server = await serve();
  using other = await serve();
  using wire = await relay(server.port);
  await using session = new DebugSession({ engine: engineFolder() });
  const beside = await session.connect(other.address);
  const port = await session.connect(addressOf(wire));
  await wire.die();
  await assertUnreachable(addressOf(wire), port.processes());
  await assertUnreachable(addressOf(wire), session.launch([debuggee("args.exe")], { port }));
  assert.ok((await beside.processes()).length > 0);
});

if (isLong) {
  Deno.test("a session is disposed of although the process server of its program has fallen silent", async () => {
    using folder = scratch();
    using server = await serve();
    using wire = await relay(server.port);
    using target = heartbeat(folder.path);
    const session = new DebugSession({ engine: engineFolder() });
    const port = await session.connect(addressOf(wire));
    const program = await session.attach(target.pid, { port });
    await wire.die();
    const start = performance.now();
    await session[Symbol.asyncDispose]();
    assert.ok(performance.now() - start < NOTICED, "disposal takes seconds, not longer");
    assert.deepEqual(program.end, { reason: "lost" });
  });
}

Deno.test("a session waits for a process server that is slow to answer", async () => {
  using server = await serve();
  using wire = await relay(server.port);
  await using session = new DebugSession({ engine: engineFolder() });
  const port = await session.connect(addressOf(wire));
  await wire.hold(SILENT);
  const start = performance.now();
  assert.ok((await port.processes()).length > 0);
  assert.ok(performance.now() - start > SILENT / 2, "it was slow");
  const program = await session.launch([debuggee("args.exe")], { port });
  assert.ok((await program.modules()).length > 0);
});
