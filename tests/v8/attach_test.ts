import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { PortProgram } from "../../lib/session/contract.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import {
  attach,
  command,
  end,
  freeAddress,
  host,
  inspected,
  isAlive,
  launch,
  Recording,
  type Runtime,
  runtimes,
  runTo,
  sizeOf,
  start,
  until,
  untilListening,
} from "./support.ts";

/** A program that runs with an inspector, and its file. */
async function running(runtime: Runtime, name: string, option = "--inspect"): Promise<{
  readonly child: Deno.ChildProcess;
  readonly program: PortProgram;
  readonly file: string;
  stop(): Promise<void>;
}> {
  const file = await Deno.makeTempFile();
  const address = freeAddress();
  const child = start(inspected(runtime, `${option}=${address}`, name, file));
  await untilListening(address);
  if (name === "idle.mjs" && option === "--inspect") await until("the program writes", () => sizeOf(file) > 0);
  const port = await new InspectorPortSupplier().addPort(address, host);
  const program = await port.program(0);
  const stop = async (): Promise<void> => {
    await end(child);
    await Deno.remove(file);
  };
  return { child, program, file, stop };
}

/** Makes sure that a program goes on writing. */
async function assertGoesOn(file: string): Promise<void> {
  const size = sizeOf(file);
  await until("the program goes on", () => sizeOf(file) > size + 10);
}

/** Makes sure that a program writes nothing. */
async function assertHeld(file: string): Promise<void> {
  const size = sizeOf(file);
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(sizeOf(file), size);
}

const HOLD = new Set(["loadComplete"]);

