/** Breakpoints that Latch sets for itself are nobody else's: commands neither show nor clear them. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

async function symbolAt(program: Program): Promise<string | undefined> {
  return (await program.nameAt(BigInt(await program.evaluate("@rip"))))?.symbol;
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  for (const command of ["bc *", "bd *", "bc *; bp hits!tick; bc *"]) {
    Deno.test(`a step over a call (${hosting}) outlives a handler's ${command}`, async () => {
      await using session = newSession();
      const program = await session.launch([debuggee("hits.exe"), "3"]);
      await program.execute("bp /1 hits!main");
      assert.equal((await session.wait()).reason, "event");
      await program.execute("bp0 hits!tick");
      const lists: string[] = [];
      program.on("breakpoint", async () => {
        lists.push(await program.execute("bl"));
        await program.execute(command);
        lists.push(await program.execute("bl"));
        return "go" as const;
      });
      while (lists.length === 0) await program.execute("p");
      assert.equal(await symbolAt(program), "hits!main");
      assert.match(lists[0] ?? "", /^\s*0 e \S+\s+\w+ \(\w+\)\s+0:\*{4} hits!tick\s*$/);
      assert.match(lists[1] ?? "", command === "bd *" ? /^\s*0 d .*\s*$/ : /^\s*$/);
      assert.deepEqual(await session.wait(), { reason: "ended" });
    });
  }

  Deno.test(`a step out (${hosting}) outlives a handler's bc *`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("instructions.exe"), "down", "6"]);
    await program.execute("bp instructions!down");
    assert.equal((await session.wait()).reason, "event");
    let hits = 0;
    program.on("breakpoint", async () => {
      hits++;
      await program.execute("bc *");
      return "go" as const;
    });
    await program.execute("gu");
    assert.deepEqual([hits, await symbolAt(program)], [1, "instructions!main"]);
    assert.equal(Number(await program.evaluate("@eax")), 6);
  });

  Deno.test(`a program's entry point (${hosting}) is told of after a handler's bc * and bd *`, async () => {
    for (const command of ["bc *", "bd *"]) {
      await using session = newSession();
      const lists: string[] = [];
      let entries = 0;
      session.on("loadComplete", async ({ program }) => void await program.execute("bp kernel32!BaseThreadInitThunk"));
      session.on("breakpoint", async ({ program }) => { // on the way to the entry point
        await program.execute(command);
        lists.push(await program.execute("bl"));
        return "go" as const;
      });
      session.on("entryPoint", () => void entries++);
      await session.launch([debuggee("hits.exe"), "1"]);
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual([entries, lists.length], [1, 1], command);
      assert.match(lists[0] ?? "", command === "bd *" ? /^\s*0 d .*\s*$/ : /^\s*$/);
    }
  });

  Deno.test(`a step (${hosting}) that is under way is over when its program is let go, and not told when it is attached to again`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const first = await session.attach(beat.pid);
    await first.execute("bp kernelbase!FlushFileBuffers");
    assert.equal((await session.wait()).reason, "event");
    await first.execute("bc *; bp ntdll!NtFlushBuffersFile");
    await first.execute("gu"); // the hit inside is told, and the step out goes on with the program
    assert.equal(await symbolAt(first), "ntdll!NtFlushBuffersFile");
    await first.detach();
    await grows(beat);
    const again = await session.attach(beat.pid);
    assert.equal((await again.execute("bl")).trim(), "");
    const told = await session.wait({ signal: AbortSignal.timeout(1_000) }).catch((error) => error.name);
    assert.equal(told, "TimeoutError");
    await again.detach();
    await grows(beat);
  });

  Deno.test(`a step out (${hosting}) of what nobody has called is refused`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("hits.exe"), "3"]);
    await program.execute("bp hits!tick");
    assert.equal((await session.wait()).reason, "event");
    const stack = await program.evaluate("@rsp") as bigint;
    const caller = await program.memory.readPointer(stack);
    await program.memory.write(stack, new Uint8Array(8));
    await assert.rejects(program.execute("gu"), /^EngineError: .*has no caller/);
    await program.memory.write(stack, new Uint8Array(BigUint64Array.of(caller).buffer));
    await program.execute("bc *");
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`a breakpoint of one thread (${hosting}) is hit by that one as often as it calls, and by no other`, async () => {
    for (
      const [command, expected] of [["~. bp7 hit_threads!hit", 25], ["~. bp7 hit_threads!hit 0n5", 21], [
        "~. bp7 /1 hit_threads!hit",
        1,
      ]] as const
    ) {
      await using session = newSession();
      const program = await session.launch([debuggee("hit_threads.exe"), "4", "25"]);
      const owners: number[] = [];
      const hits = new Map<number, number>();
      const lists: string[] = [];
      program.on("createThread", async ({ threadId }) => {
        owners.push(threadId);
        if (owners.length === 2) await program.execute(command);
        if (owners.length === 3) await program.execute("~. bp8 hit_threads!hit"); // one at the same place
      });
      program.on("breakpoint", async ({ id, threadId }) => {
        assert.equal(threadId, owners[id === 7 ? 1 : 2]);
        hits.set(id, (hits.get(id) ?? 0) + 1);
        if (lists.length < 3 && id === 8) lists.push(await program.execute("bl"));
        return "go" as const;
      });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual([hits.get(7), hits.get(8)], [expected, 25], command);
      for (const list of lists) assert.match(list, /^\s*8 e .* 0:~\d{3} hit_threads!hit/m);
      const end = program.end;
      assert.equal(end?.reason === "exited" ? end.exitCode : undefined, 100);
    }
  });

  Deno.test(`a breakpoint of a thread (${hosting}) goes with that, and one that a handler sets at a hit misses none`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("hit_threads.exe"), "4", "25"]);
    await program.execute("bp0 hit_threads!hit");
    let owner = 0;
    let hits = 0;
    program.on("breakpoint", async ({ id, threadId }) => {
      if (id === 0 && owner === 0) { // other threads are about to come there
        owner = threadId;
        await program.execute("bc *; ~. bp9 hit_threads!hit");
      }
      assert.equal(threadId, owner);
      hits++;
      return "go" as const;
    });
    const lists: string[] = [];
    let isGone = false;
    program.on("exitThread", async ({ threadId }) => {
      if (isGone) lists.push(await program.execute("bl"));
      isGone ||= threadId === owner;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.equal(hits, 25);
    for (const list of lists) assert.equal(list.trim(), "");
  });
}
