import assert from "node:assert/strict";
import { type ConformanceTest, frameOf, grows, Scene, sizeOf } from "./scene.ts";

/** What handlers do to programs. */
export const handlerTests: readonly ConformanceTest[] = [
  {
    name: "a handler that throws is told as a HandlerError, and the program goes on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const cause = new Error("of the handler's own");
      const program = await scene.launch("ends");
      program.on("loadModule", ({ module }) => {
        if (module.name === fixture.moduleName) throw cause;
      });
      await assert.rejects(session.wait(), { name: "HandlerError", event: "loadModule", cause });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(program.end?.exitCode, 7);
    },
  },
  {
    name: "a handler that hangs is cut off, and the program goes on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture, { handlerDeadline: 300 });
      const { session } = scene;
      const program = await scene.launch("ends");
      program.on("loadModule", async ({ module }) => {
        if (module.name === fixture.moduleName) await new Promise(() => {});
      });
      await assert.rejects(session.wait(), { name: "HandlerError", event: "loadModule", timedOut: true });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(program.end?.exitCode, 7);
    },
  },
  {
    name: "an exception whose handler answers break stops the program, which then goes on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const program = await scene.launch("raises", { on: { exception: () => "break" } }, file);
      const stop = await session.wait();
      assert(stop.reason === "event" && stop.event.type === "exception");
      assert.equal(stop.program, program);
      const { event } = stop;
      assert.equal(event.name, fixture.exceptionName);
      assert.equal(event.firstChance, true);
      assert.equal(program.state, "stopped");
      const frame = frameOf(await program.thread(event.threadId).stack(), "attempt");
      assert.match(frame?.file ?? "", /conform\.(c|mjs)$/);
      assert(Number(frame?.line) > 0);
      assert.equal(sizeOf(file), 1);
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(sizeOf(file), 2);
      assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
    },
  },
  {
    name: "handlers look into the program, and cannot wait for it",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const seen: unknown[] = [];
      const program = await scene.launch("raises", {
        on: {
          exception: async ({ program, threadId }) => {
            seen.push(program.state, frameOf(await program.thread(threadId).stack(), "attempt") !== undefined);
            await assert.rejects(session.wait(), { name: "StateError", kind: "in-handler" });
          },
        },
      });
      assert.equal((await program.run()).exitCode, 7);
      assert.deepEqual(seen, ["stopped", true]);
    },
  },
  {
    name: "a stopped program answers questions, a running one refuses them",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const program = await scene.launch("lives", {}, file);
      const interrupted = session.wait();
      await grows(file);
      await assert.rejects(program.threads(), { name: "StateError", kind: "running" });
      session.interrupt();
      assert.equal((await interrupted).reason, "interrupt");
      assert.equal(Number(await program.evaluate("3*4")), 12);
      await assert.rejects(program.evaluate("no_such_name + 1"), { name: "EngineError" });
      const [thread] = await program.threads();
      assert(thread);
      assert(Array.isArray(await thread.stack(4)));
      const names = (await program.modules()).map(({ imageName }) => imageName.split(/[\\/]/).at(-1));
      assert(names.includes(fixture.programName), names.join());
      const [module] = await program.modules();
      const read = program.memory.read(module?.base ?? 0n, 2);
      if (fixture.can.memory) assert.equal((await read).length, 2);
      else await assert.rejects(read, { name: "EngineError", kind: "not-supported" });
      const next = session.wait();
      await grows(file);
      session.interrupt();
      await next;
    },
  },
];
