import assert from "node:assert/strict";
import { shownPath } from "../../lib/remote/wine_paths.ts";
import { compare, judge, type LoadedModule, type RuleContext } from "../../scripts/shared/module_rules.ts";

const CONTEXT: RuleContext = {
  ...{ program: "app.exe", processId: 7, image: 0x1000n, home: "c:\\app", directory: "d:\\work", allow: [], deny: [] },
  shown: (path) => path,
};

/** The rules that a module at a path breaks. */
function rules(path: string, context: Partial<RuleContext> = {}, more: Partial<LoadedModule> = {}): string[] {
  const file = path.split("\\").at(-1)?.toLowerCase() ?? "";
  const module = {
    type: "module",
    file,
    path,
    base: 0x2000n,
    size: 1,
    checksum: 0,
    timestamp: 0,
    isSystem: false,
  } as const;
  return judge({ ...module, ...more }, { ...CONTEXT, ...context }).map(({ rule }) => rule);
}

Deno.test("a module from another machine is found, unless the program itself is from there", () => {
  assert.deepEqual(rules("\\\\lab7\\share\\planted.dll"), ["remote"]);
  assert.deepEqual(rules("\\\\lab7\\tools\\own.dll", { home: "\\\\lab7\\tools" }), []);
  assert.deepEqual(rules("\\\\lab7\\tools\\plugins\\own.dll", { home: "\\\\lab7\\tools" }), []);
  assert.deepEqual(rules("\\\\lab7\\other\\planted.dll", { home: "\\\\lab7\\tools" }), ["remote"]);
  assert.deepEqual(rules("\\\\lab7\\share\\planted.dll", { home: "" }), ["remote"], "where its folder is not known");
});

Deno.test("a module is found where others can put files, unless the program itself is there", () => {
  const path = "C:\\Users\\me\\AppData\\Local\\Temp\\x\\a.dll";
  assert.deepEqual(rules(path), ["writable"]);
  assert.deepEqual(rules(path, { home: "c:\\users\\me\\appdata\\local\\temp\\x" }), []);
});

Deno.test("a module is found in the working folder, unless that is the program's", () => {
  assert.deepEqual(rules("D:\\work\\a.dll"), ["working-folder"]);
  assert.deepEqual(rules("D:\\work\\a.dll", { home: "d:\\work" }), []);
  assert.deepEqual(rules("D:\\work\\sub\\a.dll"), []);
});

Deno.test("of several rules the gravest is told; what is Windows' own, allowed or the program itself is in order", () => {
  const path = "\\\\lab7\\share\\version.dll";
  assert.deepEqual(rules(path), ["system-name"]);
  assert.deepEqual(rules(path, { deny: ["*version*"] }), ["denied"]);
  assert.deepEqual(rules(path, { allow: ["*version*"] }), []);
  assert.deepEqual(rules(path, {}, { isSystem: true }), []);
  assert.deepEqual(rules(path, {}, { base: CONTEXT.image }), []);
  assert.deepEqual(rules(path, { deny: ["*version*"] }, { isSystem: true }), ["denied"]);
  assert.deepEqual(rules("E:\\x\\a.dll", { allow: ["F:\\*"] }), ["not-allowed"]);
});

Deno.test("paths are told, and rules about them given, as people here write them", () => {
  const shown = (path: string): string => shownPath(path, "linux");
  const context = { ...CONTEXT, shown, directory: "\\work" };
  assert.deepEqual(rules("Z:\\srv\\a.dll", { ...context, deny: ["/srv/*"] }), ["denied"]);
  assert.deepEqual(rules("Z:\\work\\a.dll", { ...context, deny: ["Z:\\work\\*"] }), ["denied"]);
  assert.deepEqual(rules("Z:\\lib\\a.dll", { ...context, allow: ["/lib/*"] }), []);
  assert.deepEqual(rules("Z:\\work\\a.dll", context), ["working-folder"]);
  const module = { type: "module", file: "a.dll", size: 1, checksum: 0, timestamp: 0, isSystem: false } as const;
  const [here, there, other] = ["Z:\\a b\\a.dll", "Z:\\c\\a.dll", "D:\\a.dll"].map((path) => ({
    ...module,
    path,
    base: 1n,
  }));
  assert.ok(here && there && other);
  const titles = [
    judge(here, { ...context, deny: ["*"] }),
    judge(here, { ...context, allow: ["D:\\*"] }),
    compare([here], [there], context),
    compare([here], [{ ...here, size: 2 }], context),
    compare([here], [{ ...other, file: "b.dll" }], context),
  ].flat().map(({ title }) => title);
  assert.deepEqual(titles, [
    "app.exe loaded /a b/a.dll, which is denied",
    "app.exe loaded a.dll from /a b, which is not allowed",
    "app.exe loaded /a b/a.dll, but in the former run /c/a.dll",
    "/a b/a.dll of app.exe is another file than in the former run",
    "app.exe loaded /a b/a.dll, but not in the former run",
    "app.exe loaded D:\\a.dll only in the former run",
  ]);
});
