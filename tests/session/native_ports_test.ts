/** Windows' engine behind the contract: which server it is asked for, and with which text; on a fake of its thread. */
import assert from "node:assert/strict";
import type { SessionManager } from "../../lib/session/session.ts";
import { event, type FakeEngine, fakeSession, MODULE, THREAD } from "./fake_engine.ts";

async function comesUp(engine: FakeEngine, processId: number): Promise<void> {
  await engine.running();
  await engine.pass(event("createProcess", processId, { module: MODULE, startAddress: 0n }));
  engine.stop({ kind: "initialBreak", processId, threadId: THREAD });
}

/** Servers that the engine's thread was asked for, in order. */
function serversOf(engine: FakeEngine): bigint[] {
  const servers: bigint[] = [];
  engine.answers.attach = ({ server }) => void servers.push(server);
  engine.answers.launch = ({ server }) => void servers.push(server);
  return servers;
}

async function attachAndLaunch(session: SessionManager, engine: FakeEngine, options: object): Promise<void> {
  const attaching = session.attach(7, options);
  await comesUp(engine, 7);
  await attaching;
  const launching = session.launch("app.exe", options);
  await comesUp(engine, 8);
  await launching;
}

Deno.test("this machine is server zero", async () => {
  const { session, engine } = fakeSession();
  const servers = serversOf(engine);
  await attachAndLaunch(session, engine, {});
  assert.deepEqual(servers, [0n, 0n]);
  await session[Symbol.asyncDispose]();
});

for (const handle of [1n, 0xFFFF_FFFFn, 0x1_0000_0000n, 0xFFFF_FFFF_FFFF_FFFFn]) {
  Deno.test(`a server's handle reaches attach and launch in all its 64 bits: 0x${handle.toString(16)}`, async () => {
    const { session, engine } = fakeSession();
    const servers = serversOf(engine);
    engine.answers.connectServer = () => handle;
    const disconnected: bigint[] = [];
    engine.answers.disconnectServer = (server) => void disconnected.push(server);
    const port = await session.connect("tcp:server=lab7,port=5005");
    await attachAndLaunch(session, engine, { port });
    assert.deepEqual(servers, [handle, handle]);
    const calls = session.trace.filter(({ kind }) => kind === "call").map(({ name }) => name);
    assert.deepEqual(calls, ["port.attach", "load", "port.attach", "load"]);
    await port.disconnect();
    assert.deepEqual(disconnected, [handle]);
    await session[Symbol.asyncDispose]();
  });
}

for (
  const text of [
    "tcp:server=lab7,port=5005",
    " npipe:server=lab7,pipe=Zähler 1 ",
    "ssl:proto=tls1,\\\\x,port=1",
    "é\u{1F41E}",
  ]
) {
  Deno.test(`connect() hands its text on as it is: ${JSON.stringify(text)}`, async () => {
    const { session, engine } = fakeSession();
    const texts: string[] = [];
    engine.answers.connectServer = (options) => {
      texts.push(options);
      return 5n;
    };
    const port = await session.connect(text);
    assert.deepEqual([texts, port.name], [[text], text]);
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("a launched program's own code runs only after programCreate and loadComplete were answered", async () => {
  const { session, engine } = fakeSession();
  const order: string[] = [];
  for (const name of ["engineCreate", "createProcess", "programCreate", "loadComplete"] as const) {
    session.on(name, async () => {
      const before = engine.log.filter((line) => line.startsWith("run")).length;
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(engine.log.filter((line) => line.startsWith("run")).length, before, `${name} is held`);
      order.push(name);
    });
  }
  const launching = session.launch("app.exe");
  await comesUp(engine, 7);
  await launching;
  assert.deepEqual(order, ["engineCreate", "createProcess", "programCreate", "loadComplete"]);
  assert.deepEqual(engine.log.filter((line) => line.startsWith("run")), ["run go", "run go"]);
  await session[Symbol.asyncDispose]();
});
