import assert from "node:assert/strict";
import type { DebugEvent, DebugSession, EventName } from "../../mod.ts";
import { type ConformanceTest, delay, grows, rests, Scene, sizeOf } from "./scene.ts";

const LIFE = [
  ...["engineCreate", "createProcess", "programCreate", "loadComplete", "entryPoint", "exitProcess", "programDestroy"],
] as const satisfies readonly EventName[];

const OTHERS = ["loadModule", "unloadModule", "createThread", "exitThread", "exception", "breakpoint"] as const;

/** Records the events of a session, by handlers. */
function record(session: DebugSession): { readonly names: string[]; readonly events: DebugEvent[] } {
  const names: string[] = [];
  const events: DebugEvent[] = [];
  session.on("engineCreate", ({ type }) => void names.push(type));
  for (const name of [...LIFE, ...OTHERS]) {
    if (name === "engineCreate") continue;
    session.on(name, (event) => {
      names.push(name);
      events.push(event);
    });
  }
  return { names, events };
}

/** The events of programs' lives that a session was told, by its log. */
function traced(session: DebugSession, ...names: readonly string[]): string[] {
  const wanted = names.length > 0 ? names : LIFE as readonly string[];
  return session.trace.filter(({ kind, name }) => kind === "event" && wanted.includes(name)).map(({ name }) => name);
}

/** Makes sure that a session's log ends with a program's `programDestroy`. */
function assertLastIsDestroy(session: DebugSession, programId: string): void {
  const events = session.trace.filter((entry) => entry.kind === "event" && entry.programId === programId);
  assert.deepEqual(events.map(({ name }) => name).filter((name) => name === "programDestroy"), ["programDestroy"]);
  assert.equal(events.at(-1)?.name, "programDestroy");
}

