/** Loops over events() after each other and beside each other; on scripted engines. */
import assert from "node:assert/strict";
import { exited, later, moduleOf } from "./fake_contract.ts";
import { scene } from "./scene_support.ts";

Deno.test("a loop may begin after another one, beside one that is in its body, in that of another session, and at a program's end", async () => {
  const { session, engine, programs: [one, two] } = await scene();
  const others = await scene();
  for (let round = 0; round < 2; round++) {
    engine.play(moduleOf(one.id, "a"));
    for await (const { type } of one.events()) {
      assert.equal(type, "loadModule");
      others.engine.play(moduleOf(others.programs[0].id, "b"));
      for await (const { type } of others.session.events()) {
        assert.equal(type, "loadModule");
        break;
      }
      break;
    }
  }
  const isInBody = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const holds = later().then(async () => {
    for await (const _ of one.events()) {
      isInBody.resolve();
      await mayEnd.promise;
      break;
    }
  });
  engine.play(moduleOf(one.id, "a"));
  await isInBody.promise;
  const loop = two.events();
  const beside = loop.next();
  mayEnd.resolve();
  await holds;
  engine.play(moduleOf(two.id, "c"), exited(one.id), moduleOf(two.id, "d"));
  assert.equal((await beside).value?.type, "loadModule");
  await loop.return();
  for await (const { type } of one.events()) {
    assert.equal(type, "programDestroy");
    for await (const each of two.events()) {
      assert.equal(each.type, "loadModule");
      break;
    }
  }
  await session[Symbol.asyncDispose]();
  await others.session[Symbol.asyncDispose]();
});

Deno.test("two loops may begin where a program is stopped at an event that nobody was told of", async () => {
  const { session, engine, programs: [one] } = await scene();
  await session.attach(9, { port: await session.connect("one"), initialBreak: false });
  engine.play({ type: "breakpoint", programId: one.id, processId: 7, threadId: 1, id: 0, address: 16n });
  await later();
  const [first, second] = [session.events(), session.events()];
  const [given, next] = [first.next(), second.next()];
  assert.equal((await given).value?.type, "breakpoint");
  await first.return();
  await session[Symbol.asyncDispose]();
  await next;
});

Deno.test("a loop that waits in its body for another one waits until the signal of that, and goes on", async () => {
  const { session, engine, programs: [one] } = await scene();
  const controller = new AbortController();
  const types: string[] = [];
  engine.play(moduleOf(one.id, "a"), moduleOf(one.id, "b"), exited(one.id));
  for await (const { type } of one.events()) {
    if (types.push(type) > 1) continue;
    const inner = session.events({ signal: controller.signal }).next();
    await later();
    controller.abort(new Error("enough"));
    await assert.rejects(inner, { message: "enough" });
  }
  assert.deepEqual(types, ["loadModule", "loadModule", "programDestroy"]);
  await session[Symbol.asyncDispose]();
});
