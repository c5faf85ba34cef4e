/** Whether a script stays for its engine. */
import assert from "node:assert/strict";
import { runScript } from "./child_script.ts";
import { debuggee } from "./support.ts";

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
