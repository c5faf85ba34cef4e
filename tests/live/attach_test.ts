import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { grows, rests, startHeartbeat } from "./heartbeat_support.ts";
import { needsDebugRegisters } from "./machine_support.ts";
import { hostings } from "./support.ts";

for (const hosting of hostings) {
  Deno.test(`attach() reports the process and what it has loaded, and leaves it stopped (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = new DebugSession({ hosting });
    const seen: string[] = [];
    session.on("createProcess", (event) => void seen.push(`process ${event.processId}`));
    session.on("loadModule", (event) => void seen.push(`${event.module.name} ${event.processId}`));
    const program = await session.attach(beat.pid);
    assert.equal(seen[0], `process ${beat.pid}`);
    assert.ok(seen.includes(`ntdll ${beat.pid}`), String(seen));
    assert.deepEqual(
      seen.slice(1).map((text) => text.split(" ")[0]).sort(),
      (await program.modules()).filter(({ base }) => base !== program.image.base).map(({ name }) => name).sort(),
    );
    assert.deepEqual([program.reason, program.name, program.state], ["user", beat.name, "stopped"]);
    await rests(beat);
    await program.detach();
    assert.deepEqual(await program.ended, { reason: "detached" });
    await grows(beat);
  });

  Deno.test(`attach() by name, wait, and detach while it runs (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = new DebugSession({ hosting });
    const program = await session.attach(beat.name.toUpperCase());
    assert.equal(program.pid, beat.pid);
    const ended = session.wait();
    await grows(beat);
    assert.equal(program.state, "running");
    await program.detach();
    assert.deepEqual(await ended, { reason: "ended" });
    await grows(beat);
  });

  Deno.test(`attach() without an initial break leaves it running (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    {
      await using session = new DebugSession({ hosting });
      const program = await session.attach(beat.pid, { initialBreak: false });
      await grows(beat);
      assert.equal(program.state, "running");
      session.interrupt();
      assert.equal((await session.wait()).reason, "interrupt");
      await rests(beat);
    }
    await grows(beat);
  });

  Deno.test(`a session attaches to the same process again and again (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = new DebugSession({ hosting });
    for (let round = 0; round < 5; round++) {
      const program = await session.attach(beat.pid);
      assert.equal((await program.threads()).length, 2); // its own, and the one that breaks in
      await program.detach();
      await grows(beat);
    }
  });

  Deno.test(`disposal lets an attached program run on, also with an event pending (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    const open = async (): Promise<void> => {
      await using session = new DebugSession({ hosting });
      const program: Program = await session.attach(beat.pid);
      program.on("createThread", () => "break");
      throw new Error(`the script broke at ${program.state}`);
    };
    await assert.rejects(open(), /broke at stopped/);
    await grows(beat);
  });

  Deno.test(`detach() takes breakpoints and debug registers out (${hosting})`, needsDebugRegisters, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = new DebugSession({ hosting });
    const program = await session.attach(beat.pid);
    const module = (await program.modules()).find(({ base }) => base === program.image.base)?.name;
    // A data and a code breakpoint in the way of what the program does all the time.
    await program.execute(`ba w4 ${module}!g_beats`);
    const stop = await session.wait();
    // Under Wine the engine does not always know its own data breakpoint again; it stops for it all the same.
    assert.ok(stop.reason === "break" || (stop.reason === "event" && stop.event.type === "breakpoint"), stop.reason);
    await program.execute(`bp ${module}!beat`);
    const code = await program.addressOf(`${module}!beat`) ?? 0n;
    await program.detach();
    await grows(beat);
    const again = await session.attach(beat.pid);
    for (const thread of await again.threads()) {
      const { dr0, dr1, dr2, dr3 } = await thread.registers();
      assert.deepEqual([dr0, dr1, dr2, dr3], [0n, 0n, 0n, 0n]);
    }
    assert.notEqual(await again.memory.readInteger(code, 1), 0xccn);
    await again.detach();
    await grows(beat);
  });

  Deno.test(`attach() that is given up leaves the process running (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = new DebugSession({ hosting });
    const controller = new AbortController();
    session.on("loadModule", () => controller.abort(new Error("given up")));
    await assert.rejects(session.attach(beat.pid, { signal: controller.signal }), /given up/);
    assert.equal(session.programs.size, 0);
    await grows(beat);
    const program = await session.attach(beat.pid);
    await program.detach();
  });
}
