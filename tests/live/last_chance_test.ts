/** Programs that die of an exception: they end, with breakpoints too, whatever their other threads are doing. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const CODE = 0xe0001234;
/** Each run is another order of its threads. */
const RUNS = 6;

for (const hosting of hostings) {
  for (const isHeard of [true, false]) {
    const title = `an exception that ${isHeard ? "a handler" : "nobody"} hears of ends a program with breakpoints`;
    Deno.test(`${title} (${hosting})`, async () => {
      await using session = new DebugSession({ hosting, engine: engineFolder() });
      const chances: boolean[] = [];
      if (isHeard) session.on("exception", ({ firstChance }) => void chances.push(firstChance));
      for (let run = 0; run < RUNS; run++) {
        const program = await session.launch([debuggee("doomed.exe")]);
        for (const name of ["doomed!never_called", "ntdll!NtTerminateProcess"]) await program.execute(`bp ${name}`);
        assert.deepEqual(await session.wait({ signal: AbortSignal.timeout(20_000) }), { reason: "ended" });
        assert.equal(Number(program.end?.exitCode) >>> 0, CODE);
      }
      assert.deepEqual(chances, isHeard ? Array.from({ length: RUNS }, () => [true, false]).flat() : []);
    });
  }

  Deno.test(`a program with breakpoints (${hosting}) that is held at its second chance ends by gn`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    session.on("exception", ({ firstChance }) => firstChance ? undefined : "break");
    for (let run = 0; run < RUNS; run++) {
      const program = await session.launch([debuggee("doomed.exe")]);
      for (const name of ["doomed!never_called", "ntdll!NtTerminateProcess"]) await program.execute(`bp ${name}`);
      assert.equal((await session.wait({ signal: AbortSignal.timeout(20_000) })).reason, "event");
      await program.execute("gn");
      await program.ended;
      assert.equal(Number(program.end?.exitCode) >>> 0, CODE);
    }
  });
}
