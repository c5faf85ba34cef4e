/** A process server in one process, a session through it from another. */
import assert from "node:assert/strict";
import { AttachError, connect, DebugSession, type Port, startProcessServer } from "../../mod.ts";
import { some } from "../count.ts";
import { endProcess, heartbeat, serve, type Server } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

/** How long it may take until a dead server is noticed, in milliseconds. */
const SECONDS = 20_000;

/** The server is named by its address, in one line and within seconds. */
async function assertUnreachable(address: string, action: Promise<unknown>): Promise<void> {
  const start = performance.now();
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof AttachError, String(error));
    assert.equal(error.kind, "server-unreachable", error.message);
    assert.match(error.message, /^Cannot [^\r\n]+$/);
    assert.ok(error.message.includes(`"${address}"`), error.message);
    return true;
  });
  assert.ok(performance.now() - start < SECONDS, "takes seconds, not longer");
}

/** The session is open yet, and disposed of within seconds. */
async function assertDisposable(session: DebugSession): Promise<void> {
  const start = performance.now();
  await session[Symbol.asyncDispose]();
  assert.ok(performance.now() - start < SECONDS, "disposal takes seconds, not longer");
}

/** One for all tests that leave it as it was: to start one takes longer than most of them. */
let shared: Promise<Server> | undefined;

function sharedServer(): Promise<Server> {
  return shared ??= serve();
}

Deno.test.afterAll(async () => (await shared)?.[Symbol.dispose]());

