/** Who waits for what: interrupts, aborted waits, aborted openings, several waiters, kept errors; on a fake engine. */
import assert from "node:assert/strict";
import { HandlerError } from "../../lib/session/errors.ts";
import { event, fakeSession, launched, loadOf, MODULE, THREAD } from "./fake_engine.ts";

const reason = new Error("enough");

Deno.test("several waits get the same stop", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const waits = [session.wait(), program.wait(), session.wait()];
  await engine.running();
  engine.takeLog();
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  for (const stop of await Promise.all(waits)) assert.deepEqual(stop, { reason: "break", program, threadId: THREAD });
  assert.deepEqual(engine.takeLog(), []);
});

Deno.test("an aborted wait rejects once the programs are stopped, and others go on waiting", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const controller = new AbortController();
  const aborted = session.wait({ signal: controller.signal });
  const other = session.wait();
  await engine.running();
  engine.takeLog();
  controller.abort(reason);
  await assert.rejects(aborted, reason);
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["interrupt", "run goHandled"]);
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.deepEqual(await other, { reason: "break", program, threadId: THREAD });
});

Deno.test("an aborted wait that was the only one leaves the programs stopped, and no stop for later", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const controller = new AbortController();
  const aborted = session.wait({ signal: controller.signal });
  await engine.running();
  controller.abort(reason);
  await assert.rejects(aborted, reason);
  assert.equal(program.state, "stopped");
  engine.answers.threads = () => [{ threadId: THREAD }];
  assert.equal((await program.threads()).length, 1);
  engine.takeLog();
  const stop = session.wait();
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["run goHandled"]);
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await stop).reason, "break");
  await assert.rejects(session.wait({ signal: AbortSignal.abort(reason) }), reason);
});

Deno.test("an event that comes before the abort's interrupt goes to its handlers, and the wait rejects all the same", async () => {
  const { session, engine } = fakeSession();
  let seen = 0;
  session.on("loadModule", () => void seen++);
  await launched(session, engine, 7);
  const controller = new AbortController();
  const aborted = session.wait({ signal: controller.signal });
  await engine.running();
  engine.interruptible = false;
  controller.abort(reason);
  engine.stop({ kind: "event", event: loadOf(7, "late") });
  await assert.rejects(aborted, reason);
  assert.equal(seen, 1);
});

Deno.test("interrupt() races with an event: the handlers see it, and the wait gets the interrupt once", async () => {
  const { session, engine } = fakeSession();
  let seen = 0;
  session.on("loadModule", () => void seen++);
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.interruptible = false;
  session.interrupt();
  engine.stop({ kind: "event", event: loadOf(7, "late") });
  assert.equal((await stop).reason, "interrupt");
  assert.equal(seen, 1);
  assert.equal(program.state, "stopped");
  const next = session.wait();
  await engine.running();
  await engine.pass(loadOf(7, "later"));
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await next).reason, "break");
});

Deno.test("interrupt() races with a handler that answers break: there is one stop, the handler's", async () => {
  const { session, engine } = fakeSession();
  session.on("loadModule", () => "break");
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.interruptible = false;
  session.interrupt();
  const held = loadOf(7, "late");
  engine.stop({ kind: "event", event: held });
  assert.deepEqual(await stop, { reason: "event", event: { ...held, program }, program });
  const next = session.wait();
  await engine.running();
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await next).reason, "break", "the interrupt is over with the stop that came first");
});

Deno.test("interrupt() races with the end of the last program: the wait gets the end", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  engine.interruptible = false;
  session.interrupt();
  await engine.pass(event("exitProcess", 7, { exitCode: 0 }));
  engine.stop({ kind: "ended" });
  assert.deepEqual(await stop, { reason: "ended" });
});

Deno.test("a launch that is aborted before its process appears ends it when it does", async () => {
  const { session, engine } = fakeSession();
  const controller = new AbortController();
  const program = session.launch("app.exe", { signal: controller.signal });
  await engine.running();
  controller.abort(reason);
  engine.takeLog();
  engine.stop({ kind: "event", event: event("createProcess", 7, { module: MODULE, startAddress: 0n }) });
  await assert.rejects(program, reason);
  assert.ok(engine.log.includes("terminate 7"), engine.log.join());
  assert.equal(session.programs.size, 0);
  assert.equal((await launched(session, engine, 8)).pid, 8);
});

Deno.test("an attach that is aborted before its process appears lets it go when it does", async () => {
  const { session, engine } = fakeSession();
  const controller = new AbortController();
  const program = session.attach(7, { signal: controller.signal });
  await engine.running();
  controller.abort(reason);
  engine.takeLog();
  engine.stop({ kind: "event", event: event("createProcess", 7, { module: MODULE, startAddress: 0n }) });
  await assert.rejects(program, reason);
  assert.ok(engine.log.includes("detach 7"), engine.log.join());
  assert.ok(!engine.log.includes("terminate 7"));
});

