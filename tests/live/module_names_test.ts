/** Modules have one name and one path, in events, lists and symbols, whatever their files are called. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type ModuleInfo, type Program } from "../../mod.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";

/** Loads DLLs into loader.exe, and looks at it when the last is there; gives what events and what the list told. */
async function load(
  hosting: "worker" | "inline",
  program: string,
  paths: readonly string[],
  look: (program: Program, told: readonly ModuleInfo[]) => Promise<void>,
): Promise<void> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  const told: ModuleInfo[] = [];
  session.on("createProcess", ({ module }) => void told.push(module));
  session.on("loadModule", async ({ module, program }) => {
    told.push(module);
    assert.deepEqual((await program.modules()).find(({ base }) => base === module.base), module);
    if (module.imageName === paths.at(-1)) await look(program, told);
  });
  await session.launch([program, ...paths]);
  assert.deepEqual(await session.wait(), { reason: "ended" });
  const loaded = told.filter(({ imageName }) => paths.includes(imageName));
  assert.equal(loaded.length, paths.length);
}

function isIn({ base, size }: ModuleInfo, address: bigint | null): boolean {
  return address !== null && address >= base && address < base + BigInt(size);
}

for (const hosting of hostings) {
  Deno.test(`modules (${hosting}) have the names in events that lists and symbols have`, async () => {
    using folder = scratch();
    for (const name of ["a", "b"]) Deno.mkdirSync(join(folder.path, name));
    const files = ["order-core-3.dll", "a+b.dll", "a\\lib.dll", "b\\lib.dll", "loader.dll"];
    const paths = files.map((file) => join(folder.path, file));
    for (const path of paths) Deno.copyFileSync(debuggee("plugin.dll"), path);
    let looked = 0;
    await load(hosting, debuggee("loader.exe"), paths, async (program, told) => {
      const list = await program.modules();
      for (const module of list) {
        const event = told.find(({ base }) => base === module.base);
        if (module.base === program.image.base) continue; // its name may change when a DLL of that name comes
        assert.deepEqual([module.name, event?.name], [event?.name, module.name]);
        assert.equal(module.imageName.toLowerCase(), event?.imageName.toLowerCase());
        assert.match(module.imageName, /^[A-Z]:\\/i);
      }
      for (const path of paths) {
        const module = told.find(({ imageName }) => imageName === path);
        assert.ok(module, path);
        const answer = await program.addressOf(`${module.name}!plugin_answer`);
        assert.ok(isIn(module, answer), `${module.name}!plugin_answer is in ${path}`);
        const name = await program.nameAt(answer ?? 0n);
        assert.deepEqual(name, { symbol: `${module.name}!plugin_answer`, displacement: 0n });
        looked++;
      }
      const [first] = paths.map((path) => told.find(({ imageName }) => imageName === path));
      assert.ok(first && isIn(first, await program.addressOf("order-core-3!plugin_answer")));
      assert.equal(await program.addressOf("order-core-4!plugin_answer"), null);
    });
    assert.equal(looked, paths.length);
  });

  Deno.test(`a renamed program (${hosting}) is found by its file's name and by that in its symbols`, async () => {
    using folder = scratch();
    const path = join(folder.path, "renamed.exe");
    Deno.copyFileSync(debuggee("spin.exe"), path);
    Deno.copyFileSync(debuggee("spin.pdb"), join(folder.path, "spin.pdb"));
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([path]);
    assert.deepEqual([program.name, program.image.imageName], ["renamed.exe", path]);
    const image = (await program.modules()).find(({ base }) => base === program.image.base);
    assert.deepEqual([image?.imageName, image?.name], [path, program.image.name]);
    assert.equal(image?.name, "renamed");
    const main = await program.addressOf("renamed!main");
    assert.ok(isIn(program.image, main));
    assert.deepEqual(await program.nameAt(main ?? 0n), { symbol: "renamed!main", displacement: 0n });
    for (const name of ["spin!main", "RENAMED!main", "renamed.exe!main"]) {
      assert.equal(await program.addressOf(name), main, name);
    }
    assert.equal(await program.evaluate("renamed!main + 1"), (main ?? 0n) + 1n);
    assert.equal(await program.evaluate("spin!main - renamed.exe!main"), 0n);
    assert.equal(await program.addressOf("renamed!no_such_function"), null);
    await assert.rejects(program.evaluate("unnamed!main + 1"), { name: "EngineError" });
  });

  Deno.test(`a program (${hosting}) that nothing in its file has a name for is called after the file`, async () => {
    using folder = scratch();
    const path = join(folder.path, "no name-1.exe");
    Deno.copyFileSync(debuggee("nameless.exe"), path);
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([path]);
    const { threadId } = await session.next("exception");
    const { name, imageName, base } = program.image;
    assert.deepEqual([name, imageName], ["no_name_1", path]);
    const image = (await program.modules()).find((module) => module.base === base);
    assert.deepEqual([image?.name, image?.imageName], [name, path]);
    const [frame] = await program.thread(threadId).stack();
    assert.deepEqual([frame?.symbol, frame?.displacement], [name, (frame?.address ?? 0n) - base]);
  });
}
