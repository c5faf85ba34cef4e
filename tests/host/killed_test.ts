/**
 * What becomes of a program whose debugger is killed, with no chance to let it go, beside what docs/ends.md says and ends_test.ts compares.
 * Native, as leaving_test.ts is.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "./latch_support.ts";
import {
  ends,
  firstLine,
  isThere,
  runsOn,
  type Scene,
  scene,
  stands,
  stopWhileRunning,
  type Target,
} from "./scene_support.ts";

/** Attaches to the program named by ARG 0 with `resume`, and lets it go. */
const RESCUE = join(import.meta.dirname ?? "", "scripts", "rescue.ts");

/** Fails unless the target runs, and still does a while later. */
async function runsForGood(here: Scene): Promise<void> {
  for (let round = 0; round < 3; round++) {
    assert.ok(await isThere(here), "the target has ended");
    await runsOn(here.target);
  }
}

async function kill(script: Deno.ChildProcess, ...running: readonly Target[]): Promise<void> {
  await stopWhileRunning(script.pid, running);
  script.kill("SIGKILL");
  await script.status;
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
    await runsForGood(here);
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

Deno.test("SIGTERM to what runs a script in Wine is Ctrl-C to the script, which lets its program go", () =>
  scene(async (here) => {
    await here.start();
    const script = here.host.windowsPath(join(import.meta.dirname ?? "", "scripts", "leave.ts"));
    const run = ["run", "run", "--allow-ffi", "--no-check", script, here.target.name, "held"];
    const args = ["run", "-A", "--no-check", join(ROOT, "scripts/dev/host.ts"), ...run];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
    await firstLine(child.stdout);
    await stands(here.target);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 130);
    await runsOn(here.target);
  }));
