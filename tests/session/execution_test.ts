/** Who is told what when several things happen at once: what histories (model_test.ts) have found, one by one; on scripted engines. */
import assert from "node:assert/strict";
import type { EngineReport } from "../../lib/session/contract.ts";
import { EngineError } from "../../lib/session/errors.ts";
import type { DebugEvent, Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import { Machine } from "../../lib/session/transitions.ts";
import { arrival, exited, hurried, later, moduleOf, outputOf, type ScriptedEngine, THREAD } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

const reason = new Error("enough");

interface Scene {
  readonly world: World;
  readonly session: SessionManager;
  readonly one: Program;
  readonly two: Program;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
}

/** A session with a program of each of two engines, processes 7 and 8, both stopped. */
async function scene(): Promise<Scene> {
  const world = new World();
  const session = world.session();
  const one = await session.attach(7, { port: await session.connect("one") });
  const two = await session.attach(8, { port: await session.connect("two") });
  return { world, session, one, two, first: world.engine("one"), second: world.engine("two") };
}

function breakpointOf(programId: string): EngineReport {
  return { type: "breakpoint", programId, processId: 0, threadId: THREAD, id: 0, address: 16n };
}

function breakOf(programId: string): { kind: "break"; programId: string; threadId: number } {
  return { kind: "break", programId, threadId: THREAD };
}

/** What became of a promise so far. */
async function soFar(promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = "pending";
  promise.then((value) => outcome = value, (error) => outcome = error);
  await later();
  return outcome;
}

/** The events of a loop, each held until the body was let go by `next`. */
function loopOver(session: SessionManager, signal?: AbortSignal): AsyncGenerator<DebugEvent, void, void> {
  return session.events(signal ? { signal } : {});
}

Deno.test("a wrong transition is a defect", () => {
  const machine = new Machine<"stopped" | "starting">("The engine", "stopped");
  machine.move("start");
  assert.ok(machine.is("starting"));
  assert.throws(() => machine.move("start"), {
    name: "EngineError",
    kind: "defect",
    message: /"start" cannot come in the state "starting"/,
  });
});

Deno.test("a wait that is pending while another program is launched is told where that stops", async () => {
  const { session, first } = await scene();
  const wait = session.wait();
  await first.idle();
  const program = await session.launch("app.exe");
  const stop = await wait;
  assert.deepEqual(stop.reason === "event" && [stop.event.type, stop.program], ["loadComplete", program]);
  assert.equal(session.running, false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop that nobody waited for is over when an attach lets the programs go on", async () => {
  const { session, one, first } = await scene();
  session.interrupt();
  const free = await session.attach(9, { port: await session.connect("one"), initialBreak: false });
  first.play(breakpointOf(one.id));
  await later();
  assert.deepEqual([one.state, free.state], ["stopped", "stopped"]);
  await session.attach(10, { port: await session.connect("one") });
  const wait = session.wait();
  assert.equal(await soFar(wait), "pending", "it is not told of where the program is no more");
  first.play(breakOf(one.id));
  assert.equal((await wait).reason, "break");
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach goes on although another program stops and nobody waits for that", async () => {
  const { session, one, first, second } = await scene();
  second.arrival = () => [];
  const attaching = session.attach(9, { port: await session.connect("two") });
  await Promise.all([first.idle(), second.idle()]);
  first.play(breakpointOf(one.id));
  await later();
  second.play(...arrival(second.ids.at(-1) ?? "", 9));
  assert.equal((await attaching).processId, 9);
  await session[Symbol.asyncDispose]();
});

Deno.test("a loop over events() gets events that two engines have at the same time, and both go on", async () => {
  const { session, one, two, first, second } = await scene();
  const loop = loopOver(session);
  const next = loop.next();
  await Promise.all([first.idle(), second.idle()]);
  first.play(moduleOf(one.id, "a"));
  second.play(moduleOf(two.id, "b"));
  const events = [await next, await loop.next()].map(({ value }) => value && value.program);
  assert.deepEqual(new Set(events), new Set([one, two]));
  const last = loop.next();
  await Promise.all([first.idle(), second.idle()]);
  assert.deepEqual([one.state, two.state], ["running", "running"]);
  await session[Symbol.asyncDispose]();
  await last;
});

Deno.test("a loop that was left is not asked about an event that another loop still holds", async () => {
  const { session, one, first } = await scene();
  const [holder, left] = [loopOver(session), loopOver(session)];
  const [next, ...others] = [holder.next(), left.next()];
  await first.idle();
  first.play(outputOf(one.id, "text"), moduleOf(one.id, "a"));
  assert.equal((await next).value?.type, "output");
  await Promise.all(others);
  assert.equal((await holder.next()).value?.type, "loadModule");
  await left.return();
  const last = holder.next();
  await first.idle();
  assert.equal(one.state, "running");
  await session[Symbol.asyncDispose]();
  await last;
});

Deno.test("a loop that is left lets the programs run on for who waits", async () => {
  const { session, one, first } = await scene();
  const wait = session.wait();
  const loop = loopOver(session);
  const next = loop.next();
  await first.idle();
  first.play(moduleOf(one.id, "a"));
  await next;
  await loop.return();
  await first.idle();
  first.play(breakOf(one.id));
  assert.equal((await wait).reason, "break");
  await session[Symbol.asyncDispose]();
});

Deno.test("a loop that is left, or whose signal aborts, at an event leaves its program stopped", async () => {
  const { session, one, first } = await scene();
  for (const end of ["left", "aborted"]) {
    const controller = new AbortController();
    const loop = loopOver(session, controller.signal);
    const next = loop.next();
    await first.idle();
    first.play(moduleOf(one.id, end));
    if (end === "aborted") {
      controller.abort(reason);
      await assert.rejects(next, reason);
    } else {
      await next;
      await loop.return();
    }
    assert.equal(one.state, "stopped", end);
    await one.threads();
  }
  await session[Symbol.asyncDispose]();
});

Deno.test("a loop begins with the event that the programs are stopped at, if nobody was told of it", async () => {
  const { session, one, first } = await scene();
  await session.attach(9, { port: await session.connect("one"), initialBreak: false });
  first.play(breakpointOf(one.id));
  await later();
  const loop = loopOver(session);
  assert.equal((await loop.next()).value?.type, "breakpoint");
  assert.equal(one.state, "stopped");
  const next = loop.next();
  await first.idle();
  assert.equal(one.state, "running");
  await session[Symbol.asyncDispose]();
  await next;
});

Deno.test("an error of a handler is not lost with the loop that ends at that moment", async () => {
  const { session, one, two, first, second } = await scene();
  await two.detach();
  session.on("programDestroy", () => {
    throw reason;
  });
  const loop = loopOver(session);
  const next = loop.next();
  await first.idle();
  first.play(exited(one.id));
  assert.equal((await next).value?.type, "programDestroy");
  await loop.return();
  await assert.rejects(session.wait(), { name: "HandlerError", cause: reason });
  assert.equal(second.ids.length, 0);
  await session[Symbol.asyncDispose]();
});

Deno.test("a handler of a program's end can let another program of the same engine go", async () => {
  const { session, one, first } = await scene();
  const other = await session.attach(9, { port: await session.connect("one") });
  session.on("programDestroy", async ({ program }) => {
    if (program === one) await other.detach();
  });
  const wait = session.wait();
  await first.idle();
  first.play(exited(one.id));
  await other.ended;
  assert.equal(await soFar(wait), "pending", "the program of the other engine runs on");
  await session[Symbol.asyncDispose]();
});

Deno.test("programs stop for who has had enough although a handler throws at that moment", async () => {
  const { session, one, two, first, second } = await scene();
  session.on("output", () => {
    throw reason;
  });
  const controller = new AbortController();
  for (const isAborted of [false, true]) {
    const over = isAborted ? session.wait({ signal: controller.signal }) : session.next("output");
    if (isAborted) session.on("output", () => controller.abort("enough"));
    await Promise.all([first.idle(), second.idle()]);
    first.play(outputOf(one.id, "text"));
    await (isAborted ? assert.rejects(over, (error) => error === "enough") : over);
    assert.deepEqual([one.state, two.state], ["stopped", "stopped"]);
    await assert.rejects(session.wait(), { name: "HandlerError", cause: reason });
  }
  await session[Symbol.asyncDispose]();
});

Deno.test("an interrupt that nobody asked for leaves programs running that were opened so", async () => {
  const world = new World();
  const session = world.session();
  const program = await session.attach(7, { initialBreak: false });
  const engine = world.engine();
  await engine.idle();
  engine.play({ kind: "interrupt", programId: program.id, threadId: THREAD });
  await later();
  assert.equal(program.state, "running");
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach that waits for its turn ends with its signal, and with the session", async () => {
  const { session, second } = await scene();
  second.arrival = () => [];
  const port = await session.connect("two");
  const never = session.attach(9, { port });
  const controller = new AbortController();
  const aborted = session.attach(10, { port, signal: controller.signal });
  const closed = session.attach(11, { port });
  for (const promise of [never, aborted, closed]) promise.catch(() => {});
  await later();
  controller.abort(reason);
  assert.equal(await soFar(aborted), reason);
  await session[Symbol.asyncDispose]();
  await assert.rejects(never, { kind: "closed" });
  await assert.rejects(closed, { kind: "closed" });
});

Deno.test("a stop that an attach goes past is told after all when that fails before the programs go on", async () => {
  for (let turns = 0; turns < 40; turns++) { // of the failure, which comes sooner or later than the programs go on
    const { session, one, first, second } = await scene();
    second.arrival = () => [];
    session.on("breakpoint", async () => {
      (async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        second.fail(new EngineError("lost", "gone"));
      })();
      return await Promise.resolve("break" as const);
    });
    const attaching = session.attach(9, { port: await session.connect("two") });
    attaching.catch(() => {});
    await Promise.all([first.idle(), second.idle()]);
    first.takeLog();
    first.play(breakpointOf(one.id));
    await assert.rejects(attaching, { kind: "lost" });
    await later();
    const hasGoneOn = first.takeLog().some((line) => line.startsWith("run"));
    const wait = soFar(session.wait().then(({ reason }) => reason, ({ kind }) => kind));
    assert.equal(await wait, hasGoneOn ? "pending" : "event", `${turns} turns`);
    await session[Symbol.asyncDispose]();
  }
});

Deno.test("programs that ran for an attach only are stopped again when it fails", async () => {
  const { session, one, first, second } = await scene();
  second.arrival = (id, pid) => [...arrival(id, pid).slice(0, 1), exited(id, 3)];
  await assert.rejects(session.attach(9, { port: await session.connect("two") }), { kind: "exited" });
  assert.deepEqual([one.state, session.running], ["stopped", false]);
  assert.equal(first.log.filter((line) => line === "causeBreak").length > 0, true);
  await session[Symbol.asyncDispose]();
});

Deno.test("an engine that is gone does not keep programs of another from being attached to", async () => {
  const { session, one, two, first } = await scene();
  first.fail(new EngineError("lost", "gone"));
  const program = await session.attach(9, { port: await session.connect("two") });
  assert.deepEqual([program.processId, two.state, one.end?.reason], [9, "stopped", "lost"]);
  await assert.rejects(one.threads(), { kind: "lost" });
  await session[Symbol.asyncDispose]();
});

Deno.test("a wait that is aborted rejects soon although the engine does not stop", async () => {
  const { session, one, first } = await scene();
  const controller = new AbortController();
  const wait = session.wait({ signal: controller.signal });
  await first.idle();
  first.interruptible = false;
  await hurried(async () => {
    controller.abort(reason);
    await assert.rejects(wait, reason);
  });
  first.play(breakOf(one.id));
  await later();
  assert.equal(session.running, false, "it stops when it does");
  await session[Symbol.asyncDispose]();
});

for (const stuck of ["does not stop", "does not let its program go", "does not close"]) {
  Deno.test(`disposal ends although an engine ${stuck}, and tells the end of its program`, async () => {
    const { session, one, two, first, second } = await scene();
    const wait = session.wait();
    await Promise.all([first.idle(), second.idle()]);
    let left = 0;
    first.leaveNow = () => void left++;
    if (stuck === "does not stop") first.interruptible = false;
    else if (stuck === "does not close") first.dispose = () => new Promise(() => {});
    else first.release = () => new Promise(() => {});
    await hurried(() => session[Symbol.asyncDispose]());
    assert.equal(left, stuck === "does not close" ? 0 : 1);
    assert.deepEqual([one.state, two.state], ["ended", "ended"]);
    assert.deepEqual(await wait, { reason: "ended" });
  });
}
