/** The ready-made diagnostics natively on Linux: confined to exactly the rights that they declare, and by themselves. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { rights as crashRights } from "../../scripts/crash.ts";
import { rights as hangRights } from "../../scripts/hang.ts";
import { rights as moduleRights } from "../../scripts/modules.ts";
import { rights as treeRights } from "../../scripts/tree.ts";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { some } from "../count.ts";
import { prepareNative, type Result, run } from "./native_support.ts";

const { host, debuggee } = await prepareNative();

type Line = Readonly<Record<string, unknown>>;

/** Runs a diagnostic confined to some rights. */
async function confined(name: string, rights: readonly string[], args: readonly string[]): Promise<Result> {
  const words = ["run", "--no-prompt", ...rights, `scripts/${name}.ts`, ...args];
  return await run("lib/cli/latch.ts", words, { rights: ["-A"], cwd: join(import.meta.dirname ?? "", "..", "..") });
}

/** The same with `--json`; gives its findings. */
async function findings(
  name: string,
  rights: readonly string[],
  args: readonly string[],
): Promise<{ readonly code: number; readonly list: Line[]; readonly lines: Line[] }> {
  const { code, text, errors } = await confined(name, rights, ["--json", ...args]);
  assert.match(errors, /^\S+ declares that it needs [^\n]+ \(given\)\n/); // then what the program itself prints
  const lines = text.split("\n").filter((line) => line.startsWith('{"type":')).map((line): Line => JSON.parse(line));
  assert.equal(lines.at(-1)?.["type"], "end");
  return { code, list: lines.filter(({ type }) => type === "finding"), lines };
}

function pick(list: readonly Line[], ...names: readonly string[]): unknown[][] {
  return list.map((line) => names.map((name) => line[name]));
}

async function inScratch(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts hang.exe without a debugger, and ends it. */
async function withHang(mode: string, action: (pid: string) => Promise<void>): Promise<void> {
  const options = { stdin: "null", stdout: "piped", stderr: "null" } as const;
  const child = host.command(debuggee("hang.exe"), [mode], options).spawn();
  let text = "";
  let pid = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    [, pid = ""] = /^ready (\d+)\r?\n/.exec(text) ?? [];
    if (pid) break;
  }
  try {
    await action(pid);
  } finally {
    await host.command("taskkill.exe", ["/f", "/pid", pid], { stdout: "null", stderr: "null" }).output();
    await child.status;
  }
}

Deno.test("the confined crash catcher finds the crash, writes its dump, and gives no false alarm", async () => {
  await inScratch(async (folder) => {
    const args = [`--dump=${host.windowsPath(folder)}`, debuggee("crash.exe")];
    const { code, list } = await findings("crash", crashRights, args);
    const [crash] = pick(list, "name", "module", "function", "dumpError");
    assert.deepEqual(crash, ["STATUS_ACCESS_VIOLATION", "crash", "write_through", undefined]);
    const file = String(list[0]?.["dump"]).split("\\").at(-1) ?? "";
    assert.equal(new TextDecoder().decode((await Deno.readFile(join(folder, file))).subarray(0, 4)), "MDMP");
    assert.deepEqual([code, list.length], [1, 1]);
  });
  const healthy = await findings("crash", crashRights, [debuggee("crash.exe"), "--handled"]);
  assert.deepEqual([healthy.code, healthy.list], [3, []]);
});

Deno.test("the confined hang finder finds the deadlock, and gives no false alarm", async () => {
  const quick = ["--samples=3", "--interval=300"];
  await withHang("deadlock", async (pid) => {
    const { code, list } = await findings("hang", hangRights, [...quick, `--attach=${pid}`]);
    const places = pick(list, "state", "module", "function").sort((one, other) => `${one}` < `${other}` ? -1 : 1);
    assert.deepEqual(places, [["lock", "hang", "ship_order"], ["lock", "hang", "take_stock"]]);
    assert.equal(code, 1);
  });
  await withHang("idle", async (pid) => {
    const { code, list } = await findings("hang", hangRights, [...quick, `--attach=${pid}`]);
    assert.deepEqual([code, list], [0, []]);
  });
});

