/** The three ways to attach, in their order, and what a program is known by; on scripted engines and ports. */
import assert from "node:assert/strict";
import { type AttachError, EngineError } from "../../lib/session/errors.ts";
import { Program } from "../../lib/session/program.ts";
import { exited, later, moduleOf, namesIn, ScriptedEngine, type Ways, World } from "./fake_contract.ts";

const EVENTS = ["engineCreate", "programCreate", "loadComplete"];

/** Presence and answer of the two optional ways: what the session calls, and which engine takes the program. */
const COMBINATIONS: readonly (Ways & { readonly calls: readonly string[]; readonly by: string | undefined })[] = [
  { calls: ["load", "engine.attach"], by: "one" },
  { attach: "accept", calls: ["port.attach", "load"], by: "one" },
  { onAttach: "defer", calls: ["onAttach", "load", "engine.attach"], by: "one" },
  { onAttach: "defer", attach: "accept", calls: ["onAttach", "port.attach", "load"], by: "one" },
  { onAttach: "attached", calls: ["onAttach"], by: "inside" },
  { onAttach: "attached", attach: "accept", calls: ["onAttach"], by: "inside" },
  { onAttach: "refuse", calls: ["onAttach"], by: undefined },
  { onAttach: "refuse", attach: "accept", calls: ["onAttach"], by: undefined },
];

for (const { calls, by, ...ways } of COMBINATIONS) {
  const name = `the way of a program: onAttach ${ways.onAttach ?? "absent"}, the port's attach ${
    ways.attach ?? "absent"
  }`;
  Deno.test(name, async () => {
    const world = new World();
    const { session, port } = await world.scene(ways);
    const attaching = session.attach(7, { port });
    if (by === undefined) await assert.rejects(attaching, { kind: "access-denied" });
    else assert.equal((await attaching).engineId, by);
    assert.deepEqual(namesIn(session), by === undefined ? calls : [...calls, ...EVENTS]);
    assert.deepEqual(world.made.map(({ id }) => id), by === "one" ? ["one"] : []);
    if (by === "one") assert.deepEqual(world.engine().log.filter((line) => line.startsWith("attach")), ["attach 7"]);
    await session[Symbol.asyncDispose]();
  });
}

for (const ways of [{ onAttach: "refuse" }, { attach: "refuse" }] as const) {
  Deno.test(`a refusal leaves nothing behind, and the next attach works: ${JSON.stringify(ways)}`, async () => {
    const world = new World();
    const { session, port } = await world.scene(ways);
    const on = { loadModule: () => assert.fail("the refused attach's handler is called") };
    await assert.rejects(session.attach(7, { port, on }), { name: "AttachError", kind: "access-denied" });
    assert.equal(session.programs.size, 0);
    await assert.rejects(session.wait(), { kind: "no-program" });
    port.ways = {};
    const program = await session.attach(7, { port });
    const end = session.wait();
    world.engine().play(moduleOf(program.id, "late"), exited(program.id));
    assert.deepEqual(await end, { reason: "ended" });
    await session[Symbol.asyncDispose]();
  });
}

Deno.test("an engine that refuses keeps no program, and serves the next attach", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  world.prepare = (engine) => {
    engine.attach = () => {
      engine.log.push("refuse");
      return Promise.reject(new EngineError("failed", "no"));
    };
  };
  await assert.rejects(session.attach(7, { port }), { name: "EngineError", message: "no" });
  assert.equal(session.programs.size, 0);
  const engine = world.engine();
  engine.attach = ScriptedEngine.prototype.attach;
  assert.equal((await session.attach(7, { port })).processId, 7);
  assert.equal(world.made.length, 1);
  assert.deepEqual(engine.takeLog(), ["info", "refuse", "attach 7", "run go"]);
  await session[Symbol.asyncDispose]();
  assert.deepEqual(engine.takeLog(), ["detach 7", "dispose"]);
});

Deno.test("an engine inside a program that fails to attach is disposed at once", async () => {
  const world = new World();
  const { session, port } = await world.scene({ onAttach: "attached" });
  const inside = port.nextInside;
  inside.takeOver = async (_id, _processId, call) => {
    await call.callback({ type: "engineCreate", engine: inside });
    throw new EngineError("failed", "no");
  };
  await assert.rejects(session.attach(7, { port }), { message: "no" });
  await later();
  assert.deepEqual(inside.log, ["dispose"]);
  assert.equal((await session.attach(7, { port })).engineId, "inside");
  await session[Symbol.asyncDispose]();
});

Deno.test("a node that says attached and has told of no engine is a defect", async () => {
  const world = new World();
  const { session, port } = await world.scene({ onAttach: "attached" });
  port.nextInside.takeOver = async () => {};
  await assert.rejects(session.attach(7, { port }), { name: "EngineError", kind: "defect" });
  port.ways = {};
  assert.equal((await session.attach(7, { port })).engineId, "one");
  await session[Symbol.asyncDispose]();
});

