/** Hits at an instruction that its thread is kept from executing: it faults, or the program itself has suspended the thread. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { count } from "../count.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const RUNS = count(1, 10);

for (const hosting of hostings) {
  /** Counts hits at the instruction, and at the one behind it. */
  const run = async (
    way: string,
    threads: number,
    calls: number,
    on: { listens?: boolean } = {},
  ): Promise<number[]> => {
    const session = new DebugSession({ hosting, engine: engineFolder() });
    await using _session = session;
    const program = await session.launch([debuggee("obstacles.exe"), way, `${threads}`, `${calls}`]);
    // A program's trap at an instruction with a breakpoint is lost in the engine.
    await program.execute(`bp0 obstacles!${way === "trap" ? "trap_at" : "at; bp1 obstacles!behind"}`);
    const hits = [0, 0];
    let exceptions = 0;
    program.on("breakpoint", ({ id }) => {
      hits[id] = (hits[id] ?? 0) + 1;
      return "go";
    });
    if (on.listens) program.on("exception", () => void exceptions++);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    return [...hits, exitCode(program) ?? -1, ...on.listens ? [exceptions] : []];
  };

  for (const [threads, calls] of [[1, 20], [4, 10], [8, 6]] as const) {
    const all = threads * calls;
    Deno.test(`an instruction that faults (${hosting}, ${threads} threads) is hit as often as it is come to`, async () => {
      for (let round = 0; round < RUNS; round++) {
        assert.deepEqual(await run("fault", threads, calls), [all, all, all]);
        assert.deepEqual(await run("fault", threads, calls, { listens: true }), [all, all, all, all]);
      }
    });

    Deno.test(`an instruction that faults and is executed again (${hosting}, ${threads} threads) is hit each time`, async () => {
      for (let round = 0; round < RUNS; round++) {
        assert.deepEqual(await run("mend", threads, calls), [2 * all, all, 2 * all]);
      }
    });
  }

  Deno.test(`an instruction behind which its thread has itself trap (${hosting}) is hit as often as it is come to`, async () => {
    assert.deepEqual(await run("trap", 1, 20), [20, 0, 20]);
  });

  Deno.test(`a thread that the program itself suspends (${hosting}) is told to have hit as often as it does`, async () => {
    const calls = count(15, 400);
    assert.deepEqual(await run("sample", 1, calls), [calls, calls, calls]);
    assert.deepEqual(await run("sample", 3, calls), [3 * calls, 3 * calls, 3 * calls]);
  });

  Deno.test(`steps of threads that the program itself suspends (${hosting}) all come to their ends`, async () => {
    const calls = count(8, 100);
    const session = new DebugSession({ hosting, engine: engineFolder() });
    await using _session = session;
    const program = await session.launch([debuggee("obstacles.exe"), "sample", "3", `${calls}`]);
    await program.execute("bp obstacles!at");
    let hits = 0;
    program.on("breakpoint", () => {
      hits++;
      return "stepInto";
    });
    const behind = await program.addressOf("obstacles!behind");
    let ends = 0;
    for (let stop = await session.wait(); stop.reason === "break"; stop = await session.wait()) {
      assert.equal(await program.evaluate("@rip"), behind);
      ends++;
    }
    assert.deepEqual([hits, ends, exitCode(program)], [3 * calls, 3 * calls, 3 * calls]);
  });
}
