/** Hits of a function, whichever way threads come to it and leave it: as many as the program itself counts. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const THREADS = 4;
const CALLS = 6;
const VISITS = THREADS * CALLS;

/** Where breakpoints are, and how often each is hit, for each way of `ways.exe`. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  adjacent: ["ways!row0", "ways!row1", "ways!row2", "ways!row3", "ways!visit"],
  apc: ["ntdll!KiUserApcDispatcher", "ways!visit_later", "ways!visit"],
  fiber: ["ways!in_fibers", "ways!visit"],
  handler: ["ways!visit", "ntdll!KiUserExceptionDispatcher", "kernelbase!RaiseException"],
  own: ["ways!visit_before", "ways!visit_behind", "ways!visit"],
  jump: ["ways!before_jump", "ways!visit"],
  tail: ["ways!tail", "ways!visit"],
  thread: ["ways!visit_and_end", "ways!visit"],
};

for (const hosting of hostings) {
  for (const [way, places] of Object.entries(WAYS)) {
    if (hosting === "inline" && way !== "handler" && way !== "own") continue; // the engine's part is the same
    Deno.test(`hits of several threads (${hosting}) are all told of, each once: ${way}`, async () => {
      await using session = new DebugSession({ hosting, engine: engineFolder() });
      const program = await session.launch([debuggee("ways.exe"), way, `${THREADS}`, `${CALLS}`]);
      const hits = new Map<number, number>();
      for (const [id, place] of places.entries()) {
        await program.execute(`bp${id} ${place}`);
        hits.set(id, 0);
      }
      session.on("breakpoint", ({ id }) => {
        hits.set(id, (hits.get(id) ?? 0) + 1);
        return "go";
      });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual([[...hits.values()], exitCode(program)], [places.map(() => VISITS), VISITS]);
    });
  }

  Deno.test(`hits of several threads (${hosting}) are all told of by waits that are given up again and again`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("ways.exe"), "tail", `${THREADS}`, `${CALLS}`]);
    await program.execute("bp ways!tail; bp ways!visit");
    let hits = 0;
    session.on("breakpoint", () => {
      hits++;
      return "go";
    });
    let isOver = false;
    for (let given = 0; !isOver; given++) {
      isOver = await session.wait({ signal: AbortSignal.timeout(given % 8) }).then(() => true, (error) => {
        assert.equal(error.name, "TimeoutError");
        return false;
      });
    }
    assert.deepEqual([hits, exitCode(program)], [2 * VISITS, VISITS]);
  });

  Deno.test(`hits of several threads (${hosting}) are all told of by loops that each ends at one`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("ways.exe"), "tail", `${THREADS}`, `${CALLS}`]);
    await program.execute("bp ways!tail; bp ways!visit");
    let hits = 0;
    while (!program.end) {
      for await (const event of session.events()) {
        if (event.type !== "breakpoint") continue;
        hits++;
        break;
      }
    }
    assert.deepEqual([hits, exitCode(program)], [2 * VISITS, VISITS]);
  });
}
