/** Two engines in one session: they run and stop together; engines that come with their programs; on scripted engines. */
import assert from "node:assert/strict";
import { EngineError } from "../../lib/session/errors.ts";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { arrival, created, exited, later, loaded, moduleOf, type ScriptedEngine, THREAD } from "./fake_contract.ts";
import { ScriptedPort, World } from "./fake_world.ts";

interface Scene {
  readonly world: World;
  readonly session: SessionManager;
  /** One program of each engine, processes 7 and 8, both stopped. */
  readonly one: Program;
  readonly two: Program;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
}

async function scene(): Promise<Scene> {
  const world = new World();
  const session = world.session();
  const [left, right] = [await session.connect("one"), await session.connect("two")];
  const one = await session.attach(7, { port: left });
  const two = await session.attach(8, { port: right });
  const [first, second] = [world.engine("one"), world.engine("two")];
  first.takeLog();
  second.takeLog();
  return { world, session, one, two, first, second };
}

Deno.test("the programs of all engines are the session's, and each knows its engine", async () => {
  const { session, one, two } = await scene();
  assert.deepEqual([...session.programs.values()], [one, two]);
  assert.deepEqual([one.engineId, two.engineId], ["one", "two"]);
  assert.deepEqual([one.state, two.state], ["stopped", "stopped"]);
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach through one engine pauses the programs of the other, which run on", async () => {
  const { session, one, two, first, second } = await scene();
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  const port = await session.connect("two");
  await session.attach(9, { port, initialBreak: false });
  assert.deepEqual([first.takeLog(), one.state], [["run go", "causeBreak", "run go"], "running"]);
  assert.deepEqual(second.takeLog(), ["run go", "causeBreak", "attach 9", "run go"]);
  assert.equal(two.state, "running");
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  assert.equal((await wait).reason, "break");
  await session[Symbol.asyncDispose]();
});