/** The beginning and the end of programs, in order. */
export const lifeTests: readonly ConformanceTest[] = [
  {
    name: "a launched program's life is told in order, each part once, with one id",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const { names, events } = record(session);
      const texts: string[] = [];
      session.on("output", ({ text }) => void texts.push(text.trimEnd()));
      const program = await scene.launch("ends");
      assert.equal(program.state, "stopped");
      assert.equal(program.engineId, fixture.engineId);
      assert.equal(program.reason, "launch");
      assert.equal(program.name, fixture.programName);
      assert.equal(program.architecture, fixture.architecture);
      assert.equal(program.pointerSize, 8);
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual(names.filter((name) => (LIFE as readonly string[]).includes(name)), LIFE);
      assert.deepEqual(traced(session), LIFE);
      assert.deepEqual(names.slice(0, 3), LIFE.slice(0, 3));
      assert.deepEqual(names.slice(-2), LIFE.slice(-2));
      for (const event of events) {
        assert.equal(event.program, program, event.type);
        assert.equal(event.processId, program.processId, event.type);
        assert(Object.isFrozen(event), event.type);
        if (event.type === "createProcess") assert.equal(event.architecture, fixture.architecture);
      }
      const trace = session.trace.filter(({ kind, name }) => kind === "event" && name !== "engineCreate");
      assert(trace.every(({ programId }) => programId === program.id));
      const loaded = events.filter((event) => event.type === "loadModule").map(({ module }) => module.name);
      assert.equal(loaded.filter((name) => name === fixture.moduleName).length, 1, loaded.join());
      assert.deepEqual(texts.filter((text) => text === "loaded more"), ["loaded more"]);
      assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
      assert.equal(program.state, "ended");
      assert.equal(session.programs.size, 0);
    },
  },
  {
    name: "a launched program's own code runs only when loadComplete and entryPoint were answered",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      const sizes: number[] = [];
      const look = async (): Promise<void> => {
        await delay(100);
        sizes.push(sizeOf(file));
      };
      const on = { createProcess: look, programCreate: look, loadComplete: look, entryPoint: look };
      await scene.launch("lives", { on }, file);
      assert.equal(sizes.length, 3);
      await look();
      const stop = scene.session.wait();
      await grows(file);
      scene.session.interrupt();
      assert.equal((await stop).reason, "interrupt");
      assert.deepEqual(sizes, [0, 0, 0, 0, 0]);
    },
  },
  {
    name: "a launch without a break runs on",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const file = scene.file();
      const running: boolean[] = [];
      const on = { loadComplete: (event: { running: boolean }): void => void running.push(event.running) };
      const program = await scene.launch("lives", { initialBreak: false, on }, file);
      await grows(file);
      assert.equal(program.state, "running");
      assert.deepEqual(running, [false]);
    },
  },
  {
    name: "an attach stops a running program, a detach lets it go on, and it can be attached to again",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const target = await scene.start(file);
      for (let round = 0; round < 2; round++) {
        const types: string[] = [];
        const add = ({ type }: { readonly type: string }): void => void types.push(type);
        const on = {
          ...{ createProcess: add, programCreate: add, loadModule: add, loadComplete: add, entryPoint: add },
          programDestroy: add,
        };
        const program = await scene.attach(target, { on });
        assert.equal(program.processId, target.processId);
        assert.equal(program.reason, "user");
        assert.equal(program.name, fixture.programName);
        assert.equal(program.state, "stopped");
        assert(types.includes("loadModule"));
        const expected = ["createProcess", "programCreate", "loadComplete"];
        assert.deepEqual(types.filter((type) => type !== "loadModule"), expected);
        assert.equal(types.at(-1), "loadComplete");
        assert(await rests(file));
        await program.detach();
        assert.deepEqual(program.end, { reason: "detached" });
        assert.deepEqual(types.slice(-2), ["loadComplete", "programDestroy"]);
        assertLastIsDestroy(session, program.id);
        assert.equal(session.programs.size, 0);
        await grows(file);
        assertLastIsDestroy(session, program.id);
        await assert.rejects(program.threads(), { name: "StateError", kind: "program-gone" });
      }
    },
  },
  {
    name: "an attach without a break leaves a program running",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const target = await scene.start(file);
      const running: boolean[] = [];
      const on = { loadComplete: (event: { running: boolean }): void => void running.push(event.running) };
      const program = await scene.attach(target, { initialBreak: false, on });
      assert.deepEqual(running, [true]);
      await grows(file);
      assert.equal(program.state, "running");
      const stop = session.wait();
      await grows(file);
      session.interrupt();
      const { reason } = await stop;
      assert.equal(reason, "interrupt");
      assert(await rests(file));
      await program.detach();
      await grows(file);
    },
  },
  {
    name: "the end of an attached program is told",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const file = scene.file();
      const target = await scene.start(file);
      const program = await scene.attach(target);
      const stop = session.wait();
      await grows(file);
      await target.kill();
      assert.deepEqual(await stop, { reason: "ended" });
      assert.equal(program.end?.reason, "exited");
      assert.equal("exitCode" in program.end, fixture.can.attachedExitCodes);
      assert.deepEqual(traced(session, "exitProcess", "programDestroy"), ["exitProcess", "programDestroy"]);
    },
  },
  {
    name: "a handler of programCreate adds handlers that get what follows",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const types: string[] = [];
      const add = ({ type }: { readonly type: string }): void => void types.push(type);
      scene.session.on("programCreate", ({ program }) => {
        for (const name of ["loadModule", "loadComplete", "entryPoint", "exitProcess", "programDestroy"] as const) {
          program.on(name, add);
        }
      });
      const program = await scene.launch("ends");
      assert.equal((await program.run()).exitCode, 7);
      assert(types.includes("loadModule"));
      const rest = ["loadComplete", "entryPoint", "exitProcess", "programDestroy"];
      assert.deepEqual(types.filter((type) => type !== "loadModule"), rest);
    },
  },
  {
    name: "a program that is not there cannot be launched, and nothing is left of the attempt",
    async run(fixture): Promise<void> {
      await using scene = new Scene(fixture);
      const { session } = scene;
      const launch = session.launch(fixture.missing, await scene.placed());
      await assert.rejects(launch, { name: "AttachError", kind: "not-found" });
      assert.equal(session.programs.size, 0);
      assert.deepEqual(traced(session, "createProcess", "programCreate", "programDestroy"), []);
      await assert.rejects(session.wait(), { name: "StateError", kind: "no-program" });
      const program = await scene.launch("ends");
      assert.equal((await program.run()).exitCode, 7);
    },
  },
];
