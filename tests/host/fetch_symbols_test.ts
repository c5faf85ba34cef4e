/** The option `symbols` of a native script, whose engine lives in the Wine host: the cache is a folder of Linux. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, fetchProgramSymbols, launch } from "../../mod.ts";
import { serverOf } from "../symbols/server_support.ts";
import { Bench, ROOT } from "./latch_support.ts";
import { prepareNative, run } from "./native_support.ts";

const { host } = await prepareNative();

/** Opens a session with the option. */
const SCRIPT = join(ROOT, "tests/host/scripts/fetch_symbols.ts");

Deno.test("the engine under Wine finds what was fetched into a folder of Linux, however that is written", async () => {
  await using bench = await Bench.make("faulty");
  const symbols = await Deno.readFile(join(bench.folder, "faulty.pdb"));
  await Deno.remove(join(bench.folder, "faulty.pdb"));
  await using server = serverOf({ "faulty.pdb": symbols });
  const cache = join(bench.folder, "cache");
  const program = host.windowsPath(join(bench.folder, "faulty.exe"));
  for (const [written, outcome] of [[cache, "fetched"], [host.windowsPath(cache), "present"]] as const) {
    await using launched = await launch([program], { symbols: { servers: [server.url], cache: written } });
    const { threadId } = await launched.next("exception");
    const before = await launched.thread(threadId).stack();
    assert.equal(before.every(({ file }) => file === null), outcome === "fetched");
    const fetched = await fetchProgramSymbols(launched);
    assert.deepEqual(
      fetched.filter(({ name }) => name === "faulty.pdb").map((file) => [file.outcome, file.path?.startsWith(cache)]),
      [[outcome, true]],
    );
    const [frame] = await launched.thread(threadId).stack(1);
    assert.match(frame?.symbol ?? "", /^faulty!\w+$/);
    assert.match(frame?.file ?? "", /faulty\.c$/);
  }
});

Deno.test("a script without the right to it is told which flag is missing, before anything is started", async () => {
  const { code, errors } = await run(SCRIPT, [], { rights: ["--allow-run"] });
  assert.equal(code, 1);
  assert.match(errors, /EngineError: .*the option symbols requires --allow-net=127\.0\.0\.1:9, run again with it/);
});

Deno.test("a host elsewhere, a drive of Wine's own, and what is no server or folder are refused", () => {
  const servers = ["http://127.0.0.1:9"];
  const refused = (options: object, error: object): void => assert.throws(() => new DebugSession(options), error);
  refused({ symbols: { servers, cache: "/cache" }, host: ["ssh"] }, /symbols and host do not go together/);
  refused({ symbols: { servers, cache: "C:\\symbols" } }, /a drive of Wine's own; give a folder as Linux has it/);
  refused({ symbols: { servers, cache: "/a;/b" } }, { name: "TypeError" });
  refused({ symbols: { servers, cache: "srv*/a" } }, { name: "TypeError" });
  refused({ symbols: { servers, cache: "" } }, { name: "TypeError" });
  refused({ symbols: { servers: [], cache: "/a" } }, { name: "TypeError" });
  refused({ symbols: { servers: ["srv*https://a"], cache: "/a" } }, /it is no address/);
  refused({ symbols: null }, { name: "TypeError" });
});

Deno.test("a confined script is refused in words", async () => {
  await using bench = await Bench.make();
  const { code, err } = await bench.latch("run", "--no-prompt", "--allow-launch", SCRIPT);
  assert.equal(code, 1, err);
  assert.match(
    err,
    /a confined script fetches no symbols; fetch them before, by `latch symbols fetch`, and give the folder/,
  );
});
