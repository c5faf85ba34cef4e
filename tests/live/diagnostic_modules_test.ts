import assert from "node:assert/strict";
import { join } from "node:path";
import { auditModules, type LoadedModule, type ModuleFinding, rights } from "../../scripts/modules.ts";
import { isWritable } from "../../scripts/shared/places.ts";
import { some } from "../count.ts";
import { checkUsage, type JsonLine, runDiagnostic, runJson, startReady } from "./diagnostic_support.ts";
import { debuggee, hostings, scratch } from "./support.ts";

/**
 * A folder with the program, a DLL with the name of one of Windows' and one with a name of its own; and another folder
 * with a DLL.
 */
function scene(): { readonly home: string; readonly app: string; readonly elsewhere: string } & Disposable {
  const folder = scratch();
  const [home, elsewhere] = [join(folder.path, "home"), join(folder.path, "elsewhere")];
  for (const path of [home, elsewhere]) Deno.mkdirSync(path);
  const app = join(home, "app.exe");
  Deno.copyFileSync(debuggee("loader.exe"), app);
  for (const file of ["home\\version.dll", "home\\own.dll", "elsewhere\\other.dll"]) {
    Deno.copyFileSync(debuggee("plugin.dll"), join(folder.path, file));
  }
  return { home, app, elsewhere, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

function shape(findings: readonly ModuleFinding[] | readonly JsonLine[]): unknown[] {
  return (findings as readonly Partial<JsonLine>[]).map((finding) => [
    finding["rule"],
    finding["module"],
    String(finding["folder"]).toLowerCase(),
  ]);
}

for (const hosting of some(hostings, 1)) {
  const session = { hosting };

  Deno.test(`the module audit (${hosting}) finds the DLL with a system DLL's name beside the program`, async () => {
    using folder = scene();
    const { findings, modules } = await auditModules({ launch: [folder.app, "version.dll", "own.dll"] }, { session });
    assert.deepEqual(shape(findings), [["system-name", "version.dll", folder.home.toLowerCase()]]);
    const others = modules.filter(({ isSystem }) => !isSystem).map(({ file }) => file);
    assert.deepEqual(others, ["app.exe", "version.dll", "own.dll"]);
  });

  Deno.test(`the module audit (${hosting}) gives no false alarm for a program's own DLLs`, async () => {
    using folder = scene();
    const own = await auditModules({ launch: [folder.app, "own.dll"], directory: folder.elsewhere }, { session });
    assert.deepEqual(own.findings, []);
    const plugin = await auditModules({ launch: [debuggee("modules.exe"), "3"] }, { session });
    assert.deepEqual(plugin.findings, []);
    assert.ok(plugin.modules.some(({ file }) => file === "plugin.dll"));
  });

  Deno.test(`the module audit (${hosting}) looks at a process that runs`, async () => {
    using folder = scene();
    await using target = await startReady(folder.app, ["--wait", join(folder.home, "version.dll")], "loaded 1");
    const { findings } = await auditModules({ attach: target.pid }, { session });
    assert.deepEqual(shape(findings), [["system-name", "version.dll", folder.home.toLowerCase()]]);
    assert.deepEqual((await auditModules({ attach: target.pid }, { session, allow: ["*\\HOME\\*"] })).findings, []);
  });
}

Deno.test("the module audit finds a DLL in a folder where others can write, or the working folder", async () => {
  using folder = scene();
  const other = join(folder.elsewhere, "other.dll");
  const { findings } = await auditModules({ launch: [folder.app, other] });
  assert.deepEqual(shape(findings), [["writable", "other.dll", folder.elsewhere.toLowerCase()]]);
  const work = debuggee("").replace(/[\\/]+$/, "");
  const working = await auditModules({ launch: [folder.app, "plugin.dll"], directory: work });
  // The debuggees are in the cache, wherever that is.
  const kind = isWritable(join(work, "plugin.dll")) ? "writable" : "working-folder";
  assert.deepEqual(shape(working.findings), [[kind, "plugin.dll", work.toLowerCase()]]);
});

Deno.test("the module audit keeps to rules about paths", async () => {
  using folder = scene();
  const launch = [folder.app, "own.dll", join(folder.elsewhere, "other.dll")];
  const denied = await auditModules({ launch }, { deny: ["*\\own.dll"], allow: ["*\\other.dll"] });
  assert.deepEqual(shape(denied.findings), [["denied", "own.dll", folder.home.toLowerCase()]]);
  const others = await auditModules({ launch: launch.slice(0, 2) }, { allow: ["C:\\nowhere\\*"] });
  assert.deepEqual(shape(others.findings), [["not-allowed", "own.dll", folder.home.toLowerCase()]]);
});

Deno.test("the module audit tells what differs from a former run", async () => {
  using folder = scene();
  const audit = async (
    args: string[],
    baseline?: readonly LoadedModule[],
  ): Promise<Awaited<ReturnType<typeof auditModules>>> =>
    await auditModules({ launch: [folder.app, ...args] }, { allow: ["*"], ...(baseline ? { baseline } : {}) });
  const { modules } = await audit(["own.dll"]);
  assert.deepEqual((await audit(["own.dll"], modules)).findings, []);
  const [home, elsewhere] = [folder.home.toLowerCase(), folder.elsewhere.toLowerCase()];
  assert.deepEqual(shape((await audit([], modules)).findings), [["gone", "own.dll", home]]);
  const added = await audit(["own.dll", join(folder.elsewhere, "other.dll")], modules);
  assert.deepEqual(shape(added.findings), [["new", "other.dll", elsewhere]]);
  Deno.copyFileSync(debuggee("plugin.dll"), join(folder.elsewhere, "own.dll"));
  const moved = await audit([join(folder.elsewhere, "own.dll")], modules);
  assert.deepEqual(shape(moved.findings), [["moved", "own.dll", elsewhere]]);
  const other = modules.map((module) => module.file === "own.dll" ? { ...module, timestamp: 1 } : module);
  assert.deepEqual(shape((await audit(["own.dll"], other)).findings), [["changed", "own.dll", home]]);
});

Deno.test("modules.ts as a program tells of a planted DLL, and compares with what it wrote before", async () => {
  using folder = scene();
  const clean = await runJson("modules", [folder.app, "own.dll"]);
  assert.deepEqual([clean.code, clean.findings], [0, []]);
  const baseline = join(folder.home, "baseline.json");
  Deno.writeTextFileSync(baseline, clean.lines.map((line) => JSON.stringify(line)).join("\r\n"));
  const compared = [`--baseline=${baseline}`, folder.app, "own.dll"];
  const same = await runDiagnostic("modules", compared, [`--allow-read=${baseline}`]);
  assert.match(
    same.text,
    /^loaded 1\napp\.exe \(\d+\): \d+ modules, 2 of them not of Windows\n {4}\S+app\.exe\n {4}\S+own\.dll\nnothing found\n$/,
  );
  assert.deepEqual([same.code, same.errors], [0, ""]);
  const planted = await runJson("modules", [...compared, "version.dll"], [`--allow-read=${baseline}`]);
  assert.equal(planted.code, 1);
  const home = folder.home.toLowerCase();
  assert.deepEqual(shape(planted.findings), [["system-name", "version.dll", home], ["new", "version.dll", home]]);
  const text = await runDiagnostic("modules", [folder.app, "version.dll"]);
  assert.match(text.text, /^app\.exe loaded version\.dll from \S+home, and it has the name of a DLL of Windows$/m);
  assert.equal((await runDiagnostic("modules", compared)).code, 2, "without --allow-read");
});

Deno.test("modules.ts as a program says how it is used", () => checkUsage("modules", rights));
