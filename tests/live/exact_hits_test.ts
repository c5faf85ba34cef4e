/** Each hit is one event: as many as the program itself counts, however often, however busy the machine is. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { busyLoops } from "../busy.ts";
import { count, some } from "../count.ts";
import { countHits, exitCode } from "./hit_support.ts";
import { needsDebugRegisters } from "./machine_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const RUNS = count(1, 20);
const CALLS = count(200, 2_000);

async function atMain(session: DebugSession, program: Program): Promise<void> {
  await program.execute("bp hits!main");
  assert.equal((await session.wait()).reason, "event");
  await program.execute("bc *");
}

for (const hosting of hostings) {
  const launch = async (calls: number): Promise<[DebugSession, Program]> => {
    const session = new DebugSession({ hosting, engine: engineFolder() });
    return [session, await session.launch([debuggee("hits.exe"), `${calls}`])];
  };

  for (const loops of some([0, 4], hosting === "worker" ? 2 : 1)) {
    const beside = loops === 0 ? "" : ", beside four busy loops";
    Deno.test(`a breakpoint (${hosting}) is hit as often as the function is called${beside}`, async () => {
      await using _busy = busyLoops(loops);
      const calls = loops === 0 ? CALLS : count(40, CALLS);
      for (let run = 0; run < RUNS; run++) {
        const [session, program] = await launch(calls);
        await using _session = session;
        await program.execute("bp hits!tick");
        assert.equal(await countHits(session, program), calls);
        assert.equal(exitCode(program), calls);
      }
    });
  }

  for (const passes of some([1, 2, 7, 200], 2)) {
    Deno.test(`a pass count of ${passes} (${hosting}) passes over ${passes - 1} hits and no more`, async () => {
      const [session, program] = await launch(200);
      await using _session = session;
      await program.execute(`bp hits!tick 0n${passes}`);
      assert.equal(await countHits(session, program), 200 - passes + 1);
      assert.equal(exitCode(program), 200);
    });
  }

  for (
    const [command, ...calls] of [
      ["bp /1 hits!tick 0n5", 4n],
      ["bp /1 hits!tick", 0n],
      ["bp /1 hits!tick 0n31"],
      ["bu /1 hits!tick 0n2", 1n],
      ["bm /1 hits!tic* 0n4", 3n],
      ["ba e1 /1 hits!tick 0n3", 2n],
      ["ba w4 /1 hits!g_count 0n3", 3n],
      ["~0 bp /1 hits!tick 0n5", 4n],
    ] as const
  ) {
    const options = command.startsWith("ba ") ? needsDebugRegisters : {};
    Deno.test(`${command} (${hosting}) is hit once, when its passes are over`, options, async () => {
      const [session, program] = await launch(30);
      await using _session = session;
      await atMain(session, program);
      await program.execute(command);
      const seen: (bigint | number)[] = [];
      program.on("breakpoint", async () => {
        seen.push(await program.evaluate("dwo(hits!g_count)"));
        return "go" as const;
      });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual(seen, calls);
      assert.equal(exitCode(program), 30);
    });
  }

  Deno.test(`each of many breakpoints for one hit (${hosting}) is hit once, whichever of eight threads comes by`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("hit_threads.exe"), "8", "25"]);
    await program.execute("bp0 hit_threads!hit; bp1 /1 hit_threads!hit 0n7");
    const seen: [number, number] = [0, 0];
    const shown = new Set<string | undefined>();
    program.on("breakpoint", async ({ id }) => {
      seen[id === 0 ? 0 : 1]++;
      if (id === 1 && seen[1] < 10) await program.execute("bp1 /1 hit_threads!hit 0n7");
      if (id === 0) shown.add(/^ *1 e \S+ +(\/1 )?0/m.exec(await program.execute("bl"))?.[1]);
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([seen, exitCode(program)], [[200, 10], 200]);
    assert.ok(shown.has("/1 ") && shown.size <= 2, `${[...shown]}`); // undefined once it is gone
  });

  Deno.test(`a pass count (${hosting}) is shown by commands as far as it has got`, async () => {
    const [session, program] = await launch(30);
    await using _session = session;
    await program.execute("bp0 hits!tick 0n5; bp1 hits!tick+1");
    const shown: string[] = [];
    const seen = new Map<number, number>();
    program.on("breakpoint", async ({ id }) => {
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if (shown.length < 6) shown.push(/^ *0 .*? (\w{4}) \(/m.exec(await program.execute("bl"))?.[1] ?? "");
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([seen.get(0), seen.get(1)], [26, 30]);
    assert.deepEqual(shown, ["0004", "0003", "0002", "0001", "0001", "0001"]);
  });

  Deno.test(`a data breakpoint (${hosting}) is hit by each write`, needsDebugRegisters, async () => {
    const writes = count(100, 1_000);
    const [session, program] = await launch(writes);
    await using _session = session;
    await atMain(session, program);
    await program.execute("ba w4 hits!g_count");
    assert.equal(await countHits(session, program), writes);
    assert.equal(exitCode(program), writes);
  });

  Deno.test(
    `a breakpoint of the processor (${hosting}) is hit as often as the function is called`,
    needsDebugRegisters,
    async () => {
      const [session, program] = await launch(100);
      await using _session = session;
      await atMain(session, program);
      await program.execute("ba e1 hits!tick");
      assert.equal(await countHits(session, program), 100);
      assert.equal(exitCode(program), 100);
    },
  );

  Deno.test(`a breakpoint at which a handler looks and then lets go of it (${hosting}) is not hit again`, async () => {
    const [session, program] = await launch(60);
    await using _session = session;
    await program.execute("bp hits!tick");
    let hits = 0;
    program.on("breakpoint", async () => {
      if (++hits === 20) await program.execute("bc *");
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([hits, exitCode(program)], [20, 60]);
  });
}
