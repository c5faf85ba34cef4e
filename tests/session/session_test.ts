/** The session on an engine that does what the test says: order, disposal, stops between waits, and what is lost. */
import assert from "node:assert/strict";
import { AttachError, EngineError } from "../../lib/session/errors.ts";
import { event, fakeSession, launched, loadOf, MODULE, THREAD } from "./fake_engine.ts";

Deno.test("launch() asks the engine in order, and stays at the initial break", async () => {
  const { session, engine } = fakeSession();
  session.on("loadModule", () => {});
  const program = session.launch(["app.exe", "a b"]);
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["open", 'launch app.exe "a b"', "subscribe loadModule", "run go"]);
  await engine.pass(event("createProcess", 7, { module: MODULE, startAddress: 0n }));
  await engine.pass(loadOf(7, "ntdll"));
  assert.deepEqual(engine.takeLog(), ["run go", "run go"]);
  engine.stop({ kind: "initialBreak", processId: 7, threadId: THREAD });
  assert.deepEqual([(await program).pid, (await program).name, (await program).state], [7, "app.exe", "stopped"]);
  assert.deepEqual(engine.takeLog(), []);
  const end = session.wait();
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["run goHandled"]); // the break instruction was not the program's own
  await engine.pass(event("exitProcess", 7, { exitCode: 3 }));
  engine.stop({ kind: "ended" });
  assert.deepEqual(await end, { reason: "ended" });
  assert.deepEqual(await (await program).ended, { reason: "exited", exitCode: 3 });
  engine.takeLog();
  await session[Symbol.asyncDispose]();
  assert.deepEqual(engine.takeLog(), ["close", "dispose"]);
});

Deno.test("openings are carried out one after another", async () => {
  const { session, engine } = fakeSession();
  const first = session.launch("first.exe");
  const second = session.launch("second.exe");
  await engine.running();
  await engine.pass(event("createProcess", 1, { module: MODULE, startAddress: 0n }));
  assert.deepEqual(engine.takeLog(), ["open", "launch first.exe", "subscribe", "run go", "run go"]);
  engine.stop({ kind: "initialBreak", processId: 1, threadId: THREAD });
  assert.equal((await first).pid, 1);
  await engine.running();
  await engine.pass(event("createProcess", 2, { module: MODULE, startAddress: 0n }));
  engine.stop({ kind: "initialBreak", processId: 2, threadId: THREAD });
  assert.equal((await second).pid, 2);
  assert.deepEqual(engine.takeLog(), ["launch second.exe", "run goHandled", "run go"]);
});

Deno.test("a refused launch leaves the session as it was", async () => {
  const { session, engine } = fakeSession();
  engine.answers.launch = () => {
    throw new AttachError("not-found", "Cannot launch");
  };
  await assert.rejects(session.launch("app.exe", { on: { loadModule: () => assert.fail() } }), { kind: "not-found" });
  delete engine.answers.launch;
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  await engine.pass(loadOf(7, "late")); // the refused launch's handler is gone
  assert.ok(!engine.log.includes("subscribe loadModule,loadModule"));
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.deepEqual(await stop, { reason: "break", program, threadId: THREAD });
});

Deno.test("an engine that refuses to run fails the launch, and the next one works", async () => {
  const { session, engine } = fakeSession();
  const refused = session.launch("app.exe");
  await engine.running();
  engine.fail(new EngineError("failed", "no"));
  await assert.rejects(refused, { name: "EngineError", message: "no" });
  assert.equal((await launched(session, engine, 8)).pid, 8);
});

Deno.test("the end of the engine while programs run fails the wait, and disposal goes through", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.lose();
  await assert.rejects(stop, { name: "EngineError", kind: "lost" });
  await assert.rejects(program.threads(), { kind: "lost" });
  await session[Symbol.asyncDispose]();
  assert.deepEqual(program.end, { reason: "lost" });
  assert.equal(engine.log.at(-1), "dispose");
});

Deno.test("the end of the engine during a launch fails it, and disposal goes through", async () => {
  const { session, engine } = fakeSession();
  const program = session.launch("app.exe");
  await engine.running();
  engine.lose();
  await assert.rejects(program, { kind: "lost" });
  await session[Symbol.asyncDispose]();
  assert.equal(engine.log.at(-1), "dispose");
});

Deno.test("disposal lets programs go as they came, in their order, and closes the engine once", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 1);
  const attaching = session.attach(2);
  await engine.running();
  await engine.pass(event("createProcess", 2, { module: MODULE, startAddress: 0n }));
  await engine.pass(event("createProcess", 3, { module: MODULE, startAddress: 0n, parentId: 1 })); // a child of the first
  engine.stop({ kind: "initialBreak", processId: 2, threadId: THREAD });
  await attaching;
  const programs = [...session.programs.values()];
  assert.deepEqual(programs.map(({ reason }) => reason), ["launch", "user", "auto"]);
  engine.takeLog();
  await Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]);
  assert.deepEqual(engine.takeLog(), ["terminate 1", "detach 2", "terminate 3", "close", "dispose"]);
  assert.deepEqual(programs.map(({ end }) => end?.reason), ["terminated", "detached", "terminated"]);
});

