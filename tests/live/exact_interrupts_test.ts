/** Interrupts at any moment while breakpoints are hit: none is lost or doubled, no hit is, and the program comes to no harm. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { count } from "../count.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const INTERRUPTS = count(40, 200);
const CALLS = 20_000;

for (const hosting of hostings) {
  for (
    const [name, command, symbol, counter] of [
      ["one thread", ["hits.exe", `${CALLS}`], "hits!tick", "hits!g_count"],
      ["eight threads", ["hit_threads.exe", "8", `${CALLS}`], "hit_threads!hit", "hit_threads!g_hits"],
    ] as const
  ) {
    Deno.test(`interrupts (${hosting}) while ${name} hit a breakpoint`, async () => {
      await using session = new DebugSession({ hosting, engine: engineFolder() });
      const [file, ...args] = command;
      const program = await session.launch([debuggee(file), ...args]);
      await program.execute(`bp ${symbol}`);
      let hits = 0;
      program.on("breakpoint", () => {
        hits++;
        return "go";
      });
      const times: number[] = [];
      for (let round = 0; round < INTERRUPTS; round++) {
        const stopped = session.wait();
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
        const begin = performance.now();
        session.interrupt();
        const { reason } = await stopped;
        assert.equal(reason, "interrupt", `round ${round}`);
        times.push(performance.now() - begin);
      }
      const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
      console.log(`${name}: median ${median.toFixed(1)} ms, ${hits} hits`);
      const before = Number(await program.evaluate(`dwo(${counter})`));
      // A thread that stands at its hit has not counted it yet.
      assert.ok(hits >= before && hits - before <= 8, `${hits} hits, ${before} counted`);
      await program.execute("bc *");
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(exitCode(program), name === "one thread" ? CALLS : 8 * CALLS);
    });
  }
}
