/**
 * What becomes of a program whose debugger is killed, with no chance to let it go. The README says it in a table, which is
 * what this test compares with. Native, as leaving_test.ts is.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runsOn, type Scene, scene, stands } from "./scene_support.ts";

/** The rows of the table, and the way in which scripts/leave.ts brings each about. */
const ROWS: Readonly<Record<string, string>> = {
  "runs": "running",
  "is stopped at an event, between two waits": "stopped",
  "is held by a handler": "handler",
};
/** Attaches to the program named by ARG 0 with `resume`, and lets it go. */
const RESCUE = join(import.meta.dirname ?? "", "scripts", "rescue.ts");
const COLUMNS = ["attached", "launched"] as const;

/** What the README says, by the first words of a row. */
function claims(): Map<string, readonly string[]> {
  const text = Deno.readTextFileSync(join(import.meta.dirname ?? "", "..", "..", "README.md"));
  const section = text.split("### When the debugger is killed\n")[1]?.split("\n#")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return new Map(rows.map((row) => {
    const [title = "", ...cells] = row.split("|").map((cell) => cell.trim()).slice(1, -1);
    return [title, cells];
  }));
}

/** What the target is found to do, in the table's words. */
async function fate({ host, target }: Scene): Promise<string> {
  const { stdout } = await host.command("tasklist.exe", [], { stderr: "null" }).output();
  if (!new TextDecoder().decode(stdout).includes(target.name)) return "is terminated";
  const before = target.count();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return target.count() > before ? "runs on" : "stays suspended";
}

/** Kills the script and waits until the system has drawn its conclusions. */
async function kill(script: Deno.ChildProcess): Promise<void> {
  script.kill("SIGKILL");
  await script.status;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}

for (const [title, way] of Object.entries(ROWS)) {
  COLUMNS.forEach((origin, column) =>
    Deno.test(`the README tells what becomes of a program that was ${origin} and ${title} when its debugger is killed`, () =>
      scene(async (here) => {
        const script = await here.script(origin, way);
        await (way === "running" ? runsOn(here.target) : stands(here.target));
        await kill(script);
        const found = await fate(here);
        assert.equal(found, claims().get(title)?.[column], `the target ${found}`);
      }))
  );
}

Deno.test("a program that stayed suspended runs on after attach() with resume and detach()", () =>
  scene(async (here) => {
    await kill(await here.script("attached", "stopped"));
    await stands(here.target);
    const args = ["run", "--allow-ffi", "--no-check", here.host.windowsPath(RESCUE), here.target.name];
    const { success } = await here.host.command("deno.exe", args, { stdout: "null", stderr: "null" }).output();
    assert.ok(success);
    await runsOn(here.target);
  }));

Deno.test("a launched program runs on after its debugger's end by SIGKILL while an attached one is there", () =>
  scene((attached) =>
    scene(async (launched) => {
      await attached.start();
      const script = await launched.script("launched", "beside", attached.target);
      await runsOn(launched.target);
      await kill(script);
      await runsOn(attached.target);
      await runsOn(launched.target);
    })
  ));
