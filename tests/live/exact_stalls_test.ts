/** Hits and steps on a machine that stalls in the middle of an instruction: as many as the program itself counts, and the program lives. */
import assert from "node:assert/strict";
import { DebugSession } from "../../lib/api/mod.ts";
import { count } from "../count.ts";
import { exitCode } from "./hit_support.ts";
import { stall } from "./stall_support.ts";
import { debuggee, engineFolder, keepEngine } from "./support.ts";

keepEngine();

const THREADS = 4;
const CALLS = 6;
const VISITS = THREADS * CALLS;
const ROUNDS = count(3, 12);

/** Where breakpoints are, for ways of `obstacles.exe` and `ways.exe`: at an instruction that faults, at jumps, one behind the other, around its own break instructions, at handled exceptions. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  fault: ["obstacles!at", "obstacles!behind"],
  tail: ["ways!tail", "ways!visit"],
  adjacent: ["ways!row0", "ways!row1", "ways!row2", "ways!row3", "ways!visit"],
  own: ["ways!visit_before", "ways!visit_behind", "ways!visit"],
  handler: ["ways!visit", "ntdll!KiUserExceptionDispatcher", "kernelbase!RaiseException"],
};

for (const [way, places] of Object.entries(WAYS)) {
  Deno.test(`hits of several threads are all told of, each once, where the machine stalls: ${way}`, async () => {
    let stalls = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      using machine = stall(round);
      await using session = new DebugSession({ hosting: "inline", engine: engineFolder() });
      const [name] = places[0]?.split("!") ?? [];
      const program = await session.launch([debuggee(`${name}.exe`), way, `${THREADS}`, `${CALLS}`]);
      const hits = places.map(() => 0);
      for (const [id, place] of places.entries()) await program.execute(`bp${id} ${place}`);
      session.on("breakpoint", ({ id }) => {
        hits[id] = (hits[id] ?? 0) + 1;
        return "go";
      });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual([hits, exitCode(program)], [places.map(() => VISITS), VISITS], `seed ${round}`);
      stalls += machine.count;
    }
    assert.ok(stalls > VISITS, `${stalls} stalls`);
  });
}

Deno.test("steps of several threads all come to their ends, where the machine stalls", async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    using _machine = stall(round);
    await using session = new DebugSession({ hosting: "inline", engine: engineFolder() });
    const program = await session.launch([debuggee("ways.exe"), "tail", `${THREADS}`, `${CALLS}`]);
    await program.execute("bp ways!tail");
    let hits = 0;
    program.on("breakpoint", () => {
      hits++;
      return "stepInto";
    });
    const target = await program.addressOf("ways!visit");
    let ends = 0;
    for (let stop = await session.wait(); stop.reason === "break"; stop = await session.wait()) {
      assert.equal(await program.evaluate("@rip"), target);
      ends++;
    }
    assert.deepEqual([hits, ends, exitCode(program)], [VISITS, VISITS, VISITS], `seed ${round}`);
  }
});
