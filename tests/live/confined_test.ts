/** Permissioned scripts of Windows' own Deno: host, script and engine are Windows programs. */
import assert from "node:assert/strict";
import { runScript, type ScriptResult } from "../../lib/script/run_script.ts";
import { debuggee } from "./support.ts";

const PROGRAM = debuggee("demo.exe");

interface Outcome extends ScriptResult {
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, rights: readonly string[]): Promise<Outcome> {
  const out = { stdout: "", stderr: "" };
  const output = {
    stdout: (text: string) => void (out.stdout += text),
    stderr: (text: string) => void (out.stderr += text),
  };
  const url = new URL(`../host/scripts/rights/${script}`, import.meta.url);
  return { ...await runScript(url, { rights, args: [PROGRAM], output, deadline: 100_000 }), ...out };
}

Deno.test("on Windows a confined script launches what it may, and nothing else", async () => {
  const { code, stdout, stderr } = await run("launch.ts", [`--allow-launch=${PROGRAM}`]);
  assert.deepEqual([code, stdout], [0, "works true\n"], stderr);
  const refused = await run("launch.ts", ["--allow-launch=C:\\other.exe"]);
  assert.equal(refused.code, 1);
  assert.ok(refused.stderr.includes(`Requires launch access to "${PROGRAM}", run again with`), refused.stderr);
});

Deno.test("on Windows a confined script reads memory with the right, and not without it", async () => {
  const rights = [`--allow-launch=${PROGRAM}`];
  const { stdout, stderr } = await run("read_memory.ts", [...rights, "--allow-read-memory"]);
  assert.equal(stdout, "works true\n", stderr);
  const refused = await run("read_memory.ts", rights);
  assert.ok(refused.stderr.includes("Requires read-memory access, run again with --allow-read-memory"), refused.stderr);
});
