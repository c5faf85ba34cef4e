/** Scripts that end by an error at any moment after an attach without a break: the program runs on, each time. */
import assert from "node:assert/strict";
import { count } from "../count.ts";
import { runScript } from "./child_script.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { hostings } from "./support.ts";

const ROUNDS = count(2, 16);

/** How a script ends, and its exit code then. `program` is attached to. */
const ENDS: Readonly<Record<string, readonly [end: string, code: number]>> = {
  "a throw that disposes": [
    `await (async () => { await using _ = program; await pause(); throw new Error("over"); })();`,
    1,
  ],
  "a throw": [`await pause(); throw new Error("over");`, 1],
  "a throw while it waits": [`setTimeout(() => { throw new Error("over"); }, delay); await program.wait();`, 1],
  "a throw in a handler": ["await program.wait();", 1],
  "a rejection that nobody caught": [
    `setTimeout(() => Promise.reject(new Error("over")), delay); await program.wait();`,
    1,
  ],
  "an exit": [`await pause(); Deno.exit(3);`, 3],
};

for (const [how, [end, code]] of Object.entries(ENDS)) {
  Deno.test(`a program that was attached to without a break runs on after ${how}`, async () => {
    await using beat = startHeartbeat("--threads");
    await grows(beat);
    for (let round = 0; round < ROUNDS; round++) {
      const hosting = hostings[round % hostings.length];
      const delay = [0, Math.floor(60 * Math.random())][round >> 1 & 1];
      const ended = await runScript(
        `
const delay = ${delay};
const pause = () => delay === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delay));
const fail = () => { throw new Error("over"); };
const on = ${how.includes("handler") ? "{ createThread: fail }" : "{}"};
const options = { engine, hosting: "${hosting}", initialBreak: false, on };
const program = await latch.attach(${beat.pid}, options);
${end}`,
        {},
        60,
      );
      const what = `${hosting}, ${delay} ms, round ${round}: ${ended.err}`;
      assert.equal(ended.code, code, what);
      await grows(beat).catch((error) => assert.fail(`${what}: ${error.message}`));
    }
  });
}

Deno.test("a program runs on that is not stopped, between two slices of its host's, when this process leaves", async () => {
  await using beat = startHeartbeat();
  await grows(beat);
  for (let round = 0; round < ROUNDS; round++) {
    const module = new URL("../../lib/dbgeng/worker_connection.ts", import.meta.url).href;
    const { code, err } = await runScript(`
const { WorkerConnection } = await import(${JSON.stringify(module)});
const connection = new WorkerConnection();
await connection.call("open", { engine });
await connection.call("attach", { server: 0n, processId: ${beat.pid}, initialBreak: false });
let stop = await connection.call("run", "go", 1_000);
while (stop.kind !== "expired") stop = await connection.call("run", "goHandled", 50);
connection.leaveNow([{ processId: ${beat.pid}, how: "detach" }]);
Deno.exit();`);
    assert.deepEqual([code, err], [0, ""]);
    await grows(beat);
  }
});
