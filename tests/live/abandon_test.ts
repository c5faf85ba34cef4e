/** An abandoned program stays suspended until a debugger takes it up, in the same session or in another process. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession } from "../../mod.ts";
import { runScript } from "./child_script.ts";
import { countIn, grows, rests, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`an abandoned program is taken up by the same session, and runs on after it (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    for (let round = 0; round < 2; round++) {
      const program = await session.attach(beat.pid);
      await program.abandon();
      assert.deepEqual([program.end, session.programs.size], [{ reason: "abandoned" }, 0]);
      await rests(beat);
      await assert.rejects(session.attach(beat.pid), { kind: "already-attached", message: /existing: true/ });
      const seen: number[] = [];
      const on = { createProcess: ({ processId }: { processId: number }): void => void seen.push(processId) };
      const again = await session.attach(beat.pid, { existing: true, on });
      assert.deepEqual(seen, [beat.pid]);
      assert.deepEqual([again.name, again.reason, again.state], [beat.name, "user", "stopped"]);
      await rests(beat);
      const stop = session.wait();
      await grows(beat);
      session.interrupt();
      assert.equal((await stop).reason, "interrupt");
      await rests(beat);
      await again.detach();
      await grows(beat);
    }
  });

  Deno.test(`a program abandoned while it ran is taken up, and runs on when it is let go at once (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid, { initialBreak: false });
    await grows(beat);
    await program.abandon();
    await rests(beat);
    const again = await session.attach(beat.pid, { existing: true });
    await again.detach();
    await grows(beat);
  });

  Deno.test(`a launched program that was abandoned is taken up, and ends under the debugger (${hosting})`, async () => {
    using folder = scratch();
    const file = join(folder.path, "count.txt");
    const beat = { count: () => countIn(file) };
    await using session = newSession();
    const launched = await session.launch([debuggee("heartbeat.exe"), file, "10"]);
    const stop = session.wait();
    await until(() => Deno.readTextFile(file).then((text) => text !== "", () => false), "the program counts");
    session.interrupt();
    assert.equal((await stop).reason, "interrupt");
    await launched.abandon();
    await rests(beat);
    const program = await session.attach(launched.pid, { existing: true });
    const ended = session.wait();
    await grows(beat);
    await program.terminate();
    assert.deepEqual(await ended, { reason: "ended" });
    assert.deepEqual(program.end, { reason: "terminated" });
  });

  Deno.test(`an abandoned program is taken up by a session in another process (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid);
    await program.abandon();
    await rests(beat);
    const { code, out, err } = await runScript(`
      await using session = new latch.DebugSession({ hosting: "${hosting}", engine });
      const program = await session.attach(${beat.pid}, { existing: true });
      console.log(program.name, program.state, (await program.modules()).length > 1);
      const stop = session.wait();
      await new Promise((resolve) => setTimeout(resolve, 500));
      session.interrupt();
      console.log((await stop).reason);
    `);
    assert.deepEqual({ code, err, out: out.replaceAll("\r", "") }, {
      code: 0,
      err: "",
      out: `${beat.name} stopped true\ninterrupt\n`,
    });
    await grows(beat);
  });

  Deno.test(`existing is refused beside other programs, and the abandoned one is taken up after these (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid);
    await program.abandon();
    const other = await session.launch([debuggee("spin.exe")]);
    await assert.rejects(session.attach(beat.pid, { existing: true }), {
      kind: "not-supported",
      message: /^Cannot attach [^\n]+; let the others go first \[AttachProcess: E_UNEXPECTED 0x8000FFFF\]$/,
    });
    assert.ok((await other.threads()).length > 0);
    await other.terminate();
    const again = await session.attach(beat.pid, { existing: true });
    await again.detach();
    await grows(beat);
  });

  Deno.test(`a program that was taken up is abandoned at once, and taken up again (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await using session = newSession();
    await (await session.attach(beat.pid)).abandon();
    for (let round = 0; round < 2; round++) await (await session.attach(beat.pid, { existing: true })).abandon();
    await (await session.launch([debuggee("spin.exe")])).terminate();
    await (await session.attach(beat.pid, { existing: true })).detach();
    await grows(beat);
  });

  for (const name of ["createProcess", "loadModule"] as const) {
    Deno.test(`a program is not abandoned at its ${name}, and goes on beside others (${hosting})`, async () => {
      await using beat = startHeartbeat();
      await using other = startHeartbeat();
      await using session = newSession();
      const first = await session.attach(other.pid);
      const program = await session.attach(beat.pid, { on: { [name]: () => "break" } });
      await assert.rejects(program.abandon(), {
        kind: "running",
        message: /come to its first stop[^\n]+go on to that/,
      });
      for (const type of ["createProcess", "loadModule"] as const) program.on(type, () => "go");
      const third = await session.launch([debuggee("spin.exe")]);
      for (const each of [program, first, third]) assert.ok((await each.threads()).length > 0);
      const stop = session.wait();
      session.interrupt();
      await stop;
      await program.abandon();
      await Promise.all([first.detach(), third.terminate()]);
      await (await session.attach(beat.pid, { existing: true })).detach();
      for (const each of [beat, other]) await grows(each);
    });
  }

  Deno.test(`a program that was let go at its start, and abandoned by another, is taken up and abandoned (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await using session = newSession();
    const first = await session.attach(beat.pid, { on: { createProcess: () => "break" } });
    await first.detach();
    const { code, err } = await runScript(`
      await using session = new latch.DebugSession({ engine });
      await (await session.attach(${beat.pid})).abandon();
    `);
    assert.deepEqual([code, err], [0, ""]);
    for (let round = 0; round < 2; round++) await (await session.attach(beat.pid, { existing: true })).abandon();
    await (await session.attach(beat.pid, { existing: true })).detach();
    await grows(beat);
  });
}
