/** Stops that programs are to go past for an opening, and do not: what histories (model_test.ts) have found, on scripted engines. */
import assert from "node:assert/strict";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { Stops } from "../../lib/session/stops.ts";
import { arrival, hurried, later, type ScriptedEngine, THREAD } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

const reason = new Error("enough");

interface Scene {
  readonly session: SessionManager;
  readonly one: Program;
  readonly two: Program;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
  /** An attach whose program does not come up by itself. */
  readonly attaching: Promise<Program>;
  /** Aborts a wait that pends meanwhile: both engines are to stop, and do not yet. */
  abort(): Promise<void>;
  /** Gives the attach up. */
  giveUp(): void;
}

/** Two engines with a program each that run for an attach to another one of the second engine. */
async function scene(): Promise<Scene> {
  const world = new World();
  const session = world.session();
  const one = await session.attach(7, { port: await session.connect("one") });
  const two = await session.attach(8, { port: await session.connect("two") });
  const [first, second] = [world.engine("one"), world.engine("two")];
  second.arrival = () => [];
  const given = new AbortController();
  const attaching = session.attach(9, { port: await session.connect("two"), signal: given.signal });
  attaching.catch(() => {});
  await later();
  const controller = new AbortController();
  session.wait({ signal: controller.signal }).catch(() => {});
  await later();
  assert.deepEqual([first.log.at(-1), second.log.at(-1)], ["run go", "run go"]);
  first.interruptible = second.interruptible = false;
  const abort = async (): Promise<void> => {
    controller.abort(reason);
    await later();
  };
  return { session, one, two, first, second, attaching, abort, giveUp: () => given.abort(reason) };
}

Deno.test("a stop that comes while a wait is given up and an attach is under way is told when the attach fails", async () => {
  const { session, one, first, second, attaching, abort } = await scene();
  await abort();
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  await later();
  first.takeLog();
  second.play({ kind: "ended" });
  await assert.rejects(attaching, { kind: "exited" });
  assert.deepEqual(await session.wait(), { reason: "break", program: one, threadId: THREAD });
  assert.deepEqual(first.takeLog(), [], "its program has not gone on");
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop that comes while a wait is given up and an attach is under way is over when the attach comes about", async () => {
  const { session, one, first, second, attaching, abort } = await scene();
  await abort();
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  await later();
  first.interruptible = second.interruptible = true;
  second.play({ kind: "interrupt", programId: second.first, threadId: THREAD });
  await Promise.all([first.idle(), second.idle()]);
  second.play(...arrival(second.ids.at(-1) ?? "", 9));
  await attaching;
  first.takeLog();
  const wait = session.wait();
  await first.idle();
  first.play({ kind: "break", programId: one.id, threadId: THREAD + 1 });
  assert.deepEqual(await wait, { reason: "break", program: one, threadId: THREAD + 1 });
  await session[Symbol.asyncDispose]();
});

Deno.test("a program that is let go at a stop that an attach goes past does not stop the others there any more", async () => {
  const { session, one, first, second, attaching, abort } = await scene();
  await abort();
  const isOver = one.detach(); // done as soon as both engines are stopped
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  await later();
  second.interruptible = true;
  second.play({ kind: "interrupt", programId: second.first, threadId: THREAD });
  await isOver;
  const wait = session.wait();
  await second.idle();
  second.play(...arrival(second.ids.at(-1) ?? "", 9));
  const program = await attaching;
  const stop = await wait;
  assert.deepEqual(stop.reason === "event" && [stop.event.type, stop.program], ["loadComplete", program]);
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop that an attach goes past is told when that is given up while the programs stand for something else", async () => {
  const { session, one, two, first, second, attaching, abort, giveUp } = await scene();
  await abort();
  session.on("programDestroy", ({ program }) => program === two ? giveUp() : undefined);
  const isOver = two.detach();
  first.play({ kind: "break", programId: one.id, threadId: THREAD });
  await later();
  second.play({ kind: "interrupt", programId: second.first, threadId: THREAD });
  await isOver;
  first.takeLog();
  assert.deepEqual(await session.wait(), { reason: "break", program: one, threadId: THREAD });
  assert.deepEqual(first.takeLog(), [], "its program has not gone on");
  await hurried(() => assert.rejects(attaching, reason));
  await session[Symbol.asyncDispose]();
});

Deno.test("stops are told once, in the order in which they came, but those that were gone past or whose program has left", () => {
  const stops = new Stops();
  const [first, passed, left, last] = Array.from({ length: 4 }, (_, threadId) => {
    const program = {} as Program;
    const brought = { stop: { reason: "break", program, threadId }, isKept: true } as const;
    stops.add(brought, brought);
    return brought;
  });
  assert.ok(first && passed && left && last && stops.any);
  stops.pass(passed);
  stops.forget(left.stop.program);
  assert.deepEqual(stops.take(), [first, last]);
  assert.deepEqual([stops.any, stops.take()], [false, []]);
});