Deno.test("an engine is loaded when a program first needs it, once, after onAttach and before its attach", async () => {
  const world = new World();
  const { session, port } = await world.scene({ onAttach: "defer" });
  session.on("engineCreate", () => {});
  assert.equal(world.made.length, 0);
  await session.attach(7, { port });
  assert.deepEqual(namesIn(session, "call"), ["onAttach", "load", "engine.attach"]);
  await session.attach(8, { port });
  assert.equal(world.made.length, 1);
  assert.deepEqual(world.engine().log.filter((line) => line !== "run go"), ["info", "attach 7", "attach 8"]);
  assert.equal(namesIn(session).filter((name) => name === "engineCreate").length, 1);
  await session[Symbol.asyncDispose]();
});

Deno.test("an engine that cannot be loaded fails the attach, and is made anew for the next", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  world.prepare = (engine) => engine.info = () => Promise.reject(new EngineError("not-found", "no engine"));
  await assert.rejects(session.attach(7, { port }), { kind: "not-found" });
  world.prepare = () => {};
  assert.equal((await session.attach(7, { port })).processId, 7);
  assert.equal(world.made.length, 2);
  await session[Symbol.asyncDispose]();
});

Deno.test("one id names a program for its port, its engine, its events and the script, which hold different objects", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  const ids: string[] = [];
  for (const name of ["programCreate", "loadComplete", "loadModule", "programDestroy"] as const) {
    session.on(name, ({ program }) => void ids.push(`${name} ${program.id}`));
  }
  const program = await session.attach(7, { port });
  const [given] = port.given;
  assert.equal(program.id, given?.id);
  assert.ok(program instanceof Program && !(given instanceof Program));
  assert.notEqual(program as unknown, given);
  assert.equal(session.programs.get(program.id), program);
  assert.deepEqual(world.engine().ids, [program.id]);
  const end = session.wait();
  world.engine().play(moduleOf(program.id, "late"), exited(program.id));
  await end;
  const names = ["programCreate", "loadComplete", "loadModule", "programDestroy"];
  assert.deepEqual(ids, names.map((name) => `${name} ${program.id}`));
  assert.ok(session.trace.every(({ programId, name }) => name === "engineCreate" || programId === program.id));
  await session[Symbol.asyncDispose]();
});

Deno.test("a cookie tells sessions apart: a port refuses a program that another session debugs", async () => {
  const world = new World();
  const first = await world.scene({ attach: "accept" });
  const second = await world.scene({ attach: "accept" });
  await first.session.attach(7, { port: first.port });
  await first.session.attach(8, { port: first.port });
  const refused = second.session.attach(7, { port: second.port });
  await assert.rejects(refused, (error: AttachError) => error.kind === "already-attached");
  assert.equal(second.session.programs.size, 0);
  assert.equal((await second.session.attach(9, { port: second.port })).processId, 9);
  const [one, same] = first.port.cookies;
  const [other] = second.port.cookies;
  assert.equal(one, same);
  assert.notEqual(one, other);
  assert.deepEqual(new Set([...first.port.cookies, ...second.port.cookies]).size, 2);
  for (const { session } of [first, second]) await session[Symbol.asyncDispose]();
});

Deno.test("the same process cannot be attached to twice in one session", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  await session.attach(7, { port });
  await assert.rejects(session.attach(7, { port }), { kind: "already-attached" });
  assert.equal(port.given.length, 1);
  await session[Symbol.asyncDispose]();
});

for (const ways of [{}, { attach: "accept" }, { onAttach: "attached" }] as const) {
  Deno.test(`a launch through a port runs nothing before handlers have answered: ${JSON.stringify(ways)}`, async () => {
    const world = new World();
    const { session, port } = await world.scene(ways);
    const order: string[] = [];
    const slow = async (name: string): Promise<void> => {
      const engine = world.made[0] ?? port.inside[0];
      const answered = engine?.answers.length ?? 0;
      await later();
      assert.equal(engine?.answers.length, answered, "the engine waits for the answer");
      order.push(name);
    };
    session.on("programCreate", () => slow("programCreate")).on("loadComplete", () => slow("loadComplete"));
    session.on("entryPoint", () => void order.push("entryPoint"));
    const program = await session.launch(["app.exe", "a b"], { port });
    assert.deepEqual(order, ["programCreate", "loadComplete"]);
    assert.deepEqual([program.reason, port.given[0]?.launch?.command], ["launch", ["app.exe", "a b"]]);
    const engine = world.made[0] ?? port.inside[0];
    assert.ok(engine);
    const end = session.wait();
    engine.play({ type: "entryPoint", programId: program.id, threadId: 1 }, exited(program.id));
    await end;
    assert.deepEqual(order, ["programCreate", "loadComplete", "entryPoint"]);
    await session[Symbol.asyncDispose]();
  });
}