Deno.test("a launch that is aborted and never gets a process rejects when the engine says so", async () => {
  const { session, engine } = fakeSession();
  const controller = new AbortController();
  const program = session.launch("app.exe", { signal: controller.signal });
  await engine.running();
  controller.abort(reason);
  engine.stop({ kind: "ended" });
  await assert.rejects(program, reason);
  assert.equal((await launched(session, engine, 8)).pid, 8);
});

Deno.test("a launch that is aborted while its handlers run ends the program after them", async () => {
  const { session, engine } = fakeSession();
  const controller = new AbortController();
  const program = session.launch("app.exe", {
    signal: controller.signal,
    on: { loadModule: () => controller.abort(reason) },
  });
  await engine.running();
  await engine.pass(event("createProcess", 7, { module: MODULE, startAddress: 0n }));
  engine.takeLog();
  engine.stop({ kind: "event", event: loadOf(7, "ntdll") });
  await assert.rejects(program, reason);
  assert.deepEqual(engine.log.filter((line) => line.endsWith(" 7")), ["terminate 7"]);
});

Deno.test("an error of a handler that nobody waits for is kept for the next wait, and the program goes on", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 7, false);
  session.on("loadModule", () => {
    throw reason;
  });
  await engine.running();
  await engine.pass(loadOf(7, "ntdll"));
  await assert.rejects(session.wait(), (error) => error instanceof HandlerError && error.cause === reason);
  const stop = session.wait();
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await stop).reason, "break");
});

Deno.test("an error of a handler during a launch fails the launch", async () => {
  const { session, engine } = fakeSession();
  const program = session.launch("app.exe", {
    on: {
      loadModule: () => {
        throw reason;
      },
    },
  });
  await engine.running();
  await engine.pass(event("createProcess", 7, { module: MODULE, startAddress: 0n }));
  engine.stop({ kind: "event", event: loadOf(7, "ntdll") });
  await assert.rejects(program, (error) => error instanceof HandlerError && error.cause === reason);
});

Deno.test("requests while programs run are refused, and those of the session stop them for a moment", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const stop = session.wait();
  await engine.running();
  await assert.rejects(program.threads(), { kind: "running" });
  engine.takeLog();
  engine.answers.processes = () => [{ processId: 7, name: "app.exe", description: "" }];
  assert.equal((await session.processes()).length, 1);
  await engine.running();
  assert.deepEqual(engine.takeLog(), ["interrupt", "processes 0 undefined", "run goHandled"]);
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await stop).reason, "break");
});

Deno.test("a wait in a loop over events() is refused at text, too: the next event would wait for the loop", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  const refused: string[] = [];
  const loop = async (): Promise<void> => {
    for await (const each of program.events()) {
      if (each.type === "programDestroy") continue;
      await assert.rejects(session.wait(), { kind: "in-handler" });
      refused.push(each.type);
    }
  };
  const over = loop();
  await engine.running();
  engine.onNotice(event("output", 7, { text: "hello" }));
  await engine.pass(loadOf(7, "late"));
  await engine.pass(event("exitProcess", 7, { exitCode: 3 }));
  engine.stop({ kind: "ended" });
  await over;
  assert.deepEqual(refused, ["output", "loadModule", "exitProcess"]);
});

Deno.test("a command that has the program run is refused in a handler and in a loop before the engine sees it", async () => {
  const { session, engine } = fakeSession();
  const program = await launched(session, engine, 7);
  engine.answers.execute = () => ({ text: "shown", moved: false });
  const outcomes: string[] = [];
  const ask = async (command: string): Promise<void> => {
    const outcome = await program.execute(command).catch((error) => error.kind);
    outcomes.push(`${command}: ${outcome}`);
  };
  session.on("loadModule", async () => {
    for (const command of ["g", "k;p", "? poi(g)"]) await ask(command);
  });
  const stop = session.wait();
  await engine.running();
  engine.takeLog();
  await engine.pass(loadOf(7, "late"));
  assert.deepEqual(outcomes.splice(0), ["g: in-handler", "k;p: in-handler", "? poi(g): shown"]);
  assert.deepEqual(engine.takeLog().filter((line) => line.startsWith("execute")), ["execute 7 ? poi(g)"]);
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  await stop;
  const over = (async () => {
    for await (const each of session.events()) if (each.type === "loadModule") return await ask(".if (1) {t}");
  })();
  await engine.running();
  session.off("loadModule", () => {});
  engine.stop({ kind: "event", event: loadOf(7, "later") });
  await over;
  assert.ok(outcomes.includes(".if (1) {t}: in-handler"), outcomes.join());
  assert.deepEqual(engine.takeLog().filter((line) => line.startsWith("execute 7 .if")), []);
});
