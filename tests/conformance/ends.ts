import assert from "node:assert/strict";
import { type ConformanceTest, grows, rests, Scene, sizeOf, until } from "./scene.ts";

/** How programs and sessions end. */
export const endTests: readonly ConformanceTest[] = [
  {
    name: "a launched program can be terminated, stopped and running",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      for (const state of ["stopped", "running"]) {
        const file = scene.file();
        const program = await scene.launch("lives", { initialBreak: state === "stopped" }, file);
        if (state === "running") await grows(file);
        await program.terminate();
        await program.terminate();
        assert.deepEqual(program.end, { reason: "terminated" });
        assert.deepEqual(await program.ended, program.end);
        await until("it is gone", () => !fixture.isAlive(program.processId));
        assert.equal(session.programs.size, 0);
        if (state === "stopped") assert.equal(sizeOf(file), 0);
      }
    },
  },
  {
    name: "an attached program can be terminated",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const program = await scene.attach(await scene.start(scene.file()));
      await program.terminate();
      assert.deepEqual(program.end, { reason: "terminated" });
      await until("it is gone", () => !fixture.isAlive(program.processId));
    },
  },
  {
    name: "disposal ends what was launched, lets go what was attached to, and can be repeated",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const attached = await scene.attach(await scene.start(file));
      const launched = await scene.launch("lives");
      await Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]);
      await session[Symbol.asyncDispose]();
      assert.deepEqual(attached.end, { reason: "detached" });
      assert.deepEqual(launched.end, { reason: "terminated" });
      await until("it is gone", () => !fixture.isAlive(launched.processId));
      await grows(file);
      await assert.rejects(session.wait(), { name: "StateError", kind: "closed" });
      await assert.rejects(launched.threads(), { name: "StateError", kind: "closed" });
    },
  },
  {
    name: "a session can be disposed of while programs run",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const files = [scene.file(), scene.file()] as const;
      const attached = await scene.attach(await scene.start(files[0]));
      const launched = await scene.launch("lives", {}, files[1]);
      const stop = session.wait();
      for (const file of files) await grows(file);
      await session[Symbol.asyncDispose]();
      assert.deepEqual(await stop, { reason: "ended" });
      assert.deepEqual([attached.end, launched.end], [{ reason: "detached" }, { reason: "terminated" }]);
      await until("it is gone", () => !fixture.isAlive(launched.processId));
      await grows(files[0]);
    },
  },
  {
    name: "who waits is told when the last program is let go, not before",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const files = [scene.file(), scene.file()] as const;
      const attached = await scene.attach(await scene.start(files[0]));
      const launched = await scene.launch("lives", {}, files[1]);
      let isTold = false;
      const stop = scene.session.wait().finally(() => isTold = true);
      for (const file of files) await grows(file);
      await attached.detach();
      for (const file of files) await grows(file);
      assert(!isTold);
      await launched.terminate();
      assert.deepEqual(await stop, { reason: "ended" });
    },
  },
  {
    name: "a program is disposed of by itself, and the session goes on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      {
        await using attached = await scene.attach(await scene.start(file));
        await using launched = await scene.launch("lives");
        assert.equal(attached.state, launched.state);
      }
      assert.equal(scene.session.programs.size, 0);
      await grows(file);
      const program = await scene.launch("ends");
      assert.equal((await program.run()).exitCode, 7);
    },
  },
  {
    name: "a program is left suspended where that is possible, and refused where it is not",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      const target = await scene.start(file);
      const program = await scene.attach(target);
      if (fixture.can.abandon) {
        await program.abandon();
        assert.deepEqual(program.end, { reason: "abandoned" });
        assert.ok(await rests(file), "it stays as it was left");
        return await target.kill();
      }
      await assert.rejects(program.abandon(), { name: "EngineError", kind: "not-supported" });
      assert.equal(program.state, "stopped");
    },
  },
];
