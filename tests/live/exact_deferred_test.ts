/** Breakpoints of modules that are not there yet: modules.exe loads and frees plugin.dll, whose first function is called at both. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { countHits } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const LOADS = 20;
const FIRST = "plugin!DllMainCRTStartup";

const END = { reason: "exited", exitCode: 7 };

for (const hosting of hostings) {
  const launch = async (): Promise<[DebugSession, Program]> => {
    const session = new DebugSession({ hosting, engine: engineFolder() });
    return [session, await session.launch([debuggee("modules.exe"), `${LOADS}`])];
  };

  for (
    const [command, passes, expected] of [["bp", "", 2 * LOADS], ["bu", "", 2 * LOADS], [
      "bu",
      " 5",
      2 * LOADS - 4,
    ]] as const
  ) {
    Deno.test(`${command}${passes} of a module that comes and goes (${hosting}) is hit at each call`, async () => {
      const [own, program] = await launch();
      await using session = own;
      await program.execute(`${command} ${FIRST}${passes}`);
      assert.deepEqual([await countHits(session, program), program.end], [expected, END]);
    });
  }

  Deno.test(`a breakpoint whose module never comes (${hosting}) is in nobody's way`, async () => {
    const [own, program] = await launch();
    await using session = own;
    await program.execute("bu nowhere!nothing");
    await program.execute("bu modules!main");
    assert.deepEqual([await countHits(session, program), program.end], [1, END]);
  });

  Deno.test(`a breakpoint that was taken away at its first hit (${hosting}) leaves nothing in a module that comes again`, async () => {
    const [own, program] = await launch();
    await using session = own;
    await program.execute(`bu ${FIRST}`);
    let hits = 0;
    program.on("breakpoint", async () => {
      hits++;
      await program.execute("bc *");
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([hits, program.end], [1, END]);
  });
}
