/** Breakpoints and lookups that call a module as its file is called, where the engine or the file itself call it otherwise. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type Program } from "../../mod.ts";
import { countHits } from "./hit_support.ts";
import { startHeartbeat } from "./heartbeat_support.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

const CALLS = 7;

/** A copy of hits.exe under a name that no name in the engine is like. */
function renamed(folder: string): string {
  const path = join(folder, "odd-name, 1=x.exe");
  Deno.copyFileSync(debuggee("hits.exe"), path);
  Deno.copyFileSync(debuggee("hits.pdb"), join(folder, "hits.pdb"));
  return path;
}

async function assertCalledAfterFile(program: Program, name: string, path: string): Promise<void> {
  const { base } = program.image;
  const listed = (await program.modules()).find((module) => module.base === base);
  assert.deepEqual([program.image.name, program.image.imageName], [name, path]);
  assert.deepEqual([listed?.name, listed?.imageName], [name, path]);
}

for (const hosting of hostings) {
  const options = { hosting, engine: engineFolder() };

  Deno.test(`a breakpoint (${hosting}) hits by each name of a renamed program, also in its commands`, async () => {
    using folder = scratch();
    const path = renamed(folder.path);
    for (
      const command of [
        "bp odd_name__1_x!tick",
        "bp odd-name, 1=x!tick",
        "bu ODD-NAME, 1=X.exe!tick",
        "bp hits!tick",
        "bm hits!tic?",
        '.if (hits!tick == odd-name, 1=x!tick) { bp odd_name__1_x!tick; .echo "hits!" }',
        'bp hits!tick ".if (hits!tick!=@rip) { gc }"',
      ]
    ) {
      await using session = new DebugSession(options);
      const program = await session.launch([path, String(CALLS)]);
      await assertCalledAfterFile(program, "odd_name__1_x", path);
      await program.execute(command);
      assert.equal(await countHits(session, program), CALLS, command);
    }
  });

  Deno.test(`a breakpoint (${hosting}) waits for a DLL by the name of its file`, async () => {
    using folder = scratch();
    const paths = ["a-b.dll", "last.dll"].map((name) => join(folder.path, name));
    for (const path of paths) Deno.copyFileSync(debuggee("plugin.dll"), path);
    await using session = new DebugSession(options);
    const program = await session.launch([debuggee("loader.exe"), ...paths]);
    await program.execute("bu a-b!plugin_answer; bp a-b.dll!plugin_answer");
    let looked = "";
    session.on("loadModule", async ({ module, program }) => {
      if (module.imageName !== paths[1]) return;
      const address = await program.addressOf("a_b!plugin_answer");
      assert.equal(await program.addressOf("a-b!plugin_answer"), address);
      looked = address?.toString(16).padStart(16, "0") ?? "";
      const list = (await program.execute("bl")).replaceAll("`", "");
      assert.equal(list.split(looked).length, 3, list);
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.notEqual(looked, "");
  });

  Deno.test(`a failed lookup (${hosting}) says which module is not there, or which are`, async () => {
    using folder = scratch();
    const paths = ["one", "two"].map((name) => join(folder.path, name, "odd-lib.dll"));
    for (const path of paths) {
      Deno.mkdirSync(join(path, ".."));
      Deno.copyFileSync(debuggee("plugin.dll"), path);
    }
    await using session = new DebugSession(options);
    const program = await session.launch([debuggee("loader.exe"), ...paths]);
    await assert.rejects(program.evaluate("unnamed!main + 1"), /; no module is called unnamed \[/);
    const missing = await program.evaluate("loader!no_such").catch(String);
    assert.ok(String(missing).includes("modules() ["), String(missing));
    let advice = "";
    session.on("exitProcess", async ({ program }) => {
      const names = (await program.modules()).flatMap(({ name, imageName }) => paths.includes(imageName) ? [name] : []);
      advice = `Cannot tell which module odd-lib is: several have files of that name; write ${names.join(" or ")}`;
      assert.equal(names.length, 2);
      for (
        const look of [
          program.evaluate("odd-lib!plugin_answer"),
          program.addressOf("odd-lib!plugin_answer"),
          program.execute("bp odd-lib!plugin_answer"),
        ]
      ) await assert.rejects(look, { name: "EngineError", kind: "failed", message: advice });
      assert.equal(await program.addressOf("odd-lib!none").catch((error: Error) => error.message), advice);
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.notEqual(advice, "");
  });

  Deno.test(`a program (${hosting}) that was attached to is called after its file`, async () => {
    await using beat = startHeartbeat();
    await using session = new DebugSession(options);
    const program = await session.attach(beat.pid);
    const stem = beat.name.replace(".exe", "");
    assert.equal(program.image.name, stem.replaceAll("-", "_"));
    const main = await program.addressOf(`${program.image.name}!main`);
    assert.notEqual(main, null);
    assert.equal(await program.addressOf(`${stem}!main`), main);
    await program.execute(`bp ${stem}!main`);
    const list = (await program.execute("bl")).replaceAll("`", "");
    assert.ok(list.includes(main?.toString(16).padStart(16, "0") ?? ""), list);
  });
}

Deno.test("a program of a process server is called after its file, which it tells itself", async () => {
  using folder = scratch();
  using server = await serve();
  const path = renamed(folder.path);
  const symbolPath = [folder.path, join(debuggee("heartbeat.exe"), "..")].join(";"); // it does not look beside the files there
  await using session = new DebugSession({ engine: engineFolder(), symbolPath });
  const port = await session.connect(server.address);
  const program = await session.launch([path, String(CALLS)], { port });
  await assertCalledAfterFile(program, "odd_name__1_x", path);
  await program.execute("bp odd-name, 1=x!tick");
  assert.equal(await countHits(session, program), CALLS);
  await using beat = startHeartbeat();
  const attached = await session.attach(beat.pid, { port });
  const stem = beat.name.replace(".exe", "");
  assert.equal(attached.image.name, stem.replaceAll("-", "_"));
  const main = await attached.addressOf(`${stem}!main`);
  assert.notEqual(main, null);
  await attached.execute(`bp ${stem}!main`);
  assert.ok((await attached.execute("bl")).replaceAll("`", "").includes(main?.toString(16) ?? "?"));
  await attached.detach();
});