for (const hosting of hostings) {
  const options = { hosting, engine: engineFolder() };

  Deno.test(`a session (${hosting}) lists, attaches and detaches through a process server`, async () => {
    using folder = scratch();
    const server = await sharedServer();
    using target = heartbeat(folder.path);
    await using session = new DebugSession(options);
    const port = await session.connect(server.address);
    assert.equal(port.name, server.address);
    const listed = (await port.processes()).filter(({ name }) => name === target.name);
    assert.deepEqual(listed.map(({ processId }) => processId), [target.pid]);
    const modules: string[] = [];
    const program = await session.attach(target.name, {
      port,
      on: { loadModule: ({ module }) => void modules.push(module.name) },
    });
    assert.equal(program.pid, target.pid);
    assert.equal(program.name, target.name);
    assert.ok(modules.includes("ntdll") && modules.includes("kernel32"), modules.join());
    const frames = await Promise.all((await program.threads()).map((thread) => thread.stack()));
    assert.ok(frames.flat().some(({ symbol }) => symbol?.includes("!")));
    await program.detach();
    const before = target.beats();
    await until(() => target.beats() > before + 1, "the program beats on after detach()");
    assert.deepEqual(program.end, { reason: "detached" });
  });

  Deno.test(`a session (${hosting}) launches through a process server and sees its events`, async () => {
    const server = await sharedServer();
    await using connection = await connect(server.address, options);
    const { session, port } = connection;
    const counts = { loadModule: 0, unloadModule: 0 };
    session.on("loadModule", ({ module }) => void (counts.loadModule += Number(module.name === "plugin")));
    session.on("unloadModule", ({ imageName }) => void (counts.unloadModule += Number(/plugin/.test(imageName))));
    const program = await session.launch([debuggee("modules.exe"), "20"], { port });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(counts, { loadModule: 20, unloadModule: 20 });
    assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
    const kinds: string[] = [];
    const talker = await session.launch([debuggee("talker.exe")], { port });
    for await (const event of talker.events()) kinds.push(event.type);
    assert.ok(kinds.filter((kind) => kind === "output").length >= 8, kinds.join());
    assert.deepEqual(kinds.slice(-2), ["exitProcess", "programDestroy"]);
  });

  Deno.test(`disposal (${hosting}) ends what was launched through a process server, which serves on`, async () => {
    const server = await sharedServer();
    const pids: number[] = [];
    for (let round = 0; round < 2; round++) {
      await using session = new DebugSession(options);
      await using port = await session.connect(server.address);
      const running = (await port.processes()).map(({ processId }) => processId);
      assert.ok(pids.every((pid) => !running.includes(pid)));
      const program = await session.launch([debuggee("spin.exe")], { port });
      pids.push(program.pid);
      await program.terminate(); // before the port, which is disposed of before the session
    }
    await using session = new DebugSession(options);
    const port = await session.connect(server.address);
    await session.launch([debuggee("spin.exe")], { port });
  });

  Deno.test(`a port (${hosting}) that was let go refuses, and its server answers others`, async () => {
    const server = await sharedServer();
    await using session = new DebugSession(options);
    let kept: Port;
    {
      await using port = await session.connect(server.address);
      kept = port;
      assert.ok((await port.processes()).length > 0);
    }
    await assert.rejects(kept.processes(), { name: "StateError", kind: "closed" });
    await assert.rejects(session.attach(4, { port: kept }), { name: "StateError", kind: "closed" });
    await assert.rejects(session.launch(["a.exe"], { port: kept }), { name: "StateError", kind: "closed" });
    await using again = await session.connect(server.address);
    assert.ok((await again.processes()).length > 0);
  });

  Deno.test(`shutdown() (${hosting}) ends the process server`, async () => {
    using server = await serve();
    await using session = new DebugSession(options);
    const port = await session.connect(server.address);
    await port.shutdown();
    assert.equal(await server.next(), "ended");
    assert.equal(await server.next(), undefined, "and its script");
    await assert.rejects(port.processes(), { name: "StateError", kind: "closed" });
    await assertUnreachable(server.address, session.connect(server.address));
    await session.launch([debuggee("stubborn.exe")]); // on this machine, as if nothing had been
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`a session (${hosting}) tells that its process server is gone while it was idle`, async () => {
    using server = await serve();
    const session = new DebugSession(options);
    const port = await session.connect(server.address);
    await server.kill();
    await assertUnreachable(server.address, port.processes());
    await assertUnreachable(server.address, session.attach(999999, { port }));
    await assertUnreachable(server.address, session.launch([debuggee("args.exe")], { port }));
    await assertUnreachable(server.address, session.connect(server.address));
    await assertDisposable(session);
  });

  for (const state of some(["runs", "is stopped"], hosting === "worker" ? 2 : 1)) {
    Deno.test(`a session (${hosting}) tells that its process server is gone while a program ${state}`, async () => {
      using folder = scratch();
      using server = await serve();
      using target = heartbeat(folder.path);
      const session = new DebugSession(options);
      const port = await session.connect(server.address);
      const program = await session.attach(target.pid, { port });
      if (state === "runs") {
        const stop = session.wait();
        stop.catch(() => {});
        const before = target.beats();
        await until(() => target.beats() > before, "the program runs");
        await server.kill();
        await assertUnreachable(server.address, stop);
      } else {
        await server.kill();
        await assertUnreachable(server.address, session.wait());
      }
      assert.deepEqual(program.end, { reason: "lost" });
      await session.launch([debuggee("stubborn.exe")]); // on this machine the session works on
      assert.deepEqual(await session.wait(), { reason: "ended" });
      await assertDisposable(session);
    });
  }

  for (const release of some(["detach", "terminate", "abandon"] as const, hosting === "worker" ? 3 : 1)) {
    Deno.test(`${release}() (${hosting}) of a program whose process server is gone leaves the session free`, async () => {
      using folder = scratch();
      using server = await serve();
      using target = heartbeat(folder.path);
      await using session = new DebugSession(options);
      const port = await session.connect(server.address);
      const program = await session.attach(target.pid, { port });
      await server.kill();
      await program[release]();
      assert.deepEqual(program.end, { reason: "lost" });
      await session.launch([debuggee("stubborn.exe")]);
      assert.deepEqual(await session.wait(), { reason: "ended" });
    });
  }

  Deno.test(`a session (${hosting}) holds programs of this machine and of a process server's`, async () => {
    using folder = scratch();
    const server = await sharedServer();
    using local = heartbeat(folder.path);
    const session = new DebugSession(options);
    const port = await session.connect(server.address);
    const remote = await session.launch([debuggee("spin.exe")], { port });
    const attached = await session.attach(local.pid);
    const launched = await session.launch([debuggee("crash.exe")]);
    for (const program of [remote, attached, launched, remote]) {
      const names = (await program.modules()).map(({ imageName }) => imageName.split("\\").at(-1));
      assert.ok(names.includes(program.name), `${program.name}: ${names}`);
    }
    await session[Symbol.asyncDispose]();
    assert.deepEqual(remote.end, { reason: "terminated" });
    assert.deepEqual(launched.end, { reason: "terminated" });
    assert.deepEqual(attached.end, { reason: "detached" });
    const before = local.beats();
    await until(() => local.beats() > before + 1, "the program beats on");
  });

  Deno.test(`disposal (${hosting}) lets programs of this machine go as they came when a process server is gone`, async () => {
    using folder = scratch();
    using server = await serve();
    using local = heartbeat(folder.path);
    const session = new DebugSession(options);
    const port = await session.connect(server.address);
    const remote = await session.launch([debuggee("spin.exe")], { port });
    using _leftover = { [Symbol.dispose]: () => endProcess(remote.pid) };
    const attached = await session.attach(local.pid);
    const launched = await session.launch([debuggee("spin.exe")]);
    await server.kill();
    await assertDisposable(session);
    assert.deepEqual(remote.end, { reason: "lost" });
    assert.deepEqual(launched.end, { reason: "terminated" });
    assert.deepEqual(attached.end, { reason: "detached" });
    const before = local.beats();
    await until(() => local.beats() > before + 1, "the program beats on");
  });

  Deno.test(`connect() (${hosting}) tells the address at which nothing serves`, async () => {
    for (const address of ["tcp:server=127.0.0.1,port=9", "npipe:server=127.0.0.1,pipe=no-such-pipe"]) {
      await assertUnreachable(address, connect(address, options));
    }
  });
}

Deno.test("startProcessServer() tells that a port is in use, and serves another", async () => {
  const server = await sharedServer();
  await assert.rejects(startProcessServer(`tcp:port=${server.port}`, { engine: engineFolder() }), (error) => {
    assert.ok(error instanceof AttachError);
    assert.equal(error.kind, "address-in-use");
    assert.match(error.message, new RegExp(`^Cannot [^\r\n]*"tcp:port=${server.port}"[^\r\n]*choose another`));
    return true;
  });
  await assert.rejects(startProcessServer("nonsense", { engine: engineFolder() }), { name: "AttachError" });
  await using session = new DebugSession({ engine: engineFolder() }); // no engine is left behind
  await session.connect(server.address);
});

Deno.test("a process server ends with its signal, and its script after it", async () => {
  using server = await serve("500");
  assert.equal(await server.next(), "ended");
  assert.equal(await server.next(), undefined);
});
