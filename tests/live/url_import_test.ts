import assert from "node:assert/strict";
import { join } from "node:path";
import { debuggee, engineFolder, scratch } from "./support.ts";

const ROOT = new URL("../../", import.meta.url);

/** A program that gets the library's address, and at run time the debuggee and the engine's folder. */
function script(library: string): string {
  return `import { launch } from "${library}";
const [program = "", engine = ""] = Deno.args;
await using debugged = await launch([program], {
  engine,
  on: { loadModule: (event) => console.log("loaded", event.module.name) },
});
console.log((await debugged.wait()).reason);
`;
}

/** All that is fetched of the library. */
const LIBRARY = ["mod.ts", "lib/generated/mod.js"];

/** Serves mod.ts, lib/ and a script as a web server would, and notes what it was asked for. */
function serve(): { readonly origin: string; readonly asked: string[] } & AsyncDisposable {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen(): void {} },
    async (request): Promise<Response> => {
      const path = new URL(request.url).pathname.slice(1);
      asked.push(path);
      const headers = { "content-type": path.endsWith(".js") ? "text/javascript" : "application/typescript" };
      if (path === "entry.ts") return new Response(script("./mod.ts"), { headers });
      if (!/^(mod|lib\/[\w/]+)\.[tj]s$/.test(path)) return new Response(null, { status: 404 });
      return new Response(await Deno.readTextFile(new URL(path, ROOT)), { headers });
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Runs a script by a Deno with a cache of its own: no module is there yet. */
async function run(flags: readonly string[], entry: string): Promise<string[]> {
  using cache = scratch();
  const args = ["run", "--no-prompt", "--no-check", ...flags, entry, debuggee("modules.exe"), engineFolder()];
  const env = { DENO_DIR: cache.path, NO_PROXY: "127.0.0.1", NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout).trim().split(/\r?\n/);
}

function assertLoads(lines: readonly string[]): void {
  assert.ok(lines.includes("loaded kernel32"), lines.join("\n"));
  assert.ok(lines.includes("loaded plugin"), lines.join("\n"));
  assert.equal(lines.at(-1), "ended");
}

Deno.test("a local script that imports mod.ts by URL debugs with --allow-ffi and the right to import", async () => {
  await using server = serve();
  using folder = scratch();
  const entry = join(folder.path, "script.ts");
  await Deno.writeTextFile(entry, script(`${server.origin}/mod.ts`));
  assertLoads(await run(["--allow-ffi", `--allow-import=${new URL(server.origin).host}`], entry));
  assert.deepEqual(server.asked, LIBRARY);
});

Deno.test("a script that is itself run by URL debugs with --allow-ffi alone", async () => {
  await using server = serve();
  assertLoads(await run(["--allow-ffi"], `${server.origin}/entry.ts`));
  assert.deepEqual(server.asked, ["entry.ts", ...LIBRARY]);
});
