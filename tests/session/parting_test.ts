/** What is done while the end of a program is with its handlers; on scripted engines. */
import assert from "node:assert/strict";
import { exited, later } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

Deno.test("programs that are let go while another one's end is with its handlers do not run in between", async () => {
  const world = new World();
  const { session, port } = await world.scene();
  const [one, two, three] = [
    await session.attach(7, { port }),
    await session.attach(8, { port }),
    await session.attach(9, { port }),
  ];
  const engine = world.engine();
  const isTold = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  one?.on("programDestroy", async () => {
    isTold.resolve();
    await mayGoOn.promise;
  });
  const detached: string[] = [];
  for (const program of [two, three]) {
    program?.on("programDestroy", async () => {
      mayGoOn.resolve();
      await later();
      detached.push(program.id);
    });
  }
  engine.takeLog();
  engine.play(exited(one?.id ?? ""));
  const wait = session.wait();
  await isTold.promise;
  await session[Symbol.asyncDispose]();
  await wait;
  assert.deepEqual(engine.takeLog(), ["run go", "detach 8", "detach 9", "causeBreak", "dispose"]);
  assert.deepEqual(detached, [two?.id, three?.id]);
});
