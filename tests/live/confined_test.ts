/** Permissioned scripts of Windows' own Deno: host, script and engine are Windows programs. */
import assert from "node:assert/strict";
import { runScript, type ScriptResult } from "../../lib/script/run_script.ts";
import { attached } from "../script/guard_support.ts";
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

Deno.test("on Windows paths that differ only in case are one, as Windows sees it, also where nothing is yet", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}\\Dumps`);
  const dump = async (granted: string, path: string): Promise<string> => {
    const { call } = await attached([`--allow-dump=${folder}\\${granted}`]);
    const asked = call("writeDump", { processId: 7 }, `${folder}\\${path}`, "mini", null);
    return await asked.then(() => "granted", (error: unknown) => `${error}`.slice(0, 32));
  };
  const refused = "NotCapable: Requires dump access";
  try {
    for (const path of ["Dumps\\a.dmp", "dumps\\a.dmp", "DUMPS\\sub\\A.dmp"]) {
      assert.equal(await dump("dumps", path), "granted", path);
      assert.equal(await dump("Dumps", path), "granted", path);
    }
    assert.equal(await dump("new\\a.dmp", "NEW\\A.DMP"), "granted");
    assert.equal(await dump("\u00e9\\a.dmp", "\u00c9\\a.dmp"), "granted");
    for (const path of ["dump\u017f\\a.dmp", "Dumps2\\a.dmp", "Dumps\\..\\a.dmp"]) {
      assert.equal(await dump("dumps", path), refused, path);
    }
    assert.equal(await dump("dis\u212a\\a.dmp", "disk\\a.dmp"), refused);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
