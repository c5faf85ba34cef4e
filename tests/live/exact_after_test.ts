/** What follows stops that are no events of the program: its launch, an interrupt, a breakpoint that cannot be put in. */
import assert from "node:assert/strict";
import { DebugSession, EngineError, type Program } from "../../mod.ts";
import { startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, nativeClient, until } from "./support.ts";

keepEngine();

const STEPS = 12;
const COMMAND = [debuggee("crash.exe"), "--handled"];

/** Where steps of the engine by itself lead from the break on with which a program begins. */
async function expected(kind: string): Promise<string[]> {
  const { code, stdout, stderr } = await nativeClient(["steps", "-", kind, `${STEPS}`, "--", ...COMMAND]).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split(/\s+/);
}

async function steps(program: Program, command: string, count: number): Promise<string[]> {
  const addresses: string[] = [];
  for (let step = 0; step < count; step++) {
    await program.execute(command);
    addresses.push((await program.evaluate("@rip")).toString(16));
  }
  return addresses;
}

/** Where the next two instructions lead, if these do nothing but compute. */
async function straight(program: Program): Promise<[string, string]> {
  const text = await program.execute("u @$ip L3");
  const all = text.matchAll(/^([0-9a-f`]{17}) /gm).map(([, at = ""]) => at.replace("`", "").replace(/^0+/, ""));
  const [, second, third] = [...all];
  assert.ok(second && third, text);
  return [second, third];
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  for (const [command, kind] of [["t", "into"], ["p", "over"]] as const) {
    Deno.test(`${command} (${hosting}) right behind a launch leads where the engine's own steps lead`, async () => {
      await using session = newSession();
      const program = await session.launch(COMMAND);
      const begin = await expected(kind);
      assert.deepEqual(await steps(program, command, STEPS), begin);
      assert.deepEqual(await session.wait(), { reason: "ended" });
    });

    Deno.test(`${command} 5 (${hosting}) right behind a launch is five steps`, async () => {
      await using session = newSession();
      const program = await session.launch(COMMAND);
      assert.deepEqual(await steps(program, `${command} 5`, 1), [(await expected(kind))[4]]);
      assert.deepEqual(await session.wait(), { reason: "ended" });
    });
  }

  Deno.test(`a step (${hosting}) behind an interrupt does no harm to the program`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("spin.exe")]);
    for (let round = 0; round < 3; round++) {
      setTimeout(() => session.interrupt(), 50);
      assert.equal((await session.wait()).reason, "interrupt");
      // Under Wine the thread that breaks in has no registers where it has just begun: then there is no step, and words for it.
      await program.execute("t").catch((error) => assert.ok(error instanceof EngineError, String(error)));
    }
    await program.terminate();
  });

  Deno.test(`steps (${hosting}) of a thread that begins lead from one instruction to the next, and it runs on`, async () => {
    for (const answer of ["stepInto", "stepOver"] as const) {
      await using session = newSession();
      const program = await session.launch([debuggee("hit_threads.exe"), "3", "2"]);
      const expected: string[] = [];
      session.on("createThread", async () => {
        const [second] = await straight(program);
        expected.push(second);
        return answer;
      });
      const places: string[] = [];
      for (let stop = await session.wait(); stop.reason === "break"; stop = await session.wait()) {
        places.push((await program.evaluate("@rip")).toString(16));
      }
      assert.equal(expected.length, 3);
      assert.deepEqual(places, expected);
      assert.deepEqual(program.end, { reason: "exited", exitCode: 6 });
    }
  });

  Deno.test(`a step (${hosting}) of a process that begins leads from one instruction to the next, and it runs on`, async () => {
    const ends: unknown[] = [];
    for (const isStepped of [false, true]) {
      await using session = newSession();
      await session.launch([debuggee("tree.exe"), "nul", "1", "1"], { children: "follow" });
      session.on("createProcess", () => "break");
      const stop = await session.wait();
      assert.ok(stop.reason === "event" && stop.event.type === "createProcess");
      const child = stop.event.program;
      if (isStepped) {
        const expected = await straight(child);
        assert.deepEqual(await steps(child, "t", expected.length), expected);
      }
      assert.deepEqual(await session.wait(), { reason: "ended" });
      ends.push(child.end);
    }
    assert.deepEqual(ends[1], ends[0]);
  });

  Deno.test(`a step (${hosting}) of another thread than that of the break-in comes to its end`, async () => {
    await using beat = await startHeartbeat();
    await using session = newSession();
    const program = await session.attach(beat.pid);
    for (const command of ["t", "p"]) {
      await program.execute("~0s");
      const before = await program.evaluate("@rip");
      await program.execute(command);
      assert.notEqual(await program.evaluate("@rip"), before, command);
      setTimeout(() => session.interrupt(), 50);
      assert.equal((await session.wait()).reason, "interrupt");
    }
  });

  Deno.test(`what is owed to a break (${hosting}) is not the answer to an exception that comes later`, async () => {
    for (const commands of [[], ["t", "g; k"], ["t", "g"], ["t", "gh"]]) {
      await using session = newSession();
      const program = await session.launch(COMMAND);
      let exceptions = 0;
      program.on("exception", () => void exceptions++);
      for (const command of commands) await program.execute(command);
      while (!program.end) await session.wait();
      assert.deepEqual([exceptions, program.end], [1, { reason: "exited", exitCode: 3 }], commands.join());
    }
  });

  Deno.test(`a program (${hosting}) with a breakpoint where it has no memory is let go, and runs on`, async () => {
    await using beat = await startHeartbeat();
    {
      await using session = newSession();
      const program = await session.attach(beat.pid);
      await program.execute("bp 0");
      await program.detach();
    }
    const before = beat.count();
    await until(() => beat.count() > before, "a beat after the detach");
    {
      await using session = newSession();
      await (await session.attach(beat.pid)).execute("bp 0");
    }
    const again = beat.count();
    await until(() => beat.count() > again, "a beat after the dispose");
  });
}