Deno.test("the confined module audit finds the planted DLL, and compares with a former run", async () => {
  await inScratch(async (folder) => {
    const built = await buildDebuggees(host, () => {});
    const copies = [["loader.exe", "app.exe"], ["plugin.dll", "version.dll"], ["plugin.dll", "own.dll"]] as const;
    for (const [from, to] of copies) await Deno.copyFile(join(built, from), join(folder, to));
    const app = host.windowsPath(join(folder, "app.exe"));
    const healthy = await findings("modules", moduleRights, [app, "own.dll"]);
    assert.deepEqual([healthy.code, healthy.list], [0, []]);
    const baseline = join(folder, "baseline.json");
    await Deno.writeTextFile(baseline, healthy.lines.map((line) => JSON.stringify(line)).join("\n"));
    const { code, list } = await findings("modules", [...moduleRights, `--allow-read=${baseline}`], [
      ...[`--baseline=${baseline}`, app, "own.dll", "version.dll"],
    ]);
    const where = host.windowsPath(folder).toLowerCase();
    assert.deepEqual(
      pick(list, "rule", "module", "folder").map(([rule, module, path]) => [rule, module, `${path}`.toLowerCase()]),
      [["system-name", "version.dll", where], ["new", "version.dll", where]],
    );
    assert.equal(code, 1);
  });
});

Deno.test("the confined process-tree watch tells of children, and finds the forbidden one", async () => {
  await inScratch(async (folder) => {
    const tree = [debuggee("tree.exe"), host.windowsPath(join(folder, "tree.txt")), "1", "2"];
    const healthy = await findings("tree", treeRights, ["--expect=tree.exe", ...tree]);
    const ends = pick(healthy.lines.filter(({ type }) => type === "processEnd"), "name", "depth", "exitCode");
    assert.deepEqual(ends, [["tree.exe", 1, 1], ["tree.exe", 1, 1], ["tree.exe", 0, 0]]);
    assert.deepEqual([healthy.code, healthy.list], [0, []]);
    const { code, list } = await findings("tree", treeRights, ["--expect=absent.exe", ...tree]);
    assert.deepEqual([code, pick(list, "rule", "pattern")], [1, [["missing", "absent.exe"]]]);
  });
});

Deno.test("a diagnostic that lacks its right says which one, and has looked at nothing", async () => {
  const cases: [string, string[], RegExp][] = [
    [
      "crash",
      [debuggee("crash.exe")],
      /^error: Requires launch access to "[^"]+crash\.exe", run again with '?--allow-launch=/m,
    ],
    ["modules", [debuggee("modules.exe")], /^error: Requires launch access to /m],
    ["tree", [debuggee("tree.exe")], /^error: Requires launch access to /m],
    ["hang", ["--attach=hang.exe"], /^error: Requires attach access to /m],
  ];
  for (const [name, args, message] of some(cases, 2)) {
    const { code, text, errors } = await confined(name, [], args);
    assert.match(errors, message);
    assert.deepEqual([code, text], [2, ""]);
  }
});

Deno.test("the diagnostics run natively by themselves, with --allow-run alone", async () => {
  const crash = await run("scripts/crash.ts", [debuggee("crash.exe")]);
  assert.match(
    crash.text,
    /^crash\.exe \(\d+\) crashed of \w+, writing to 0x0, in crash!write_through \(crash\.c:\d+\)\n/,
  );
  assert.deepEqual([crash.code, crash.errors], [1, ""]);
  await withHang("spin", async (pid) => {
    const hang = await run("scripts/hang.ts", ["--samples=3", "--interval=300", `--attach=${pid}`]);
    assert.match(hang.text, /^hang\.exe: thread \d+ is busy in hang!spin_for_ever \(hang\.c:\d+\) in all 3 samples\n/);
    assert.deepEqual([hang.code, hang.errors], [1, ""]);
  });
});
