/** Each hit is one event in a native script, too, whose engine is in a host. */
import assert from "node:assert/strict";
import { launch } from "../../mod.ts";
import { busyLoops } from "../busy.ts";
import { count } from "../count.ts";
import { prepareNative } from "./native_support.ts";

const { debuggee } = await prepareNative();

const CALLS = count(300, 2_000);

for (const loops of [0, 4]) {
  Deno.test(`a breakpoint in a host is hit as often as the function is called, beside ${loops} busy loops`, async () => {
    await using _busy = busyLoops(loops);
    for (let run = 0; run < count(1, 20); run++) {
      await using program = await launch([debuggee("hits.exe"), `${CALLS}`]);
      await program.execute("bp hits!tick");
      let hits = 0;
      program.on("breakpoint", () => {
        hits++;
        return "go";
      });
      assert.deepEqual(await program.wait(), { reason: "ended" });
      assert.deepEqual([hits, program.end], [CALLS, { reason: "exited", exitCode: CALLS }]);
    }
  });
}
