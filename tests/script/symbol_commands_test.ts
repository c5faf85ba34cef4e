/** Commands that set symbol paths or hold variables: what a list of commands does not cover. */
import assert from "node:assert/strict";
import { attached } from "./guard_support.ts";

for (
  const command of [".sympath", ".sympath+", ".symfix", ".exepath", ".srcpath", ".lsrcpath", ".srcfix", ".extpath"]
) {
  Deno.test(`a list with ${command} does not cover places for it`, async () => {
    const { call, fake } = await attached([`--allow-execute=${command}`]);
    await call("execute", { processId: 7 }, command);
    for (const place of ["srv*", "cache*", "C:", "sym.lab", "+ srv*"]) {
      await assert.rejects(call("execute", { processId: 7 }, `${command} ${place}`), {
        name: "NotCapable",
        message:
          `Requires execute access to "${command} ${place}", run again with '--allow-execute=${command} ${place}'`,
      });
    }
    assert.deepEqual(fake.log.length, 1);
  });
}

for (const given of ["lm m %OS%", "lm %PATH%%OS%", "lm %a% b", "lm % %", "lm C:%TEMP%", "lm %=C:%", "lm a%%b"]) {
  Deno.test(`a list with lm does not cover ${given}, where the engine may put variables in`, async () => {
    const { call, fake } = await attached(["--allow-execute=lm"]);
    await call("execute", { processId: 7 }, "lm 5 % 3");
    const refused = {
      name: "NotCapable",
      message: `Requires execute access to "${given}", run again with '--allow-execute=${given}'`,
    };
    await assert.rejects(call("execute", { processId: 7 }, given), refused);
    assert.equal(fake.log.length, 1);
  });
}
