/** An attach that has failed, whose program may come up yet, and the next one; on scripted engines. */
import assert from "node:assert/strict";
import { EngineError } from "../../lib/session/errors.ts";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { arrival, hurried, later, type ScriptedEngine, THREAD } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

const reason = new Error("enough");

interface Scene {
  readonly session: SessionManager;
  readonly one: Program;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
  /** Lets the program of the attach that was given up come up. */
  comeUp(): void;
}

/** A session with two stopped programs; an attach to process 9 of the second engine was given up before it came up. */
async function scene(): Promise<Scene> {
  const world = new World();
  const session = world.session();
  const one = await session.attach(7, { port: await session.connect("one") });
  const port = await session.connect("two");
  await session.attach(8, { port });
  const [first, second] = [world.engine("one"), world.engine("two")];
  second.arrival = () => [];
  await hurried(async () => {
    const controller = new AbortController();
    const given = session.attach(9, { port, signal: controller.signal });
    await second.idle();
    controller.abort(reason);
    await assert.rejects(given, reason);
  });
  second.arrival = arrival;
  const id = second.ids.at(-1) ?? "";
  return { session, one, first, second, comeUp: () => second.play(...arrival(id, 9)) };
}

Deno.test("an attach fails when an engine refuses to run for what it has to wait for", async () => {
  const { session, first, comeUp } = await scene();
  session.interrupt();
  await later();
  first.fail(new EngineError("failed", "refused"));
  const port = await session.connect("one");
  await assert.rejects(session.attach(10, { port }), { kind: "failed", message: "refused" });
  first.fail(undefined);
  const next = session.attach(10, { port });
  comeUp();
  assert.equal((await next).processId, 10, "the one after it goes on");
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach goes on although a wait is given up while it waits for what a failed one has left", async () => {
  const { session, second, comeUp } = await scene();
  const next = session.attach(10, { port: await session.connect("two") });
  await later();
  const controller = new AbortController();
  const wait = session.wait({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(wait, reason);
  await second.idle();
  comeUp();
  assert.equal((await next).processId, 10);
  assert.equal(session.running, false);
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach goes on past a stop that had come before it, and that nobody waits for", async () => {
  const { session, one, first, second, comeUp } = await scene();
  second.interruptible = false;
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  await later();
  const next = session.attach(10, { port: await session.connect("two") });
  await later();
  second.play({ kind: "interrupt", programId: second.first, threadId: THREAD });
  await later();
  second.interruptible = true;
  comeUp();
  assert.equal((await next).processId, 10);
  await session[Symbol.asyncDispose]();
});

for (const which of ["an attach", "an attach behind a failed one"]) {
  Deno.test(`an interrupt that waits for ${which} is told when that is given up`, async () => {
    const { session, second, comeUp } = await scene();
    const port = await session.connect("two");
    if (which === "an attach") {
      comeUp();
      await session.attach(10, { port });
    }
    second.arrival = () => [];
    const controller = new AbortController();
    const given = session.attach(11, { port, signal: controller.signal });
    const wait = session.wait();
    await second.idle();
    session.interrupt();
    assert.equal(await Promise.race([wait, later()]), undefined);
    await hurried(async () => {
      controller.abort(reason);
      await assert.rejects(given, reason);
    });
    assert.equal((await wait).reason, "interrupt");
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("programs that ran for two attaches that were given up are stopped again", async () => {
  const world = new World();
  const session = world.session();
  const one = await session.attach(7);
  const engine = world.engine();
  const isAsked = Promise.withResolvers<void>();
  const attach = engine.attach.bind(engine);
  engine.attach = (...values) => isAsked.promise.then(() => attach(...values));
  for (const processId of [9, 10]) {
    const controller = new AbortController();
    const given = session.attach(processId, { signal: controller.signal });
    await hurried(async () => {
      await later();
      controller.abort(reason);
      await assert.rejects(given, reason);
    });
  }
  isAsked.resolve();
  await later();
  assert.ok(engine.log.includes("detach 9"));
  assert.equal(one.state, "stopped");
  await session[Symbol.asyncDispose]();
});
