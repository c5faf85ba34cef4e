/** The events of a program's life, in an order to which engines are held; on scripted engines. */
import assert from "node:assert/strict";
import type { EngineReport, StopReport } from "../../lib/session/contract.ts";
import { EngineError } from "../../lib/session/errors.ts";
import type { Program } from "../../lib/session/program.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import {
  arrival,
  created,
  exited,
  hurried,
  IMAGE,
  later,
  loaded,
  moduleOf,
  namesIn,
  outputOf,
  type ScriptedEngine,
  THREAD,
} from "./fake_contract.ts";
import { type ScriptedPort, World } from "./fake_world.ts";

interface Scene {
  readonly world: World;
  readonly session: SessionManager;
  readonly port: ScriptedPort;
}

async function scene(prepare: (engine: ScriptedEngine) => void = () => {}): Promise<Scene> {
  const world = new World();
  world.prepare = prepare;
  return { world, ...await world.scene() };
}

function isDefect(text: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.kind, "defect");
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

/** What an engine tells wrongly before its program is complete: the attach fails with it. */
const WRONG_ARRIVALS: Readonly<Record<string, (id: string) => EngineReport[]>> = {
  "loadComplete: it came before programCreate": (id) => [loaded(id), ...arrival(id, 7)],
  "loadModule: it came before programCreate": (id) => [moduleOf(id, "early"), ...arrival(id, 7)],
  "output: it came before programCreate": (id) => [outputOf(id, "early"), ...arrival(id, 7)],
  "programCreate: it came after programCreate": (id) => [created(id, 7), created(id, 7), loaded(id)],
  "entryPoint: only a launched program has one": (id) => [
    created(id, 7),
    { type: "entryPoint", programId: id, threadId: THREAD },
    loaded(id),
  ],
  "createProcess: it came after programCreate": (id) => [
    created(id, 7),
    { type: "createProcess", programId: id, processId: 7, threadId: THREAD, module: IMAGE, startAddress: 0n },
    loaded(id),
  ],
  "programDestroy: it came before programCreate": (id) => [
    { type: "programDestroy", programId: id, end: { reason: "lost" } },
    ...arrival(id, 7),
  ],
  "loadModule: it names nobody": (id) => [created(id, 7), moduleOf("nobody", "lost"), loaded(id)],
};

for (const [text, reports] of Object.entries(WRONG_ARRIVALS)) {
  Deno.test(`an attach fails with the engine's defect, and the next one works: ${text}`, async () => {
    const { world, session, port } = await scene((engine) => engine.arrival = reports);
    await assert.rejects(session.attach(7, { port }), isDefect(text));
    assert.equal(session.programs.size, 0);
    const engine = world.engine();
    assert.ok(session.trace.some(({ detail }) => detail !== undefined && text.includes(detail.slice(0, 8))));
    engine.arrival = arrival;
    assert.equal((await session.attach(8, { port })).processId, 8);
    await session[Symbol.asyncDispose]();
  });
}

/** What an engine tells wrongly of a program that is there: whoever waits gets it. */
const WRONG_LATER: Readonly<Record<string, (id: string) => EngineReport>> = {
  "loadComplete: it came after loadComplete": (id) => loaded(id),
  "programCreate: it came after loadComplete": (id) => created(id, 7),
  "entryPoint: only a launched program has one": (id) => ({ type: "entryPoint", programId: id, threadId: THREAD }),
  "loadModule: it names nobody": () => moduleOf("nobody", "lost"),
};

