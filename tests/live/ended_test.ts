/** Programs that somebody else ends, or that are ended, at bad moments: they leave the session, and the others go on. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";
import { processesNamed } from "./toolhelp_support.ts";

keepEngine();

/** What is done with a program that is killed while it is held. */
const GOODBYES: Readonly<Record<string, (program: Program, session: DebugSession) => Promise<unknown>>> = {
  "detach()": (program) => program.detach(),
  "terminate()": (program) => program.terminate(),
  "abandon()": (program) => program.abandon(),
  "the session's disposal": (_, session) => session[Symbol.asyncDispose](),
};

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`a program that is killed while it is held (${hosting}) is told of by the next wait`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid);
    const codes: number[] = [];
    program.on("exitProcess", ({ exitCode }) => void codes.push(exitCode));
    await beat.kill();
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([codes, program.end], [[1], { reason: "exited", exitCode: 1 }]);
    await session.launch([debuggee("modules.exe"), "1"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  for (const [title, leave] of Object.entries(GOODBYES)) {
    Deno.test(`a program that is killed while it is held (${hosting}) can be left by ${title}`, async () => {
      await using beat = startHeartbeat();
      await grows(beat);
      await using session = newSession();
      const program = await session.attach(beat.pid);
      await beat.kill();
      await leave(program, session);
      assert.ok(program.end);
      if (title.startsWith("the session")) return;
      await session.launch([debuggee("modules.exe"), "1"]);
      assert.deepEqual(await session.wait(), { reason: "ended" });
    });
  }

  Deno.test(`of two programs one is killed while both are held (${hosting}): the other runs on`, async () => {
    await using one = startHeartbeat();
    await using other = startHeartbeat();
    await Promise.all([grows(one), grows(other)]);
    await using session = newSession();
    const [first, second] = [await session.attach(one.pid), await session.attach(other.pid)];
    await one.kill();
    first.on("exitProcess", () => "break");
    const stop = await session.wait();
    assert.ok(stop.reason === "event" && stop.event.program === first);
    assert.deepEqual([...session.programs.values()], [second]);
    assert.ok((await second.modules()).length > 0);
    const ended = session.wait();
    await grows(other);
    await second.detach();
    assert.deepEqual(await ended, { reason: "ended" });
    await grows(other);
  });

  Deno.test(`terminate() ends a program that runs (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid);
    const ended = session.wait();
    await grows(beat);
    await program.terminate();
    assert.deepEqual(await ended, { reason: "ended" });
    assert.deepEqual(program.end, { reason: "terminated" });
    await until(() => processesNamed(beat.name).length === 0, "the program is gone");
  });
}
