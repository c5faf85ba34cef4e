/** An engine whose thread is stuck: whatever asks it to end is done within two seconds, and its programs are let go as they came. */
import assert from "node:assert/strict";
import { count } from "../count.ts";
import { runScript } from "./child_script.ts";
import { grows, type Heartbeat, heartbeatImage, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee } from "./support.ts";
import { processesNamed } from "./toolhelp_support.ts";

const ROUNDS = count(1, 20);

/** The longest that an end may take, in milliseconds. */
const LIMIT = 2_000;

/** How the engine gets stuck, and the end that is asked for then. */
const ENDS: Readonly<Record<string, string>> = {
  "a command is stuck, and the session is disposed": `
    program.execute("!stuck").catch(() => {});
    await pause();
    await measured(() => session[Symbol.asyncDispose]());`,
  "a command is stuck, and the script exits": `
    program.execute("!stuck").catch(() => {});
    await pause();
    const begin = performance.now();
    globalThis.addEventListener("unload", () => console.log(JSON.stringify(performance.now() - begin)));
    Deno.exit();`,
  "a long command is broken off, and the session is disposed": `
    await hit();
    program.execute(".for (r $t0 = 0; @$t0 < 0x7fffffff; r $t0 = @$t0 + 1) { }").catch(() => {});
    await pause();
    await measured(() => session[Symbol.asyncDispose]());`,
  "a long search is broken off, and the script exits": `
    await hit();
    program.execute("s -b 0 L?7fffffffffff 11 22 33 44 55 66 77 88").catch(() => {});
    await pause();
    const begin = performance.now();
    globalThis.addEventListener("unload", () => console.log(JSON.stringify(performance.now() - begin)));
    Deno.exit();`,
  "a command that waits inside the engine is broken off, and the session is disposed": `
    program.execute("g; k").catch(() => {});
    await pause();
    await measured(() => session[Symbol.asyncDispose]());`,
  "the run is stuck, and its wait is given up": `
    await stick();
    const controller = new AbortController();
    const waiting = session.wait({ signal: controller.signal }).catch((reason) => reason);
    await pause();
    await measured(async () => {
      controller.abort("enough");
      if (await waiting !== "enough") throw await waiting;
    });
    await session[Symbol.asyncDispose]();`,
  "the run is stuck, and the session is disposed": `
    await stick();
    const waiting = session.wait().catch(() => {});
    await pause();
    session.interrupt();
    await pause();
    await measured(() => session[Symbol.asyncDispose]());
    await waiting;`,
};

/** `open` makes the program. */
function stuckScript(open: string, end: string): string {
  return `
    const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
    const measured = async (end) => {
      const begin = performance.now();
      await end();
      console.log(JSON.stringify(performance.now() - begin));
    };
    const session = new latch.DebugSession({ engine });
    const program = await session.${open};
    await program.execute(${JSON.stringify(`.load ${debuggee("stuck.dll")}`)});
    // The thread that an interrupt begins, or any other.
    const stick = () => program.execute('sxe -c "!stuck" ct');
    // Only the engine knows what is at the breakpoint that it holds the program at.
    const hit = async () => {
      await program.execute("bp kernelbase!FlushFileBuffers");
      await program.execute("g");
    };
    ${end}`;
}

async function endsInTime(open: string, end: string): Promise<void> {
  const { code, out, err, seconds } = await runScript(stuckScript(open, end));
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(Number(out) < LIMIT, `it took ${out.trim()} ms, the script ${seconds} s`);
}

for (const [title, end] of Object.entries(ENDS)) {
  Deno.test(`${title}: an attached program runs on`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await using beat: Heartbeat = startHeartbeat();
      await grows(beat);
      await endsInTime(`attach(${beat.pid})`, end);
      await grows(beat);
    }
  });

  Deno.test(`${title}: a launched program ends`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      using image = heartbeatImage();
      await endsInTime(`launch(${JSON.stringify(image.command)})`, end);
      assert.deepEqual(processesNamed(image.name), []);
    }
  });
}
