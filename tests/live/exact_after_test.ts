/** What follows stops that are no events of the program: its launch, an interrupt, a breakpoint that cannot be put in. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
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
async function straight(program: Program): Promise<string[]> {
  const text = await program.execute("u @$ip L3");
  return [...text.matchAll(/^([0-9a-f`]{17}) /gm)].slice(1).map(([, at = ""]) =>
    at.replace("`", "").replace(/^0+/, "")
  );
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

  Deno.test(`steps (${hosting}) behind an interrupt lead from one instruction to the next, and the program runs on`, async () => {
    for (const command of ["t", "p"]) {
      await using session = newSession();
      const program = await session.launch([debuggee("spin.exe")]);
      for (let round = 0; round < 3; round++) {
        setTimeout(() => session.interrupt(), 50);
        assert.equal((await session.wait()).reason, "interrupt");
        const expected = await straight(program);
        assert.deepEqual(await steps(program, command, expected.length), expected);
      }
      await program.terminate();
    }
  });

  Deno.test(`steps (${hosting}) of a thread that begins lead from one instruction to the next, and it runs on`, async () => {
    for (const answer of ["stepInto", "stepOver"] as const) {
      await using session = newSession();
      const program = await session.launch([debuggee("hit_threads.exe"), "3", "2"]);
      let begun = 0;
      session.on("createThread", () => {
        begun++;
        return answer;
      });
      const places: string[] = [];
      for (let stop = await session.wait(); stop.reason === "break"; stop = await session.wait()) {
        places.push(
          await program.nameAt(BigInt(await program.evaluate("@rip"))).then((name) => name?.symbol ?? "none"),
        );
      }
      assert.equal(begun, 3);
      assert.deepEqual(places, Array(3).fill("ntdll!RtlUserThreadStart"));
      assert.deepEqual(program.end, { reason: "exited", exitCode: 6 });
    }
  });

  Deno.test(`a step (${hosting}) of a process that begins does it no harm`, async () => {
    await using session = newSession();
    session.on("createProcess", () => "stepInto");
    const program = await session.launch([debuggee("hit_threads.exe"), "3", "2"]);
    for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
      assert.equal(stop.reason, "break");
    }
    assert.deepEqual(program.end, { reason: "exited", exitCode: 6 });
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
