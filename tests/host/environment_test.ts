/** Wine starts whatever the user's environment is, and what is launched gets the user's variables. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { removeTree } from "../../lib/cli/host/cache.ts";
import { chooseWine, prefixFolder, userCache } from "../../lib/cli/host/host.ts";
import { stopWine } from "../../lib/cli/host/wine.ts";
import { wrapperPath } from "../../lib/cli/host/wrapper.ts";
import { SURROUNDINGS } from "./environment_support.ts";
import { Bench, ROOT } from "./latch_support.ts";

const bench = await Bench.make("dbghelp");
const folder = join(bench.folder, "tmp");
Deno.mkdirSync(folder);
globalThis.addEventListener("unload", () => Deno.removeSync(bench.folder, { recursive: true }));

const env = { ...SURROUNDINGS, TMPDIR: folder };

/** What no Windows program gets. */
const KEPT_BACK = /^(TMPDIR|DISPLAY|WAYLAND_DISPLAY|LD_.*|MALLOC_.*|GLIBC_.*|LOCPATH|WINESERVER|WINEDLLPATH)$/;
/** What Latch and Wine have values of their own for, and names that no shell hands on. */
const CHANGED = /^(LANG|TEMP|TMP|OS|USERNAME|XDG_SESSION_TYPE|QT_.*|WINEPREFIX|WINEARCH|WINELOADER|.*[^A-Za-z0-9_].*)$/;

/** A Wine prefix that is not there yet; disposal removes it. */
function newPrefix(): { readonly number: number; readonly script: string } & AsyncDisposable {
  const number = 1_000_000 + Deno.pid;
  const cache = userCache();
  const script = wrapperPath(cache, number);
  return {
    ...{ number, script },
    async [Symbol.asyncDispose](): Promise<void> {
      const wine = await chooseWine(cache, number);
      await stopWine(wine);
      for (const path of [prefixFolder(cache, number), wine.denoDir, script]) await removeTree(path);
    },
  };
}

/** The variables that a launched program finds. */
async function launchedWith(host: string, more: Record<string, string>): Promise<Record<string, string>> {
  const { success, stdout } = await new Deno.Command(host, { args: ["eval", "console.log(Deno.execPath())"] }).output();
  assert.ok(success);
  const deno = new TextDecoder().decode(stdout).trim();
  const print = "console.log('\\n' + JSON.stringify(Deno.env.toObject()))";
  const args = ["launch", "--on", "exception", deno, "eval", print];
  const options = { env: { ...more, LATCH_HOST: host }, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const output = await bench.command(args, options).output();
  const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(output.code, 0, `${out}${err}`);
  return JSON.parse(out?.split("\n").find((line) => line.startsWith("{")) ?? "");
}

Deno.test("set-up works with every variable of a desktop, a runner and a batch system, and so does a launch in what it made", async () => {
  await using prefix = newPrefix();
  const args = ["run", "-A", "--no-check", join(ROOT, "scripts/dev/host.ts"), "prepare"];
  const setUp = new Deno.Command(Deno.execPath(), { args, env: { ...env, LATCH_PREFIX: `${prefix.number}` } });
  const { success, stdout, stderr } = await setUp.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /^wine host ready/);
  const found = await launchedWith(prefix.script, env);
  const expected = Object.entries(SURROUNDINGS).filter(([name]) => !KEPT_BACK.test(name) && !CHANGED.test(name));
  assert.ok(expected.length > 40);
  for (const [name, value] of expected) assert.equal(found[name] ?? found[name.toUpperCase()], value, name);
  assert.deepEqual(Object.keys(found).filter((name) => KEPT_BACK.test(name)), []);
  assert.equal(found.OS, "Windows_NT");
  assert.match(found.TEMP ?? "", /^C:\\users\\latch/);
});

Deno.test("a launch alone works there too, where Wine sleeps or not", async () => {
  const wine = await chooseWine(userCache(), Number(Deno.env.get("LATCH_PREFIX") ?? 1));
  await stopWine(wine);
  for (const state of ["asleep", "awake"]) {
    assert.equal((await launchedWith(bench.env.LATCH_HOST ?? "", env)).CI, "true", state);
  }
});

Deno.test("which of the DLLs are Wine's, the user may say by Wine's own variable", async () => {
  const run = async (overrides: string): Promise<number> => {
    const options = { env: { WINEDLLOVERRIDES: overrides }, stdin: "null", stdout: "null", stderr: "null" } as const;
    return (await bench.command(["launch", "dbghelp.exe"], options).output()).code;
  };
  assert.equal(await run("dbghelp=b"), 4); // no engine: its process is told so as well
  assert.equal(await run("dbghelp=n,b"), 44);
  assert.notEqual(await run("dbghelp=n"), 44);
});
