/** Each hit is one event: as many as the program itself counts, however often, however busy the machine is. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { busyLoops } from "../busy.ts";
import { count } from "../count.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const RUNS = count(1, 20);
const CALLS = count(600, 2_000);

/** Runs to the end, and gives how often its handler of breakpoints was called. Nothing but the end may be a stop. */
async function countHits(session: DebugSession, program: Program): Promise<number> {
  let hits = 0;
  program.on("breakpoint", () => {
    hits++;
    return "go" as const;
  });
  assert.deepEqual(await session.wait(), { reason: "ended" });
  return hits;
}

function exitCode({ end }: Program): number | undefined {
  return end?.reason === "exited" ? end.exitCode : undefined;
}

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

  for (const loops of [0, 4]) {
    const beside = loops === 0 ? "" : ", beside four busy loops";
    Deno.test(`a breakpoint (${hosting}) is hit as often as the function is called${beside}`, async () => {
      using _busy = busyLoops(loops);
      for (let run = 0; run < RUNS; run++) {
        const [session, program] = await launch(CALLS);
        await using _session = session;
        await program.execute("bp hits!tick");
        assert.equal(await countHits(session, program), CALLS);
        assert.equal(exitCode(program), CALLS);
      }
    });
  }

  for (const passes of [1, 2, 7, 200]) {
    Deno.test(`a pass count of ${passes} (${hosting}) passes over ${passes - 1} hits and no more`, async () => {
      const [session, program] = await launch(200);
      await using _session = session;
      await program.execute(`bp hits!tick 0n${passes}`);
      assert.equal(await countHits(session, program), 200 - passes + 1);
      assert.equal(exitCode(program), 200);
    });
  }

  Deno.test(`pass counts (${hosting}) of two breakpoints at one place are counted apart, and shown as the engine shows them`, async () => {
    const [session, program] = await launch(30);
    await using _session = session;
    await program.execute("bp0 hits!tick 0n5; bp1 hits!tick 0n11");
    const shown: string[] = [];
    const seen = new Map<number, number>();
    program.on("breakpoint", async ({ id }) => {
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if (shown.length < 2) shown.push(/^ *1 .*?(\w{4}) \(/m.exec(await program.execute("bl"))?.[1] ?? "");
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([...seen], [[0, 26], [1, 20]]);
    assert.deepEqual(shown, ["0006", "0005"]);
  });

  Deno.test(`a data breakpoint (${hosting}) is hit by each write`, async () => {
    const writes = count(200, 1_000);
    const [session, program] = await launch(writes);
    await using _session = session;
    await atMain(session, program);
    await program.execute("ba w4 hits!g_count");
    assert.equal(await countHits(session, program), writes);
    assert.equal(exitCode(program), writes);
  });

  Deno.test(`a breakpoint of the processor (${hosting}) is hit as often as the function is called`, async () => {
    const [session, program] = await launch(100);
    await using _session = session;
    await atMain(session, program);
    await program.execute("ba e1 hits!tick");
    assert.equal(await countHits(session, program), 100);
    assert.equal(exitCode(program), 100);
  });

  Deno.test(`three breakpoints at one place (${hosting}) are told of once each at each hit`, async () => {
    const [session, program] = await launch(50);
    await using _session = session;
    await program.execute("bp0 hits!tick; bp1 hits!tick; bp2 hits!tick");
    assert.equal(await countHits(session, program), 150);
  });

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
