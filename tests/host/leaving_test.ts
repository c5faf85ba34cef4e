/**
 * What becomes of the target when the script ends by itself, and by a kill before the target was ever broken into; ends_test.ts has what else
 * ends it from outside. Native tests: they send real signals to Windows' Deno in
 * the Wine host, and look at the target from outside, by the file that it keeps counting up.
 */
import assert from "node:assert/strict";
import { ends, runsOn, scene, stopWhileRunning } from "./scene_support.ts";

/**
 * Each way to end: how it is brought about, the script's exit code. None is looked at where the script throws: under Wine,
 * Windows' Deno ends with 0 instead of 1 after some uncaught errors, about one in ten, with an engine or without.
 */
const ENDS: readonly [way: string, signal: Deno.Signal | undefined, code: number | undefined][] = [
  ["throw", undefined, undefined],
  ["throw-undisposed", undefined, undefined],
  ["exit", undefined, 3],
  ["forgotten", undefined, 0],
  ["running-unbroken", "SIGKILL", undefined],
];

for (const [way, signal, code] of ENDS) {
  const ending = signal ? `${signal} while the program is ${way}` : way;
  Deno.test(`an attached program runs on after the script's end by ${ending}`, () =>
    scene(async ({ target, script }) => {
      const child = await script("attached", way);
      if (signal) await runsOn(target);
      if (signal) await stopWhileRunning(child.pid, [target]);
      if (signal) child.kill(signal);
      const status = await child.status;
      if (code !== undefined) assert.equal(status.code, code);
      await runsOn(target);
    }));

  Deno.test(`a launched program ends with the script's end by ${ending}`, () =>
    scene(async (here) => {
      const child = await here.script("launched", way);
      if (signal) await runsOn(here.target);
      if (signal) await stopWhileRunning(child.pid, [here.target]);
      if (signal) child.kill(signal);
      const status = await child.status;
      if (code !== undefined) assert.equal(status.code, code);
      await ends(here);
    }));
}