Deno.test("disposal stops running programs first, and tells who waits for them", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 1);
  const stop = session.wait();
  await engine.running();
  engine.takeLog();
  const disposed = session[Symbol.asyncDispose]();
  assert.deepEqual(await stop, { reason: "ended" });
  await disposed;
  assert.deepEqual(engine.takeLog(), ["interrupt", "terminate 1", "close", "dispose"]);
});

Deno.test("disposal closes the engine even if a program cannot be let go", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 1);
  engine.answers.terminate = () => {
    throw new EngineError("failed", "stuck");
  };
  engine.takeLog();
  await assert.rejects(async () => await session[Symbol.asyncDispose](), { message: "stuck" });
  assert.deepEqual(engine.takeLog(), ["terminate 1", "close", "dispose"]);
});

Deno.test("a stop that nobody waits for is kept for the next wait, and the programs stay stopped", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7, false);
  await engine.running();
  engine.takeLog();
  const held = event("breakpoint", 7, { id: 0, address: 16n });
  engine.stop({ kind: "event", event: held });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(engine.takeLog(), []);
  assert.equal(program.state, "stopped");
  assert.deepEqual(await session.wait(), { reason: "event", event: { ...held, program }, program });
  assert.deepEqual(engine.takeLog(), []);
  session.wait().catch(() => {});
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["run go"]);
});

Deno.test("the end of the last program is kept for the next wait, but not for programs after it", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 7, false);
  const end = async (): Promise<void> => {
    await engine.running();
    await engine.pass(event("exitProcess", 7, { exitCode: 0 }));
    engine.stop({ kind: "ended" });
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await end();
  assert.deepEqual(await session.wait(), { reason: "ended" });
  await assert.rejects(session.wait(), { kind: "no-program" });
  await launched(session, engine, 7, false);
  await end();
  const program = await launched(session, engine, 8);
  const stop = session.wait();
  await engine.running();
  engine.stop({ kind: "break", processId: 8, threadId: THREAD });
  assert.deepEqual(await stop, { reason: "break", program, threadId: THREAD });
});

Deno.test("the held end of a process is over once the engine has run on", async () => {
  const { session, engine } = fakeSession();
  session.on("exitProcess", () => "break");
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.stop({ kind: "event", event: event("exitProcess", 7, { exitCode: 1 }) });
  assert.equal((await stop).reason, "event");
  assert.deepEqual(program.end, { reason: "exited", exitCode: 1 });
  engine.takeLog();
  const end = session.wait();
  await engine.running();
  engine.stop({ kind: "ended" });
  assert.deepEqual(await end, { reason: "ended" });
  assert.deepEqual(engine.takeLog(), ["run go"]);
});

Deno.test("disposal has the engine finish with the held end of a process", async () => {
  const { session, engine } = fakeSession();
  session.on("exitProcess", () => "break");
  await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.stop({ kind: "event", event: event("exitProcess", 7, { exitCode: 1 }) });
  await stop;
  engine.takeLog();
  engine.answers.run = () => ({ kind: "ended" });
  await session[Symbol.asyncDispose]();
  assert.deepEqual(engine.takeLog(), ["run go", "close", "dispose"]);
});

Deno.test("a process that the engine had to let go is told as detached, with the reason; the others go on", async () => {
  const { session, engine } = fakeSession();
  const [one, two] = [await launched(session, engine, 7), await launched(session, engine, 8)];
  const ends: unknown[] = [];
  session.on("programDestroy", ({ program, reason, exitCode }) => void ends.push(program, reason, exitCode));
  const stop = session.wait();
  await engine.running();
  engine.takeLog();
  engine.stop({ kind: "left", processId: 7 });
  await engine.running();
  assert.deepEqual(ends, [one, "detached", undefined]);
  assert.match(one.end?.cause ?? "", /thread of its last event was ended .*attach again/);
  assert.deepEqual([...session.programs.values()], [two]);
  engine.stop({ kind: "left", processId: 8 });
  assert.deepEqual(await stop, { reason: "ended" });
  assert.deepEqual(engine.takeLog(), ["run go"]);
  await session[Symbol.asyncDispose]();
});

Deno.test("a program that the engine has to let go before it is complete fails its launch with the reason", async () => {
  const { session, engine } = fakeSession();
  const launch = session.launch("app.exe");
  await engine.running();
  await engine.pass(event("createProcess", 7, { module: MODULE, startAddress: 0n }));
  engine.stop({ kind: "left", processId: 7 });
  await assert.rejects(launch, {
    kind: "exited",
    message: /it was let go before that was complete; the thread .* ended/,
  });
  await session[Symbol.asyncDispose]();
});

Deno.test("a process server that has gone takes every program with it", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.fail(new AttachError("server-unreachable", "gone"));
  await assert.rejects(stop, { kind: "server-unreachable" });
  assert.deepEqual(program.end, { reason: "lost" });
  await assert.rejects(session.wait(), { kind: "no-program" });
});
