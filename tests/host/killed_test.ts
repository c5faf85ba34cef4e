/**
 * What becomes of a program whose debugger is killed, with no chance to let it go. The README says it in a table, which is
 * what this test compares with. Native, as leaving_test.ts is.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ends, isThere, runsOn, type Scene, scene, stands, stopWhileRunning, type Target } from "./scene_support.ts";

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

/** The ways in which a target can end up, in the table's words; each fails unless that is so, and is still so a while later. */
const FATES: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  "is terminated": ends,
  "runs on": async (here) => {
    for (let round = 0; round < 3; round++) {
      assert.ok(await isThere(here), "the target has ended");
      await runsOn(here.target);
    }
  },
  "stays suspended": async (here) => {
    for (let round = 0; round < 2; round++) {
      assert.ok(await isThere(here), "the target has ended");
      await stands(here.target);
    }
  },
};

async function kill(script: Deno.ChildProcess, ...running: readonly Target[]): Promise<void> {
  await stopWhileRunning(script.pid, running);
  script.kill("SIGKILL");
  await script.status;
}

for (const [title, way] of Object.entries(ROWS)) {
  COLUMNS.forEach((origin, column) =>
    Deno.test(`the README tells what becomes of a program that was ${origin} and ${title} when its debugger is killed`, () =>
      scene(async (here) => {
        const script = await here.script(origin, way);
        await (way === "running" ? runsOn(here.target) : stands(here.target));
        await kill(script, ...way === "running" ? [here.target] : []);
        const fate = FATES[claims().get(title)?.[column] ?? ""];
        assert.ok(fate, "the README says one of the three");
        await fate(here);
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

Deno.test("a program that was taken up runs on when its debugger is killed, as one that was attached to", () =>
  scene(async (here) => {
    const script = await here.script("attached", "taken-up");
    await runsOn(here.target);
    await kill(script, here.target);
    await FATES["runs on"]?.(here);
  }));

Deno.test("a launched program outlives its debugger's end by SIGKILL while an attached one is there, which runs on", () =>
  scene((attached) =>
    scene(async (launched) => {
      await attached.start();
      const script = await launched.script("launched", "beside", attached.target);
      await runsOn(launched.target);
      await kill(script, attached.target, launched.target);
      await runsOn(attached.target);
      await runsOn(launched.target);
    })
  ));

Deno.test("a launched program ends with its debugger's end by SIGKILL once the attached one beside it was let go, which runs on", () =>
  scene((attached) =>
    scene(async (launched) => {
      await attached.start();
      const script = await launched.script("launched", "beside-gone", attached.target);
      await runsOn(launched.target);
      await kill(script, attached.target, launched.target);
      await runsOn(attached.target);
      await ends(launched);
    })
  ));
