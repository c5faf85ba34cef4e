/** The option `symbols`: names and lines of a program whose PDB is on a symbol server alone. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, fetchProgramSymbols, FileError, launch, StateError } from "../../mod.ts";
import { serverOf, SymbolServer } from "../symbols/server_support.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

const engine = engineFolder();
const symbols = await Deno.readFile(debuggee("threads.pdb"));

/** A copy of a program, without its symbols. */
async function alone(folder: string, name = "threads.exe"): Promise<string> {
  const path = join(folder, name);
  await Deno.copyFile(debuggee("threads.exe"), path);
  return path;
}

for (const hosting of hostings) {
  Deno.test(`what was fetched is found by the engine, also where it has looked before (${hosting})`, async () => {
    using folder = scratch();
    await using server = serverOf({ "threads.pdb": symbols });
    const cache = join(folder.path, "the cache");
    for (const [name, outcome] of [["threads.exe", "fetched"], ["of another name.exe", "present"]] as const) {
      const options = { engine, hosting, symbols: { servers: [server.url], cache } };
      await using program = await launch([await alone(folder.path, name)], options);
      const stem = name.replace(".exe", "");
      const [module] = await program.modules();
      const base = module?.base ?? 0n;
      if (outcome === "fetched") assert.equal(await program.addressOf(`${stem}!main`), null);
      const progress: string[] = [];
      const fetched = await fetchProgramSymbols(program, {
        onProgress: ({ file, received, total }) => void progress.push(`${file.name} ${received === total}`),
      });
      const own = fetched.filter(({ module }) => module === name);
      assert.deepEqual(own.map((file) => [file.name, file.outcome]), [["threads.pdb", outcome]]);
      assert.equal(progress.at(-1), outcome === "fetched" ? "threads.pdb true" : undefined);
      assert.deepEqual((await program.modules())[0], module);
      const main = await program.addressOf(`${stem}!main`);
      assert.ok(main !== null && main > base, `${main}`);
      await program.execute(`bp ${stem}!main`);
      const { threadId } = await program.next("breakpoint");
      const [frame] = await program.thread(threadId).stack(1);
      assert.equal(frame?.symbol, `${module?.name}!main`);
      assert.match(frame?.file ?? "", /threads\.c$/);
      assert.ok(frame?.line);
    }
  });
}

Deno.test("a server that fails, or has nothing, is told, and the session works on", async () => {
  using folder = scratch();
  await using nothing = serverOf({});
  await using broken = new SymbolServer(() => new Response("none", { status: 403 }));
  const symbols = { servers: [nothing.url, broken.url], cache: join(folder.path, "cache") };
  await using program = await launch([await alone(folder.path)], { engine, symbols });
  const own = (await fetchProgramSymbols(program)).filter(({ module }) => module === "threads.exe");
  assert.deepEqual(own.map(({ outcome }) => outcome), ["failed"]);
  assert.match(own[0]?.reason ?? "", /it answers 403/);
  assert.equal((await program.run()).reason, "exited");
  await assert.rejects(fetchProgramSymbols(program), (error) => error instanceof StateError);
});

Deno.test("it is ended by its signal; the program stays", async () => {
  using folder = scratch();
  const controller = new AbortController();
  await using server = new SymbolServer(() => {
    controller.abort();
    return new Response("late");
  });
  const options = { servers: [server.url], cache: join(folder.path, "cache") };
  await using program = await launch([await alone(folder.path)], { engine, symbols: options });
  await assert.rejects(fetchProgramSymbols(program, { signal: controller.signal }), { name: "AbortError" });
  assert.equal(program.state, "stopped");
  assert.ok((await program.threads()).length > 0);
});

Deno.test("a program without the option, and a store that the engine finds nothing in, are refused", async () => {
  using folder = scratch();
  const path = await alone(folder.path);
  {
    await using program = await launch([path], { engine });
    await assert.rejects(fetchProgramSymbols(program), /its session has no option symbols; give symbols: \{/);
  }
  const cache = join(folder.path, "two tiers");
  await Deno.mkdir(cache);
  await Deno.writeTextFile(join(cache, "index2.txt"), "");
  await using program = await launch([path], { engine, symbols: { servers: ["http://127.0.0.1:9"], cache } });
  await assert.rejects(
    fetchProgramSymbols(program),
    (error) => error instanceof FileError && error.kind === "not-supported" && /index2\.txt/.test(error.message),
  );
});

Deno.test("a program of a process server: what its memory says is fetched to where the engine is", async () => {
  using folder = scratch();
  using other = await serve();
  await using server = serverOf({ "threads.pdb": symbols });
  const options = { servers: [server.url], cache: join(folder.path, "cache") };
  await using connection = await connect(other.address, { engine, symbols: options });
  const { session, port } = connection;
  await using program = await session.launch([await alone(folder.path)], { port });
  assert.equal(await program.addressOf("threads!main"), null);
  const own = (await fetchProgramSymbols(program)).filter(({ module }) => module === "threads.exe");
  assert.deepEqual(own.map(({ outcome }) => outcome), ["fetched"]);
  assert.notEqual(await program.addressOf("threads!main"), null);
});

Deno.test("once bytes come the program may run; it is not held for a server", async () => {
  using folder = scratch();
  const asked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  await using server = new SymbolServer(async (name) => {
    if (name !== "threads.pdb") return new Response("none", { status: 404 });
    asked.resolve();
    await end.promise;
    return new Response(symbols);
  });
  const options = { servers: [server.url], cache: join(folder.path, "cache") };
  await using program = await launch([await alone(folder.path)], { engine, symbols: options });
  const fetching = fetchProgramSymbols(program);
  await asked.promise;
  assert.equal((await program.run()).reason, "exited");
  end.resolve();
  const own = (await fetching).filter(({ module }) => module === "threads.exe");
  assert.deepEqual(own.map(({ outcome }) => outcome), ["fetched"]);
});
