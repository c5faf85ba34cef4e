/** Dumps through the Wine host of a native Deno, by their paths on Linux. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { launch, openDump } from "../../mod.ts";
import { prepareNative } from "./native_support.ts";

const { debuggee } = await prepareNative();

Deno.test("a dump is opened by its path on Linux; a script does not stay for it, and another host has another one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latch dump ä-" });
  try {
    const path = join(folder, "faulty.dmp");
    await using program = await launch([debuggee("faulty.exe")]);
    while ((await program.next("exception")).firstChance);
    await program.writeDump(`Z:${path.replaceAll("/", "\\")}`);
    const symbolPath = dirname(debuggee("faulty.exe").replaceAll("\\", "/")).replaceAll("/", "\\");
    await using dump = await openDump(path, { symbolPath });
    await using again = await openDump(path, { symbolPath });
    for (const { thread } of [dump, again].map((each) => ({ thread: each.thread() }))) {
      const [frame] = await thread.stack();
      assert.deepEqual([frame?.symbol, frame?.line], ["faulty!write_price", 3]);
      const locals = await thread.locals();
      const values = await Promise.all(locals.map(async ({ name, value }) => [name, await value?.read()]));
      assert.deepEqual(values, [["price", 0n], ["value", 6]]);
    }
    assert.equal((await dump.threads())[0]?.threadId, dump.exception?.threadId);
    await assert.rejects(openDump(join(folder, "none.dmp")), {
      name: "EngineError",
      kind: "failed",
      message: /^Cannot open the dump .*none\.dmp: it is not there, /,
    });
    const script = `import { openDump } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
const dump = await openDump(Deno.args[0]);
console.log(dump.name);`;
    await Deno.writeTextFile(join(folder, "forgets.ts"), script);
    const args = ["run", "--allow-run", "--allow-env", "--no-check", join(folder, "forgets.ts"), path];
    const forgetting = new Deno.Command(Deno.execPath(), { args, stdin: "null" });
    const { code, stdout, stderr } = await forgetting.output();
    assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, "faulty.exe\n"], new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
