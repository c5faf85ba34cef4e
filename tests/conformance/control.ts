import assert from "node:assert/strict";
import { type ConformanceTest, grows, rests, Scene, sizeOf } from "./scene.ts";

/** Waiting, stopping and going on. */
export const controlTests: readonly ConformanceTest[] = [
  {
    name: "an interrupt stops a running program, all who wait are told, and it goes on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const program = await scene.launch("lives", {}, file);
      for (let round = 0; round < 3; round++) {
        const waits = [session.wait(), program.wait(), session.wait()];
        await grows(file);
        assert.equal(program.state, "running");
        session.interrupt();
        const stops = await Promise.all(waits);
        for (const stop of stops) assert.equal(stop, stops[0]);
        assert(stops[0]?.reason === "interrupt");
        assert.equal(stops[0].program, program);
        assert.equal(program.state, "stopped");
        assert(await rests(file));
      }
    },
  },
  {
    name: "an aborted wait stops the program, leaves the session usable, and does not end others' waits",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const program = await scene.launch("lives", {}, file);
      const aborted = AbortSignal.abort(new Error("before"));
      await assert.rejects(session.wait({ signal: aborted }), { message: "before" });
      assert.equal(sizeOf(file), 0);
      for (const name of ["wait", "run", "next", "events"] as const) {
        const controller = new AbortController();
        const { signal } = controller;
        const all = async (): Promise<void> => {
          for await (const _ of program.events({ signal }));
        };
        const ways = { next: () => program.next("exitProcess", { signal }), events: all };
        const given = name in ways ? ways[name as keyof typeof ways]() : program[name as "wait" | "run"]({ signal });
        const rejected = assert.rejects(given, { message: "no more" });
        await grows(file);
        controller.abort(new Error("no more"));
        await rejected;
        assert.equal(program.state, "stopped", name);
        assert(await rests(file), name);
      }
      const controller = new AbortController();
      const rejected = assert.rejects(session.wait({ signal: controller.signal }), { message: "no more" });
      const other = session.wait();
      await grows(file);
      controller.abort(new Error("no more"));
      await rejected;
      await grows(file);
      session.interrupt();
      assert.equal((await other).reason, "interrupt");
    },
  },
  {
    name: "next() runs to an event and is refused when it cannot come any more",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const program = await scene.launch("ends");
      for (;;) {
        const { module } = await program.next("loadModule");
        assert.equal(program.state, "stopped");
        if (module.name === fixture.moduleName) break;
      }
      assert.equal((await program.next("programDestroy")).exitCode, 7);
      await assert.rejects(program.next("loadModule"), { name: "StateError", kind: "program-gone" });
      const other = await scene.launch("ends");
      await assert.rejects(other.next("breakpoint"), { name: "StateError", kind: "program-gone" });
    },
  },
  {
    name: "a loop over events gives each one, holds the program meanwhile, and can be left",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const program = await scene.launch("ends");
      for await (const event of program.events()) {
        if (event.type !== "loadModule" || event.module.name !== fixture.moduleName) continue;
        assert.equal(program.state, "stopped");
        assert((await program.modules()).some(({ name }) => name === fixture.moduleName));
        await assert.rejects(program.wait(), { name: "StateError", kind: "in-handler" });
        break;
      }
      assert.equal(program.state, "stopped");
      const types: string[] = [];
      for await (const { type } of program.events()) types.push(type);
      assert.deepEqual(types.slice(-2), ["exitProcess", "programDestroy"]);
      assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
    },
  },
  {
    name: "a loop that is left, or another program's launch, leaves all programs stopped",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      const first = await scene.launch("lives", {}, file);
      const second = await scene.launch("ends");
      assert.deepEqual([first.state, second.state], ["stopped", "stopped"]);
      assert(await rests(file));
      for await (const event of second.events()) {
        if (event.type === "loadModule" && event.module.name === fixture.moduleName) break;
      }
      assert.deepEqual([first.state, second.state], ["stopped", "stopped"]);
      assert(await rests(file));
      assert.equal((await second.run()).exitCode, 7);
      assert.equal(first.state, "stopped");
      assert(await rests(file));
    },
  },
  {
    name: "who waits for a program is told when it leaves, while another stays and is stopped",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      const staying = await scene.launch("lives", {}, file);
      const next = (await scene.launch("ends")).next("breakpoint");
      await assert.rejects(next, { name: "StateError", kind: "program-gone" });
      assert.equal(staying.state, "stopped");
      const leaving = await scene.launch("ends");
      assert.equal((await leaving.next("programDestroy")).exitCode, 7);
      assert.equal(staying.state, "stopped");
      const types: string[] = [];
      for await (const { type } of (await scene.launch("ends")).events()) types.push(type);
      assert.equal(types.at(-1), "programDestroy");
      assert.equal(staying.state, "stopped");
      assert(await rests(file));
      const stop = scene.session.wait();
      await grows(file);
      scene.session.interrupt();
      assert.equal((await stop).reason, "interrupt");
    },
  },
  {
    name: "two programs run and stop together, and their end is told once",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const files = [scene.file(), scene.file()];
      const first = await scene.launch("lives", {}, files[0]);
      const second = await scene.launch("lives", {}, files[1]);
      const third = await scene.launch("ends");
      assert.equal(new Set([first.id, second.id, third.id]).size, 3);
      assert.equal(session.programs.size, 3);
      const stop = session.wait();
      await third.ended;
      for (const file of files) await grows(file);
      session.interrupt();
      assert.equal((await stop).reason, "interrupt");
      for (const file of files) assert(await rests(file));
      assert.deepEqual([first.state, second.state, third.state], ["stopped", "stopped", "ended"]);
      await first.terminate();
      await second.terminate();
      await scene.launch("ends");
      await scene.launch("raises");
      assert.deepEqual(await session.wait(), { reason: "ended" });
      await assert.rejects(session.wait(), { name: "StateError", kind: "no-program" });
    },
  },
];
