/** Calls at a moment at which they cannot be answered are refused before the engine sees them; the session goes on. */
import assert from "node:assert/strict";
import { DebugSession, EngineError, type Program, StateError, type StateErrorKind } from "../../mod.ts";
import { some } from "../count.ts";
import { runScript } from "./child_script.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

type Refusal = (error: unknown) => boolean;

/** Checks an error's kind, and that it is one line that says what to do. */
function refusal(kind: StateErrorKind, says: RegExp): Refusal {
  return (error) => {
    assert.ok(error instanceof StateError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, /^Cannot [^\r\n]+$/);
    assert.match(error.message, says);
    return true;
  };
}

/** Everything that looks into a program. */
const LOOKS: Readonly<Record<string, (program: Program) => Promise<unknown>>> = {
  threads: (program) => program.threads(),
  modules: (program) => program.modules(),
  registers: (program) => program.thread(1).registers(),
  stack: (program) => program.thread(1).stack(),
  report: (program) => program.thread(1).report({ frames: 1 }),
  read: (program) => program.memory.read(0n, 1),
  write: (program) => program.memory.write(0n, Uint8Array.of(1)),
  nameAt: (program) => program.nameAt(0n),
  addressOf: (program) => program.addressOf("spin!main"),
  variable: (program) => program.variable("spin!main"),
  type: (program) => program.type("spin!none"),
  locals: (program) => program.thread(1).locals(),
  value: (program) => program.value("int", 0n).read(),
  list: (program) => program.list("spin!none", 1n, "next").next(),
  breakpoint: (program) => program.breakpoint("spin!main"),
  breakpointAtLine: (program) => program.breakpoint({ file: "spin.c", line: 1 }),
  lineAt: (program) => program.lineAt(0n),
  linesOf: (program) => program.linesOf({ file: "spin.c", line: 1 }),
  stepInto: (program) => program.thread(1).stepInto(),
  stepOver: (program) => program.thread(1).stepOver({ unit: "line" }),
  runTo: (program) => program.thread(1).runTo("spin!main"),
  stepOut: (program) => program.thread(1).stepOut(),
  breakpoints: (program) => program.breakpoints(),
  evaluate: (program) => program.evaluate("1"),
  execute: (program) => program.execute("k"),
  writeDump: (program) => program.writeDump("C:\\never.dmp"),
};

async function assertAll(program: Program, check: Refusal): Promise<void> {
  for (const look of Object.values(LOOKS)) await assert.rejects(look(program), check);
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`a session (${hosting}) without a program has nothing to wait for`, async () => {
    await using session = newSession();
    const check = refusal("no-program", /attach or launch one first/);
    for (let round = 0; round < 2; round++) {
      await assert.rejects(session.wait(), check);
      if (round === 0) assert.throws(() => session.interrupt(), check);
      await assert.rejects(session.wait({ signal: AbortSignal.timeout(60_000) }), check);
      await session.engine(); // again with the engine open
    }
    assert.equal(session.running, false);
    assert.deepEqual(await Array.fromAsync(session.events()), []);
  });

  Deno.test(`a program (${hosting}) that runs cannot be looked into, and can once it is stopped`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")], { initialBreak: false });
    assert.equal(program.state, "running");
    await assertAll(program, refusal("running", /in a handler, or interrupt\(\) first/));
    const stop = session.wait();
    session.interrupt();
    assert.equal((await stop).reason, "interrupt");
    assert.equal(program.state, "stopped");
    assert.ok((await program.threads()).length > 0);
  });

  Deno.test(`a program (${hosting}) that has ended cannot be looked into`, async () => {
    await using session = newSession();
    const spin = await session.launch([debuggee("spin.exe")]);
    const ended = await session.launch([debuggee("stubborn.exe")]);
    await ended.terminate();
    assert.equal(ended.state, "ended");
    await assertAll(ended, refusal("program-gone", /not being debugged any more/));
    await spin.terminate();
    await assertAll(ended, refusal("program-gone", /not being debugged any more/));
    for (const end of [ended.terminate(), ended.detach(), ended.abandon()]) await end; // it is as asked for already
    assert.deepEqual(ended.end, { reason: "terminated" });
  });

  Deno.test(`wait() (${hosting}) is refused inside a handler, which goes on`, async () => {
    await using session = newSession();
    let seen = 0;
    session.on("exitProcess", async (event) => {
      const check = refusal("in-handler", /it holds the programs/);
      await assert.rejects(session.wait(), check);
      await Promise.resolve();
      await assert.rejects(event.program.wait(), check);
      seen++;
    });
    const program = await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.equal(seen, 1);
    assert.deepEqual(program.end, { reason: "exited", exitCode: 5 });
  });

  Deno.test(`a second session (${hosting}) is refused while the first lives, and works after it`, async () => {
    const check = (error: unknown): boolean => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.kind, "in-use");
      assert.match(error.message, /^Cannot [^\r\n]+dispose the other session first[^\r\n]+$/);
      return true;
    };
    const first = newSession();
    const program = await first.launch([debuggee("spin.exe")]);
    for (const other of hostings) {
      await using second = new DebugSession({ hosting: other, engine: engineFolder() });
      await assert.rejects(second.engine(), check);
      await assert.rejects(second.launch([debuggee("args.exe")]), check);
    }
    assert.ok((await program.threads()).length > 0, "the first is not touched");
    await first[Symbol.asyncDispose]();
    await using third = newSession();
    await third.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await third.wait(), { reason: "ended" });
  });

  Deno.test(`a session (${hosting}) that was disposed refuses everything`, async () => {
    const session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    assert.equal(program.state, "ended");
    const check = refusal("closed", /was disposed/);
    await assert.rejects(session.attach(999999), check);
    await assert.rejects(session.launch(["a.exe"]), check);
    await assert.rejects(session.connect("tcp:server=a,port=1"), check);
    await assert.rejects(session.engine(), check);
    await assert.rejects(session.processes(), check);
    await assert.rejects(session.wait(), check);
    await assert.rejects(session.events().next(), check);
    assert.throws(() => session.interrupt(), check);
    await assertAll(program, check);
    const unused = newSession();
    await unused[Symbol.asyncDispose]();
    await assert.rejects(unused.engine(), check);
  });

  Deno.test(`a script (${hosting}) that fails ends by itself, in one line where it catches the error`, async () => {
    const failures = ["attach(999999", 'attach("no-such-image"', 'launch(["no-such.exe"]', 'connect("nonsense"'];
    for (const failure of some(failures, hosting === "worker" ? 2 : 1)) {
      const options = `{ hosting: "${hosting}", engine }`;
      const caught = `try { await latch.${failure}, ${options}); } catch (error) { console.log(error.message); }`;
      const { code, out, err } = await runScript(caught);
      assert.deepEqual({ code, err }, { code: 0, err: "" });
      assert.match(out, /^Cannot [^\r\n]+\r?\n$/);
      const thrown = await runScript(`await using session = new latch.DebugSession(${options});
        await session.${failure});`);
      assert.equal(thrown.code, 1);
      assert.match(thrown.err, /Uncaught .*Cannot /);
    }
  });
}
