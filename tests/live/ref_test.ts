/** Whether a script stays for its engine. */
import assert from "node:assert/strict";
import { runScript } from "./child_script.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, hostings } from "./support.ts";
import { processExists } from "./toolhelp_support.ts";

const WORKER = new URL("../../lib/dbgeng/worker_connection.ts", import.meta.url).href;

function workerScript(body: string): string {
  return `
    import { WorkerConnection } from ${JSON.stringify(WORKER)};
    const connection = new WorkerConnection();
    await connection.call("open", { engine });
    ${body}`;
}

Deno.test("a script ends by itself that its engine's worker is not to hold", async () => {
  const { code, out, err } = await runScript(workerScript(`
    connection.ref(false);
    connection.ref(false);
    console.log((await Promise.all([connection.call("processes", 0n), new Promise((go) => setTimeout(go, 2_000))]))[0].length > 0);`));
  assert.deepEqual([code, out.trim(), err], [0, "true", ""]);
});

Deno.test("a script stays for its engine's worker again, once that is wanted", async () => {
  const program = debuggee("modules.exe");
  const { code, out, err } = await runScript(workerScript(`
    connection.ref(false);
    connection.ref(true);
    connection.call("launch", {
      ...{ server: 0n, commandLine: ${JSON.stringify(`"${program}" 1`)}, directory: null },
      ...{ environment: [], clearEnvironment: false, children: [] },
    });
    for (let kind = ""; kind !== "ended";) ({ kind } = await connection.call("run", "go"));
    console.log("ended");
    connection.ref(false);`));
  assert.deepEqual([code, out.trim(), err], [0, "ended", ""]);
});

for (const hosting of hostings) {
  const session = `const session = new latch.DebugSession({ engine, hosting: "${hosting}" });`;
  const short = JSON.stringify([debuggee("modules.exe"), "1"]);

  Deno.test(`a script that forgets to dispose of its session (${hosting}) ends, its programs let go as they came`, async () => {
    await using beat = startHeartbeat();
    await using other = startHeartbeat("--seconds", "60");
    const { code, out, err } = await runScript(`${session}
      session.on("loadModule", () => {}); // nothing runs that it could hear of
      await session.attach(${beat.pid});
      const launched = await session.launch(${JSON.stringify([debuggee("heartbeat.exe"), "nul", "10"])});
      await session.attach(${other.pid});
      console.log(launched.pid);`);
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(processExists(Number(out)), false);
    await grows(beat);
    await grows(other);
  });

  Deno.test(`a script ends (${hosting}) though its program runs, where nobody waits and listens`, async () => {
    await using beat = startHeartbeat();
    const { code, out, err } = await runScript(`${session}
      const program = await session.attach(${beat.pid}, { initialBreak: false });
      const listens = new AbortController();
      session.on("output", () => {}, { signal: listens.signal });
      setTimeout(() => {
        console.log(program.state);
        listens.abort();
      }, 200);`);
    assert.deepEqual([code, out.trim(), err], [0, "running", ""]);
    await grows(beat);
  });

  Deno.test(`a script stays (${hosting}) for what it waits for and listens to, and ends then`, async () => {
    const { code, out, err } = await runScript(`${session}
      const heard = Promise.withResolvers();
      async function programDestroy({ program, exitCode }) {
        console.log("heard", exitCode);
        await program.memory.read(0n, 1).catch((error) => console.log(error.kind));
        heard.resolve();
      }
      async function main() {
        await session.launch(${short}, { initialBreak: false, on: { programDestroy } });
        await heard.promise;
        const program = await session.launch(${short}, { initialBreak: false });
        console.log((await program.ended).reason);
        await session.launch(${short});
        console.log((await session.wait()).reason);
      }
      main();`);
    assert.deepEqual([code, out.trim().split(/\s*\n/), err], [0, ["heard 7", "program-gone", "exited", "ended"], ""]);
  });
}