for (const [text, report] of Object.entries(WRONG_LATER)) {
  Deno.test(`a wait fails with the engine's defect, and the session goes on: ${text}`, async () => {
    const { world, session, port } = await scene();
    const seen: string[] = [];
    session.on("loadModule", ({ module }) => void seen.push(module.name));
    const program = await session.attach(7, { port });
    const engine = world.engine();
    const stop = session.wait();
    engine.play(report(program.id));
    await assert.rejects(stop, isDefect(text));
    const end = session.wait();
    engine.play(moduleOf(program.id, "next"), exited(program.id, 3));
    assert.deepEqual(await end, { reason: "ended" });
    assert.deepEqual([seen, program.end], [["next"], { reason: "exited", exitCode: 3 }]);
    assert.equal(
      session.trace.filter(({ detail }) => detail?.startsWith("it ") || detail?.startsWith("only")).length,
      1,
    );
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("an event before engineCreate is a defect, and so is a second engineCreate", async () => {
  const silent = await scene((engine) => engine.announces = false);
  await hurried(async () => {
    await assert.rejects(silent.session.attach(7, { port: silent.port }), isDefect("it came before engineCreate"));
  });
  await silent.session[Symbol.asyncDispose]();

  const { world, session, port } = await scene();
  let engines = 0;
  session.on("engineCreate", () => void engines++);
  const program = await session.attach(7, { port });
  const stop = session.wait();
  world.engine().play({ type: "engineCreate", engine: world.engine() });
  await assert.rejects(stop, isDefect("engineCreate: it came a second time"));
  assert.equal(engines, 1);
  assert.equal(program.state, "running");
  await session[Symbol.asyncDispose]();
});

Deno.test("programDestroy comes once, and nothing of the program after it", async () => {
  const { world, session, port } = await scene();
  const names: string[] = [];
  session.on("programDestroy", ({ reason }) => void names.push(reason)).on("loadModule", () => void names.push("late"));
  const program = await session.attach(7, { port });
  await session.attach(8, { port });
  const engine = world.engine();
  const stop = session.wait();
  engine.play(exited(program.id, 3), moduleOf(program.id, "late"));
  await assert.rejects(stop, isDefect("loadModule: it came after programDestroy"));
  const second = session.wait();
  engine.play(exited(program.id, 4));
  await assert.rejects(second, isDefect("programDestroy: it came after programDestroy"));
  assert.deepEqual([names, program.end], [["exited"], { reason: "exited", exitCode: 3 }]);
  await program.detach(); // nothing is left to let go
  assert.ok(!engine.log.includes("detach 7"));
  await session[Symbol.asyncDispose]();
});

Deno.test("detach brings exactly one programDestroy, and the process can be attached to again", async () => {
  const { world, session, port } = await scene();
  const ends: string[] = [];
  session.on("programDestroy", ({ program, reason }) => void ends.push(`${program.id} ${reason}`));
  const first = await session.attach(7, { port });
  await first.detach();
  await first.detach();
  assert.deepEqual([ends, session.programs.size, first.state], [[`${first.id} detached`], 0, "ended"]);
  const second = await session.attach(7, { port });
  assert.notEqual(first.id, second.id);
  assert.equal(world.engine().log.filter((line) => line === "attach 7").length, 2);
  await session[Symbol.asyncDispose]();
  assert.deepEqual(ends, [`${first.id} detached`, `${second.id} detached`]);
});

for (const slow of ["engineCreate", "programCreate", "loadComplete"] as const) {
  Deno.test(`a slow handler of ${slow} delays all that follows`, async () => {
    const { world, session, port } = await scene();
    const handler = Promise.withResolvers<void>();
    session.on(slow, () => handler.promise);
    const attaching = session.attach(7, { port });
    let isComplete = false;
    attaching.then(() => isComplete = true);
    await later();
    const order = ["engineCreate", "programCreate", "loadComplete"];
    const until = order.slice(0, order.indexOf(slow) + 1);
    assert.deepEqual(namesIn(session, "event"), until);
    assert.deepEqual([isComplete, world.engine().answers.length], [false, Math.max(0, until.length - 2)]);
    handler.resolve();
    await attaching;
    assert.deepEqual(namesIn(session, "event"), order);
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("a handler of programCreate adds handlers for that program, which get its first module", async () => {
  const { world, session, port } = await scene((engine) => {
    engine.arrival = (id, pid) => [created(id, pid), moduleOf(id, `first ${pid}`), moduleOf(id, "second"), loaded(id)];
  });
  const seen: string[] = [];
  session.on("programCreate", ({ program }) => {
    if (program.processId === 7) program.on("loadModule", ({ module }) => void seen.push(module.name));
  });
  await session.attach(8, { port });
  await session.attach(7, { port });
  assert.deepEqual(seen, ["first 7", "second"]);
  const { log } = world.engine();
  assert.ok(log.includes("subscribe programCreate,loadModule") || log.includes("subscribe loadModule"), log.join());
  await session[Symbol.asyncDispose]();
});

Deno.test("a program is stopped at its loadComplete; told to go on, it runs when attach resolves", async () => {
  const { world, session, port } = await scene();
  const program = await session.attach(7, { port });
  assert.deepEqual([program.state, world.engine().answers.at(-1)], ["stopped", "loadComplete break"]);
  const other = session.attach(8, { port, initialBreak: false });
  assert.equal((await other).state, "running");
  assert.equal(world.engine().answers.at(-1), "loadComplete go");
  await session[Symbol.asyncDispose]();
});

Deno.test("a break inside loadComplete completes the attach, and is the next wait's stop", async () => {
  const { session, port, world } = await scene();
  const program = await session.attach(7, { port, initialBreak: false, on: { loadComplete: () => "break" } });
  assert.equal(program.state, "stopped");
  const stop = await session.wait();
  assert.deepEqual(stop.reason === "event" && [stop.event.type, stop.program], ["loadComplete", program]);
  assert.equal(world.engine().log.filter((line) => line === "run go").length, 1);
  await session[Symbol.asyncDispose]();
});

Deno.test("a break before loadComplete completes the attach there, and loadComplete comes later", async () => {
  const { session, port } = await scene();
  const program = await session.attach(7, { port, on: { programCreate: () => "break" } });
  assert.deepEqual([program.state, namesIn(session, "event").at(-1)], ["stopped", "programCreate"]);
  const stop = await session.wait();
  assert.equal(stop.reason === "event" && stop.event.type, "programCreate");
  assert.equal((await session.next("loadComplete")).program, program);
  await session[Symbol.asyncDispose]();
});

Deno.test("a stop at an event is not lost by another at the same place", async () => {
  const { session, port, world } = await scene();
  const program = await session.attach(7, { port });
  const engine = world.engine();
  session.on("loadModule", ({ module }) => {
    session.on("unloadModule", () => {}); // what is listened to changes: the session needs the programs held
    return module.name === "first" ? "break" : undefined;
  });
  const run = engine.run.bind(engine);
  engine.run = async (): Promise<StopReport> => {
    engine.run = run;
    await engine.tell(moduleOf(program.id, "first"));
    await engine.tell(moduleOf(program.id, "second"));
    return { kind: "held" };
  };
  const stop = await session.wait();
  assert.equal(stop.reason === "event" && stop.event.type === "loadModule" && stop.event.module.name, "first");
  await session[Symbol.asyncDispose]();
});

Deno.test("a program that ends before it is complete fails the attach", async () => {
  const { session, port, world } = await scene((engine) => {
    engine.arrival = (id, pid) => [created(id, pid), exited(id, 5)];
  });
  await assert.rejects(session.attach(7, { port }), { name: "AttachError", kind: "exited", message: /with code 5/ });
  assert.equal(session.programs.size, 0);
  world.engine().arrival = arrival;
  assert.equal((await session.attach(7, { port })).state, "stopped");
  await session[Symbol.asyncDispose]();
});

Deno.test("an error in a handler before the program is there fails the attach, and the program is let go as it comes", async () => {
  const { session, port, world } = await scene();
  const fault = (): never => {
    throw new Error("fault");
  };
  session.on("engineCreate", fault);
  await assert.rejects(session.attach(7, { port }), { name: "HandlerError" });
  assert.equal(session.programs.size, 0);
  assert.ok(world.engine().log.includes("detach 7"));
  assert.equal((await session.attach(8, { port })).processId, 8);
  await session[Symbol.asyncDispose]();
});

Deno.test("an attach that never comes up pends, rejects when its signal aborts, and lets the program go if it comes after all", async () => {
  const { session, port, world } = await scene((engine) => engine.arrival = () => []);
  const controller = new AbortController();
  const reason = new Error("enough");
  let isSettled = false;
  const attaching = session.attach(7, { port, signal: controller.signal }).finally(() => isSettled = true);
  attaching.catch(() => {});
  await world.sessionEngineIdle();
  assert.ok(!isSettled);
  await hurried(async () => {
    controller.abort(reason);
    await assert.rejects(attaching, reason);
  });
  const engine = world.engine();
  engine.arrival = arrival;
  const next = session.attach(8, { port });
  await later();
  assert.ok(!engine.log.includes("attach 8"), "the next attach waits for what is left of this one");
  engine.play(...arrival(engine.first, 7));
  assert.equal((await next).processId, 8);
  assert.ok(engine.log.includes("detach 7"), engine.log.join());
  assert.deepEqual([...session.programs.values()].map(({ processId }) => processId), [8]);
  await session[Symbol.asyncDispose]();
});

Deno.test("disposal during an attach that never comes up fails it and closes the engine", async () => {
  const { session, port, world } = await scene((engine) => engine.arrival = () => []);
  const attaching = session.attach(7, { port });
  attaching.catch(() => {});
  await world.sessionEngineIdle();
  await session[Symbol.asyncDispose]();
  await assert.rejects(attaching, { name: "StateError", kind: "closed" });
  const { log } = world.engine();
  assert.deepEqual(log.slice(-2), ["causeBreak", "dispose"]);
});

Deno.test("interrupt() during an attach stops the program as soon as it is there", async () => {
  const { session, port, world } = await scene((engine) => engine.arrival = () => []);
  const attaching = session.attach(7, { port, initialBreak: false });
  await world.sessionEngineIdle();
  const engine = world.engine();
  session.interrupt();
  await later();
  engine.play(...arrival(engine.first, 7));
  const program = await attaching;
  assert.equal(program.state, "stopped");
  assert.equal((await session.wait()).reason, "interrupt");
  await session[Symbol.asyncDispose]();
});

Deno.test("the end of every program is told as lost when the engine says that none is left", async () => {
  const { session, port, world } = await scene();
  const ends: Program[] = [];
  session.on("programDestroy", ({ program }) => void ends.push(program));
  const program = await session.attach(7, { port });
  const end = session.wait();
  world.engine().play({ kind: "ended" });
  assert.deepEqual(await end, { reason: "ended" });
  assert.deepEqual([ends, program.end], [[program], { reason: "lost" }]);
  await session[Symbol.asyncDispose]();
});
