/** Whether a script stays for its host. */
import assert from "node:assert/strict";
import { runScript } from "../../lib/script/run_script.ts";
import { prepareNative, type Result, run } from "./native_support.ts";
import { ends, runsOn, scene } from "./scene_support.ts";

const SCRIPT = "tests/host/scripts/forgotten.ts";

const { debuggee } = await prepareNative();
const short = [debuggee("modules.exe"), "1"];

async function forgotten(target: string, command: readonly string[], ...how: string[]): Promise<Result> {
  return await run(SCRIPT, [target, JSON.stringify(command), ...how]);
}

Deno.test("a script ends by itself that its host is not to hold", async () => {
  const { code, text, errors } = await run("tests/host/scripts/unref.ts", []);
  assert.deepEqual([code, text, errors], [0, "true\ntrue\n", ""]);
});

Deno.test("a script that forgets to dispose of its session ends, and its host lets the programs go as they came", () =>
  scene((attached) =>
    scene(async (launched) => {
      await attached.start();
      const { code, text, errors } = await forgotten(attached.target.name, launched.target.command);
      assert.deepEqual([code, text, errors], [0, "there\n", ""]);
      await ends(launched);
      await runsOn(attached.target);
    })
  ));

Deno.test("a script stays for what it waits for and listens to, and ends then", async () => {
  for (const [how, text] of [["heard", "heard 7"], ["waited", "ended 7"]] as const) {
    const { code, text: out, errors } = await forgotten("", short, how);
    assert.deepEqual([code, out, errors], [0, `there\n${text}\n`, ""]);
  }
});

Deno.test("a confined script that forgets to dispose of its session ends, and stays as long as it listens", async () => {
  const [program = ""] = short;
  for (const [how, text] of [[[], ""], [["heard"], "heard 7\n"]] as const) {
    const out: string[] = [];
    const result = await runScript(new URL("scripts/forgotten.ts", import.meta.url), {
      rights: [`--allow-launch=${program}`],
      args: ["", JSON.stringify(short), ...how],
      output: { stdout: (part) => void out.push(part), stderr: (part) => void out.push(part) },
      deadline: 60_000,
    });
    assert.deepEqual([result.code, out.join("")], [0, `there\n${text}`]);
  }
});
