/** 32-bit programs beside 64-bit ones, and beside their own threads: each hit is one event, and who is let go lives on. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { needs32Bit } from "./machine_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const WOW = debuggee("wow.exe");

/** Counts a program's hits, and lets it go on. */
function hitsOf(program: Program): () => number {
  let hits = 0;
  program.on("breakpoint", () => {
    hits++;
    return "go" as const;
  });
  return () => hits;
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`hits of several threads of a 32-bit program (${hosting}) are told each once`, needs32Bit, async () => {
    await using session = newSession();
    const program = await session.launch([WOW, "threads"]);
    const exceptions: number[] = [];
    program.on("exception", ({ code }) => void exceptions.push(code));
    await program.execute("bp wow!visit");
    const hits = hitsOf(program);
    assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
    assert.deepEqual([hits(), exceptions], [200, []]);
  });

  Deno.test(
    `hits of a 64-bit program beside a 32-bit one (${hosting}) are told each once, of both`,
    needs32Bit,
    async () => {
      await using session = newSession();
      const exceptions: number[] = [];
      session.on("exception", ({ code }) => void exceptions.push(code));
      const large = await session.launch([debuggee("hits.exe"), "250"]);
      const largeHits = hitsOf(large);
      await large.execute("bp hits!tick");
      const small = await session.launch([WOW, "threads"]); // meanwhile the other one runs
      const smallHits = hitsOf(small);
      await small.execute("bp wow!visit");
      while (session.programs.size > 0) await session.wait();
      assert.deepEqual([largeHits(), smallHits(), exceptions], [250, 200, []]);
      assert.deepEqual(large.end, { reason: "exited", exitCode: 250 });
      assert.deepEqual(small.end, { reason: "exited", exitCode: 5 });
    },
  );

  for (const isLargeHit of [true, false]) {
    const name = isLargeHit ? "64" : "32";
    Deno.test(
      `at a hit of the ${name}-bit one (${hosting}) a 64-bit program and a 32-bit one are let go, and live on`,
      needs32Bit,
      async () => {
        await using beat = startHeartbeat();
        const child = new Deno.Command(WOW, { args: ["lives"], stdin: "null", stdout: "null", stderr: "null" }).spawn();
        let isOver = false;
        const ended = child.status.then(() => isOver = true);
        try {
          await using session = newSession();
          const large = await session.attach(beat.pid);
          const small = await session.attach(child.pid);
          await large.execute(`bp ${large.image.name}!beat`);
          await small.execute("bp wow!visit");
          const hit = isLargeHit ? large : small;
          (hit === large ? small : large).on("breakpoint", () => "go");
          for (let count = 0; count < 5; count++) {
            const stop = await session.wait();
            assert.ok(stop.reason === "event" && stop.event.program === hit, stop.reason);
          }
          await large.detach();
          await small.detach();
          await grows(beat);
          await grows(beat);
          assert.equal(isOver, false);
        } finally {
          if (!isOver) child.kill("SIGKILL");
          await ended;
        }
      },
    );
  }
}