for (const runtime of runtimes) {
  Deno.test(`${runtime}: an attach breaks in, a detach lets the program go on, and it can be attached to again`, async () => {
    const { child, program, file, stop } = await running(runtime, "idle.mjs");
    for (let round = 0; round < 2; round++) {
      const recording = new Recording();
      recording.answer = ({ type }) => HOLD.has(type) ? "break" : "go";
      await attach(program, recording);
      assert.deepEqual(await recording.engine.run("go"), { kind: "held" });
      assert(!recording.types.includes("entryPoint"));
      assert.deepEqual(recording.types.filter((type) => type !== "loadModule"), [
        "engineCreate",
        "createProcess",
        "programCreate",
        "loadComplete",
      ]);
      assert(recording.of("loadModule").some(({ module }) => module.name === "idle.mjs"));
      assert.equal(recording.of("loadComplete")[0]?.running, false);
      assert.equal(recording.of("createProcess")[0]?.processId, child.pid);
      await assertHeld(file);
      assert(Number(await recording.engine.request(program.id, 1, "evaluate", "ticks")) >= 0);
      await recording.engine.release(program.id, "detach");
      assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "detached" });
      assert.equal(recording.types.at(-1), "programDestroy");
      assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
      await recording.engine.dispose();
      await assertGoesOn(file);
    }
    await stop();
  });

  Deno.test(`${runtime}: the node tells where the program is`, async () => {
    const { child, program, stop } = await running(runtime, "idle.mjs");
    const { node } = program;
    assert.equal(node.hostName, "");
    assert.equal(node.hostPid, child.pid);
    assert.match(node.programName, runtime === "node" ? /idle\.mjs$/ : new RegExp(`pid: ${child.pid}`));
    assert.deepEqual((await program.port.processes()).map(({ processId, name }) => [processId, name]), [
      [child.pid, "idle.mjs"],
    ]);
    const again = await program.port.program(child.pid);
    assert.notEqual(again.id, program.id);
    await assert.rejects(program.port.program(4_000_000), { name: "AttachError", kind: "no-such-process" });
    await stop();
  });

  Deno.test(`${runtime}: an attach without a break leaves the program running`, async () => {
    const { program, file, stop } = await running(runtime, "idle.mjs");
    const recording = new Recording();
    await attach(program, recording, { initialBreak: false });
    recording.answer = async ({ type }): Promise<"go"> => {
      if (type === "loadComplete") await assertGoesOn(file);
      return "go";
    };
    const run = recording.engine.run("go");
    await until("it is complete", () => recording.types.includes("loadComplete"));
    assert.equal(recording.of("loadComplete")[0]?.running, true);
    await assertGoesOn(file);
    recording.engine.causeBreak();
    assert.deepEqual(await run, { kind: "interrupt", programId: program.id, threadId: 1 });
    await assertHeld(file);
    await recording.engine.release(program.id, "detach");
    await recording.engine.dispose();
    await assertGoesOn(file);
    await stop();
  });

  Deno.test(`${runtime}: a break stops an idle program and one that never comes to its event loop`, async () => {
    for (const name of ["quiet.mjs", "busy.mjs"]) {
      const { program, stop } = await running(runtime, name);
      const recording = new Recording();
      await attach(program, recording);
      assert.deepEqual(await runTo(recording, "loadComplete"), { kind: "held" });
      for (let round = 0; round < 5; round++) {
        const run = recording.engine.run("go");
        await new Promise((resolve) => setTimeout(resolve, round * 20));
        recording.engine.causeBreak();
        assert.deepEqual(await run, { kind: "interrupt", programId: program.id, threadId: 1 });
        assert((await recording.engine.request(program.id, 1, "stack", 1)).length === 1);
      }
      assert.equal(recording.of("breakpoint").length, 0);
      await recording.engine.release(program.id, "detach");
      await recording.engine.dispose();
      await stop();
    }
  });

  Deno.test(`${runtime}: a program that is blocked in a call counts as stopped`, async () => {
    const recording = new Recording();
    recording.events = ["output"];
    const folder = await Deno.makeTempDir();
    const program = await launch(command(runtime, "blocked.mjs", `${folder}/free`), recording);
    const run = recording.engine.run("go");
    await until("it blocks", () => existsSync(`${folder}/free.begun`));
    recording.engine.causeBreak();
    assert.deepEqual(await run, { kind: "interrupt", programId: program.id, threadId: 1 });
    const question = recording.engine.request(program.id, 1, "evaluate", "1");
    await assert.rejects(question, { name: "EngineError", kind: "failed", message: /busy/ });
    await Deno.writeTextFile(`${folder}/free`, "");
    assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
    await Deno.remove(folder, { recursive: true });
    assert.deepEqual(recording.of("output").map(({ text }) => text), ["blocking", "free"]);
    assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "exited", exitCode: 0 });
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: a program that waits for its debugger begins, and is never left waiting`, async () => {
    for (const initialBreak of [true, false]) {
      const { program, file, stop } = await running(runtime, "idle.mjs", "--inspect-brk");
      const recording = new Recording();
      await attach(program, recording, { initialBreak });
      if (initialBreak) {
        assert.deepEqual(await runTo(recording, "loadComplete"), { kind: "held" });
        assert.equal(sizeOf(file), 0);
        await recording.engine.release(program.id, "detach");
      } else {
        const run = recording.engine.run("go");
        await until("it writes", () => sizeOf(file) > 0);
        recording.engine.causeBreak();
        assert.equal((await run).kind, "interrupt");
        await recording.engine.release(program.id, "detach");
      }
      await recording.engine.dispose();
      await assertGoesOn(file);
      await stop();
    }
  });

  Deno.test(`${runtime}: an attached program can be terminated, launched ones detached and terminated`, async () => {
    const attached = await running(runtime, "idle.mjs");
    const recording = new Recording();
    await attach(attached.program, recording);
    await runTo(recording, "loadComplete");
    await recording.engine.release(attached.program.id, "terminate");
    assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "terminated" });
    await attached.child.status;
    await recording.engine.dispose();
    await attached.stop();

    const file = await Deno.makeTempFile();
    const launched = new Recording();
    const program = await launch(command(runtime, "idle.mjs", file), launched);
    await runTo(launched, "entryPoint");
    await launched.engine.release(program.id, "terminate");
    assert.deepEqual(launched.of("programDestroy")[0]?.end, { reason: "terminated" });
    assert.equal(sizeOf(file), 0);
    await launched.engine.dispose();

    const disposed = new Recording();
    await launch(command(runtime, "idle.mjs", file), disposed);
    await disposed.engine.dispose();
    assert.equal(sizeOf(file), 0);
    await Deno.remove(file);
  });

  Deno.test(`${runtime}: the end of an attached program is told, without an exit code`, async () => {
    const { child, program, stop } = await running(runtime, "idle.mjs");
    const recording = new Recording();
    await attach(program, recording);
    await runTo(recording, "loadComplete");
    const run = recording.engine.run("go");
    child.kill("SIGTERM");
    assert.deepEqual(await run, { kind: "ended" });
    assert.deepEqual(recording.types.slice(-2), ["exitProcess", "programDestroy"]);
    assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "exited" });
    await recording.engine.dispose();
    await stop();
  });

  Deno.test(`${runtime}: a program is let go at once when there is no time`, async () => {
    const { program, file, stop } = await running(runtime, "idle.mjs");
    const recording = new Recording();
    await attach(program, recording);
    await runTo(recording, "loadComplete");
    recording.engine.leaveNow([{ programId: program.id, how: "detach" }]);
    await recording.engine.dispose();
    await assertGoesOn(file);
    await stop();

    const other = await Deno.makeTempFile();
    const launched = new Recording();
    const child = await launch(command(runtime, "idle.mjs", other), launched);
    await runTo(launched, "loadComplete");
    launched.engine.leaveNow([{ programId: child.id, how: "terminate" }]);
    await launched.engine.dispose();
    await until("it has gone", () => !isAlive(child.node.hostPid));
    assert.equal(sizeOf(other), 0);
    await Deno.remove(other);
  });

  Deno.test({
    name: `${runtime}: a launched program that was detached goes on by itself`,
    // It outlives the test: nobody waits for it any more.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      for (const place of ["engineCreate", "loadComplete"]) {
        const file = await Deno.makeTempFile();
        const recording = new Recording();
        const program = await launch(command(runtime, "idle.mjs", file), recording);
        if (place === "loadComplete") await runTo(recording, "loadComplete");
        await recording.engine.release(program.id, "detach");
        await recording.engine.dispose();
        await assertGoesOn(file);
        const processId = /^pid (\d+)/.exec(await Deno.readTextFile(file))?.[1];
        Deno.kill(Number(processId), "SIGKILL");
        await until("it has gone", () => !isAlive(Number(processId)));
        await Deno.remove(file);
      }
    },
  });
}
