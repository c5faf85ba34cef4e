/** next() and run(): past other stops to an event, or to the end; on scripted engines. */
import assert from "node:assert/strict";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { exited, later, loaded, moduleOf, outputOf, THREAD } from "./fake_contract.ts";
import { World } from "./fake_world.ts";
import { scene } from "./scene_support.ts";

const reason = new Error("enough");

function breakOf(programId: string): { kind: "break"; programId: string; threadId: number } {
  return { kind: "break", programId, threadId: THREAD };
}

Deno.test("next() gives the event and leaves the programs stopped there, past stops of other kinds", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  session.on("unloadModule", () => "break");
  const next = session.next("loadModule");
  const unload = { type: "unloadModule", processId: 7, threadId: THREAD, base: 0n, imageName: "" } as const;
  engine.play(breakOf(one.id), { programId: one.id, ...unload }, moduleOf(two.id, "late"), exited(two.id));
  const event = await next;
  assert.deepEqual([event.type, event.program, event.module.name], ["loadModule", two, "late"]);
  await later();
  assert.deepEqual([session.running, two.state], [false, "stopped"]);
  await session[Symbol.asyncDispose]();
});

Deno.test("a program's next() passes over the events of others", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const next = two.next("loadModule");
  engine.play(moduleOf(one.id, "of one"), moduleOf(two.id, "of two"), moduleOf(two.id, "later"));
  assert.equal((await next).module.name, "of two");
  assert.equal((await session.next("loadModule")).module.name, "later");
  await session[Symbol.asyncDispose]();
});

Deno.test("events one upon another are each given, none is lost between two calls", async () => {
  const { session, engine, programs: [one] } = await scene();
  engine.play(...["a", "b", "c", "d"].map((name) => moduleOf(one.id, name)));
  const names: string[] = [];
  for (let i = 0; i < 4; i++) names.push((await session.next("loadModule")).module.name);
  assert.deepEqual(names, ["a", "b", "c", "d"]);
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop that came before anybody waited is what next() gives, if it is that event", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  session.on("loadModule", () => "break");
  const program = await session.attach(7, { port, initialBreak: false });
  world.engine().play(moduleOf(program.id, "kept"));
  await later();
  assert.equal(program.state, "stopped");
  const event = await program.next("loadModule");
  assert.equal(event.module.name, "kept");
  await session[Symbol.asyncDispose]();
});

Deno.test("several who wait for the same event get the same one, and a wait is told of it", async () => {
  const { session, engine, programs: [one] } = await scene();
  const all = [session.next("loadModule"), one.next("loadModule"), session.next("loadModule")];
  const wait = session.wait();
  engine.play(moduleOf(one.id, "a"), moduleOf(one.id, "b"));
  const [first, ...others] = await Promise.all(all);
  for (const other of others) assert.equal(other, first);
  const stop = await wait;
  assert.equal(stop.reason === "event" && stop.event, first);
  await session[Symbol.asyncDispose]();
});

Deno.test("who waits for another event goes on waiting", async () => {
  const { session, engine, programs: [one] } = await scene();
  const module = session.next("loadModule");
  const thread = session.next("exitThread");
  engine.play(moduleOf(one.id, "a"));
  assert.equal((await module).module.name, "a");
  engine.play({ type: "exitThread", programId: one.id, processId: 7, threadId: THREAD, exitCode: 3 });
  assert.equal((await thread).exitCode, 3);
  await session[Symbol.asyncDispose]();
});

Deno.test("next() for output gives the text and stops the programs soon after, and nobody else's wait ends", async () => {
  const { session, engine, programs: [one] } = await scene();
  const next = one.next("output");
  engine.play(outputOf(one.id, "hello"), outputOf(one.id, "again"));
  assert.equal((await next).text, "hello");
  assert.equal(session.running, false);
  const other = session.wait();
  const text = session.next("output");
  engine.play(outputOf(one.id, "more"));
  assert.equal((await text).text, "again"); // it was on its way when the programs were stopped
  await engine.idle();
  assert.equal(session.running, true);
  engine.play(breakOf(one.id));
  assert.deepEqual(await other, { reason: "break", program: one, threadId: THREAD });
  await session[Symbol.asyncDispose]();
});

Deno.test("next() for programDestroy gives the end of one program and leaves the others stopped", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const next = session.next("programDestroy");
  engine.play(exited(one.id, 3));
  const event = await next;
  assert.deepEqual([event.program, event.reason, event.exitCode], [one, "exited", 3]);
  assert.deepEqual([session.running, two.state], [false, "stopped"]);
  const last = two.next("programDestroy");
  engine.play(exited(two.id, 4));
  assert.equal((await last).exitCode, 4);
  await assert.rejects(session.wait(), { kind: "no-program" });
  await session[Symbol.asyncDispose]();
});

Deno.test("next() for programDestroy gives the end of a program that is let go meanwhile", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const next = one.next("programDestroy");
  await engine.idle();
  await one.detach();
  assert.equal((await next).reason, "detached");
  const last = session.next("programDestroy");
  await engine.idle();
  await two.terminate();
  assert.equal((await last).reason, "terminated");
  await session[Symbol.asyncDispose]();
});

Deno.test("next() rejects when its program leaves before the event, also while others go on", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const next = one.next("loadModule");
  engine.play(exited(one.id));
  await assert.rejects(next, { name: "StateError", kind: "program-gone", message: /app7\.exe/ });
  assert.equal(two.state, "stopped");
  await assert.rejects(one.next("loadModule"), { kind: "program-gone" });
  const all = session.next("loadModule");
  engine.play(exited(two.id));
  await assert.rejects(all, { kind: "program-gone", message: /every program/ });
  await assert.rejects(session.next("loadModule"), { kind: "no-program" });
  await session[Symbol.asyncDispose]();
});

