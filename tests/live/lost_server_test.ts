/** A process server whose machine has gone without hanging up: its connection stays open, and nothing comes any more. */
import assert from "node:assert/strict";
import { AttachError, DebugSession } from "../../mod.ts";
import { isLong, some } from "../count.ts";
import { runScript, startScript } from "./child_script.ts";
import { type Relay, relay } from "./relay.ts";
import { heartbeat, lines, serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, scratch, until } from "./support.ts";

/** How long it may take until such a server is noticed, in milliseconds. */
const NOTICED = 20_000;
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
  using script = startScript(`
const session = new latch.DebugSession({ engine });
const port = await session.connect("${addressOf(wire)}");
console.log("connected");
for (let isStuck = false; !isStuck;) {
  const late = new Promise((resolve) => setTimeout(resolve, 1000, "late"));
  const asked = port.processes().then((list) => typeof list, (error) => console.log(error.kind, error.message));
  isStuck = await Promise.race([asked, late]) === "late";
}
await session[Symbol.asyncDispose]();
console.log("disposed");`);
  const next = lines(script.child.stdout);
  assert.equal(await next(), "connected");
  await wire.hold(120_000);
  const start = performance.now();
  assert.match(await next() ?? "", /^server-unreachable Cannot reach /);
  assert.equal(await next(), "disposed");
  assert.equal((await script.child.status).code, 0, "the script ends by itself");
  assert.ok(performance.now() - start < NOTICED, "disposal takes seconds, not longer");
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

Deno.test("a session tells that its process server has fallen silent while it was idle", async () => {
  using server = await serve();
  using wire = await relay(server.port);
  await using session = new DebugSession({ engine: engineFolder() });
  const port = await session.connect(addressOf(wire));
  await wire.die();
  await assertUnreachable(addressOf(wire), port.processes());
  await assertUnreachable(addressOf(wire), session.launch([debuggee("args.exe")], { port }));
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