for (const stopping of ["first", "second"] as const) {
  Deno.test(`a wait runs both engines and stops both when one stops: the ${stopping}`, async () => {
    const all = await scene();
    const { session, one, two } = all;
    session.on("loadModule", () => "break");
    const [engine, program] = stopping === "first" ? [all.first, one] : [all.second, two];
    const other = stopping === "first" ? all.second : all.first;
    for (let i = 0; i < 3; i++) {
      const wait = session.wait();
      engine.play(moduleOf(program.id, `${i}`));
      const stop = await wait;
      assert.deepEqual(stop.reason === "event" && [stop.event.type, stop.program], ["loadModule", program]);
      assert.deepEqual([one.state, two.state, session.running], ["stopped", "stopped", false]);
      assert.deepEqual(other.takeLog().filter((line) => !line.startsWith("subscribe")), ["run go", "causeBreak"]);
    }
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("interrupt() stops both engines, and is told once", async () => {
  const { session, one, two, first, second } = await scene();
  const waits = [session.wait(), session.wait()];
  await Promise.all([first.idle(), second.idle()]);
  session.interrupt();
  for (const stop of await Promise.all(waits)) assert.equal(stop.reason, "interrupt");
  assert.deepEqual([one.state, two.state], ["stopped", "stopped"]);
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  second.play({ kind: "break", programId: two.id, threadId: THREAD });
  assert.deepEqual(await wait, { reason: "break", program: two, threadId: THREAD });
  await session[Symbol.asyncDispose]();
});

Deno.test("an interrupt that meets the end of one engine's programs stops the other's", async () => {
  const { session, one, two, first, second } = await scene();
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  first.interruptible = false;
  session.interrupt();
  first.play(exited(one.id));
  assert.equal((await wait).reason, "interrupt");
  assert.deepEqual([one.state, two.state], ["ended", "stopped"]);
  await session[Symbol.asyncDispose]();
});

Deno.test("both engines stop at an event at the same time: each stop is told", async () => {
  const { session, one, two, first, second } = await scene();
  session.on("loadModule", () => "break");
  const wait = session.wait();
  first.play(moduleOf(one.id, "a"));
  second.play(moduleOf(two.id, "b"));
  const stops = [await wait, await session.wait()];
  const programs = stops.map((stop) => stop.reason === "event" && stop.program);
  assert.deepEqual(new Set(programs), new Set([one, two]));
  assert.equal(session.running, false);
  await session[Symbol.asyncDispose]();
});

Deno.test("the end is told when both engines' programs have ended", async () => {
  const { session, one, two, first, second } = await scene();
  let isOver = false;
  const wait = session.wait();
  wait.then(() => isOver = true);
  first.play(exited(one.id));
  await later();
  assert.deepEqual([isOver, one.state, two.state], [false, "ended", "running"]);
  second.play(exited(two.id));
  assert.deepEqual(await wait, { reason: "ended" });
  await assert.rejects(session.wait(), { kind: "no-program" });
  await session[Symbol.asyncDispose]();
});

Deno.test("detach of one engine's last program while both run leaves the other running", async () => {
  const { session, one, two, first, second } = await scene();
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  await one.detach();
  await later();
  assert.deepEqual([one.state, two.state], ["ended", "running"]);
  second.play(exited(two.id));
  assert.deepEqual(await wait, { reason: "ended" });
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop of one engine while the other is paused for a moment leaves both stopped", async () => {
  const { session, one, two, first, second } = await scene();
  await session.attach(9, { port: await session.connect("one"), initialBreak: false });
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  // It is about to stop for its own reason when it is asked to pause.
  second.causeBreak = () => second.play({ kind: "break", programId: two.id, threadId: THREAD });
  await one.detach();
  assert.deepEqual(await wait, { reason: "break", program: two, threadId: THREAD });
  await later();
  assert.equal(session.running, false);
  await session[Symbol.asyncDispose]();
});

Deno.test("an engine that fails fails the wait; the other's programs are still there", async () => {
  const { session, one, two, first, second } = await scene();
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  first.fail(new EngineError("failed", "no"));
  await assert.rejects(wait, { message: "no" });
  first.fail(undefined);
  const next = session.wait();
  second.play({ kind: "break", programId: two.id, threadId: THREAD });
  assert.equal((await next).reason, "break");
  assert.deepEqual([one.state, two.state], ["stopped", "stopped"]);
  await session[Symbol.asyncDispose]();
});

/** A session with an engine that came with its program. */
async function inside(): Promise<{ session: SessionManager; engine: ScriptedEngine; program: Program; world: World }> {
  const world = new World();
  const { session, port } = await world.scene({ onAttach: "attached" });
  const program = await session.attach(7, { port });
  const [engine] = port.inside;
  assert.ok(engine);
  return { session, engine, program, world };
}

const DEPARTURES: Readonly<Record<string, (program: Program, engine: ScriptedEngine) => unknown>> = {
  "it was detached": (program) => program.detach(),
  "it was terminated": (program) => program.terminate(),
  "it ended": (program, engine) => {
    const end = program.run();
    engine.play(exited(program.id));
    return end;
  },
};

for (const [how, depart] of Object.entries(DEPARTURES)) {
  Deno.test(`an engine that came with its program is disposed when that has left: ${how}`, async () => {
    const { session, engine, program } = await inside();
    await depart(program, engine);
    await later();
    assert.equal(engine.log.at(-1), "dispose");
    assert.equal(session.programs.size, 0);
    await session[Symbol.asyncDispose]();
    assert.equal(engine.log.filter((line) => line === "dispose").length, 1);
  });
}

Deno.test("who waits is told of the end when the only program, with its engine, is let go", async () => {
  const { session, engine, program } = await inside();
  const wait = session.wait();
  await engine.idle();
  await program.detach();
  assert.deepEqual(await wait, { reason: "ended" });
  await later();
  assert.equal(engine.log.at(-1), "dispose");
  await session[Symbol.asyncDispose]();
});

Deno.test("an engine that the session loaded stays without programs, for the next", async () => {
  const { session, one, first, world } = await scene();
  await one.detach();
  await later();
  assert.deepEqual(first.takeLog(), ["detach 7"]);
  await session.attach(9, { port: await session.connect("one") });
  assert.equal(world.engine("one"), first);
  await session[Symbol.asyncDispose]();
  assert.deepEqual(first.takeLog(), ["attach 9", "run go", "detach 9", "dispose"]);
});

Deno.test("disposal follows how a program came, and children follow their parents, in both engines", async () => {
  const world = new World();
  const session = world.session();
  let childOf = 0;
  /** A program with a child that comes by itself. */
  world.prepare = (engine) => {
    engine.arrival = (id, processId) => {
      const port = world.ports.find(({ name }) => name === engine.id);
      assert.ok(port instanceof ScriptedPort);
      const childId = port.childId();
      const call = engine.debuggees.get(id)?.call;
      assert.ok(call);
      const childPid = 1000 + childOf++;
      engine.debuggees.set(childId, { processId: childPid, call: { ...call, reason: "auto" } });
      const place = { processId: childPid, threadId: THREAD, parentId: processId };
      const create = { type: "createProcess", programId: childId, ...place, startAddress: 0n } as const;
      const module = { name: "child", imageName: "child.exe", base: 0n, size: 1, checksum: 0, timestamp: 0 };
      const parent = [created(id, processId), loaded(id)];
      return [parent[0], { ...create, module }, ...arrival(childId, childPid), parent[1]].filter((step) => !!step);
    };
  };
  const [left, right] = [await session.connect("one"), await session.connect("two")];
  const launched = await session.launch("app.exe", { port: left });
  const attached = await session.attach(8, { port: right });
  const programs = [...session.programs.values()];
  assert.deepEqual(programs.map(({ reason }) => reason), ["launch", "auto", "user", "auto"]);
  assert.deepEqual(programs.map(({ parent }) => parent), [undefined, launched, undefined, attached]);
  const logs = (id: string): string[] => world.engine(id).takeLog().filter((line) => /^(detach|terminate)/.test(line));
  await session[Symbol.asyncDispose]();
  assert.deepEqual(logs("one"), [`terminate ${launched.processId}`, "terminate 1000"]);
  assert.deepEqual(logs("two"), ["detach 8", "detach 1001"]);
  assert.deepEqual(programs.map(({ end }) => end?.reason), ["terminated", "terminated", "detached", "detached"]);
});

Deno.test("disposal while both engines run stops both, lets all go and closes both", async () => {
  const { session, first, second } = await scene();
  const wait = session.wait();
  await Promise.all([first.idle(), second.idle()]);
  await Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]);
  assert.deepEqual(await wait, { reason: "ended" });
  assert.deepEqual(first.takeLog(), ["run go", "causeBreak", "detach 7", "dispose"]);
  assert.deepEqual(second.takeLog(), ["run go", "causeBreak", "detach 8", "dispose"]);
});