Deno.test("next() rejects when interrupt() stops the programs, and can be called again", async () => {
  const { session, engine, programs: [one] } = await scene();
  const next = session.next("loadModule");
  await engine.idle();
  session.interrupt();
  await assert.rejects(next, { name: "StateError", kind: "interrupted" });
  const again = session.next("loadModule");
  engine.play(moduleOf(one.id, "late"));
  assert.equal((await again).module.name, "late");
  await session[Symbol.asyncDispose]();
});

Deno.test("next() rejects when its signal aborts, and its handler is gone", async () => {
  const { session, engine, programs: [one] } = await scene();
  const controller = new AbortController();
  const next = session.next("loadModule", { signal: controller.signal });
  await engine.idle();
  controller.abort(reason);
  await assert.rejects(next, reason);
  assert.equal(one.state, "stopped");
  const wait = session.wait();
  engine.play(moduleOf(one.id, "unseen"), breakOf(one.id));
  assert.equal((await wait).reason, "break");
  await assert.rejects(session.next("loadModule", { signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(session.next("nothing" as never), { name: "TypeError" });
  await session[Symbol.asyncDispose]();
});

Deno.test("next() in a handler and in a loop over events() is refused", async () => {
  const { session, engine, programs: [one] } = await scene();
  const refused: unknown[] = [];
  session.on(
    "loadModule",
    async () => void refused.push(await session.next("exitThread").catch((error) => error.kind)),
  );
  const wait = session.wait();
  engine.play(moduleOf(one.id, "a"), breakOf(one.id));
  await wait;
  assert.deepEqual(refused, ["in-handler"]);
  await session[Symbol.asyncDispose]();
});

/** What waits for events of a session or a program, by itself or inside of something else. */
const WAITS: Readonly<Record<string, (session: SessionManager, program: Program) => Promise<unknown>>> = {
  "session.wait()": (session) => session.wait(),
  "session.run()": (session) => session.run(),
  "session.next()": (session) => session.next("exitThread"),
  "session.events()": (session) => session.events().next(),
  "session.events() with a signal": (session) => session.events({ signal: new AbortController().signal }).next(),
  "a loop over session.events()": async (session) => {
    for await (const _ of session.events()) break;
  },
  "program.wait()": (_, program) => program.wait(),
  "program.run()": (_, program) => program.run(),
  "program.next()": (_, program) => program.next("exitThread"),
  "program.events()": (_, program) => program.events().next(),
  "program.events() behind other awaits": async (_, program) => {
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    return await program.events().next();
  },
};

for (const [name, ask] of Object.entries(WAITS)) {
  Deno.test(`${name} in a handler is refused, and the session goes on`, async () => {
    const { session, engine, programs: [one] } = await scene();
    const refused: unknown[] = [];
    session.on("loadModule", async () => void refused.push(await ask(session, one).catch((error) => error.kind)));
    const wait = session.wait();
    engine.play(moduleOf(one.id, "a"), breakOf(one.id));
    assert.equal((await wait).reason, "break");
    assert.deepEqual(refused, ["in-handler"]);
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("a loop that began outside is refused in a handler, and goes on outside", async () => {
  const { session, engine, programs: [one] } = await scene();
  const refused = Promise.withResolvers<unknown>();
  const loop = session.events();
  session.on("loadModule", async () => refused.resolve(await loop.next().catch((error) => error.kind)));
  const texts = loop.next();
  engine.play(outputOf(one.id, "text"));
  assert.equal((await texts).value?.type, "output"); // which holds nothing: the next event comes while its body runs
  engine.play(moduleOf(one.id, "a"));
  assert.equal(await refused.promise, "in-handler");
  assert.equal((await loop.next()).value?.type, "loadModule");
  await loop.return();
  await session[Symbol.asyncDispose]();
});

Deno.test("run() of a program goes past every stop to its end, and leaves the others stopped", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const run = one.run();
  engine.play(breakOf(one.id), moduleOf(two.id, "a"), breakOf(two.id));
  await engine.idle();
  session.interrupt();
  await engine.idle();
  engine.play(exited(one.id, 3));
  assert.deepEqual(await run, { reason: "exited", exitCode: 3 });
  assert.equal(two.state, "stopped");
  assert.deepEqual(await one.run(), { reason: "exited", exitCode: 3 });
  const rest = two.run();
  engine.play(exited(two.id));
  assert.deepEqual(await rest, { reason: "exited", exitCode: 0 });
  await session[Symbol.asyncDispose]();
});

Deno.test("run() of a session goes past every stop until no program is left", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const run = session.run();
  engine.play(breakOf(one.id), exited(one.id), breakOf(two.id), exited(two.id));
  await run;
  assert.equal(session.programs.size, 0);
  await assert.rejects(session.run(), { kind: "no-program" });
  await session[Symbol.asyncDispose]();
});

Deno.test("run() rejects when its signal aborts", async () => {
  const { session, engine, programs: [one] } = await scene();
  for (const run of [session.run.bind(session), one.run.bind(one)]) {
    const controller = new AbortController();
    const running = run({ signal: controller.signal });
    await engine.idle();
    controller.abort(reason);
    await assert.rejects(running as Promise<unknown>, reason);
    assert.equal(one.state, "stopped");
  }
  await session[Symbol.asyncDispose]();
});

Deno.test("an error of the engine's ends next() and run()", async () => {
  const { session, engine, programs: [one] } = await scene();
  const next = session.next("loadModule");
  engine.play(loaded(one.id));
  await assert.rejects(next, { kind: "defect" });
  const run = one.run();
  engine.play(loaded(one.id));
  await assert.rejects(run, { kind: "defect" });
  await session[Symbol.asyncDispose]();
});
