/** Attaching and letting go very often, also while the program's threads begin and end all the time: it runs on as before. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { count, isLong, some } from "../count.ts";
import { grows, type Heartbeat, startHeartbeat } from "./heartbeat_support.ts";
import { engineFolder, hostings, nativeClient, until } from "./support.ts";
import { handleCount, threadCount } from "./toolhelp_support.ts";

const CYCLES = { worker: count(30, 10_000), inline: count(30, 500) };
/** So many attachments has one session. */
const SESSION = 500;
/** How often the engine alone attaches. */
const NATIVE = count(40, 200);

const PROGRAMS = { "is quiet": [], "starts threads all the time": ["--threads"] } as const;

function possessions(beat: Heartbeat): string {
  return `${threadCount(beat.pid)} threads, ${handleCount(beat.pid)} handles`;
}

async function attachAndLetGo(pid: number, cycles: number, hosting: "worker" | "inline"): Promise<void> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  for (let cycle = 0; cycle < cycles; cycle++) {
    const program = await session.attach(pid);
    await program.detach();
    assert.deepEqual(program.end, { reason: "detached" });
  }
}

for (const [title, options] of Object.entries(PROGRAMS)) {
  for (const hosting of some(hostings, 1)) {
    const cycles = CYCLES[hosting];
    Deno.test(`${cycles} attachments (${hosting}) to a program that ${title} leave no trace in it`, async () => {
      await using beat = startHeartbeat(...options);
      await grows(beat);
      const before = possessions(beat);
      const begin = performance.now();
      for (let left = cycles; left > 0; left -= SESSION) {
        await attachAndLetGo(beat.pid, Math.min(left, SESSION), hosting);
      }
      if (isLong) console.log(`${cycles} attachments: ${Math.round((performance.now() - begin) / 1000)} s`);
      await grows(beat);
      // The threads that broke in, and those that the program starts, end when they get their turn.
      await until(() => possessions(beat) === before, `its ${possessions(beat)} are ${before} again`);
    });
  }
}

/** Runs the native client against a process; gives its exit code and what it printed. */
async function nativeCycles(verb: string, beat: Heartbeat): Promise<{ readonly code: number; readonly text: string }> {
  const args = [verb, `${beat.pid}`, `${NATIVE}`];
  const { code, stdout, stderr } = await nativeClient(args).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

// Should this pass one day, heldOnWine in lib/dbgeng/thread/suspension.ts can go.
Deno.test("that takes a mend under Wine: there the engine alone does not get through, and Windows' own functions do", async () => {
  await using quiet = startHeartbeat();
  await using busy = startHeartbeat("--threads");
  await using other = startHeartbeat("--threads");
  await Promise.all([grows(quiet), grows(busy), grows(other)]);
  assert.deepEqual(await nativeCycles("attach-cycles", quiet).then(({ code }) => code), 0);
  assert.deepEqual(await nativeCycles("debug-cycles", busy).then(({ code }) => code), 0);
  await grows(busy);
  // Mostly it fails with 0x8007001F or hangs; now and then it gets through.
  const { code, text } = await nativeCycles("attach-cycles", other);
  console.log(`the engine alone, on threads that begin all the time: ${code === 0 ? "got through" : text.trim()}`);
});
