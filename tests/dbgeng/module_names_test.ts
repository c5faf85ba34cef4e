/** In commands and expressions modules may be called as their files are: only where a module is named, and only where one is meant. */
import assert from "node:assert/strict";
import { withNamesOf } from "../../lib/dbgeng/thread/module_names.ts";

const modules = [
  ["app", "C:\\a\\my-app.exe"],
  ["lib", "C:\\a\\lib.dll"],
  ["lib_180000000", "C:\\b\\lib.dll"],
  ["a_b", "C:\\a\\a+b.dll"],
  ["two_1", "C:\\a\\two.dll"],
  ["two_2", "C:\\b\\two.dll"],
].map(([name = "", imageName = ""], index) => (
  { name, imageName, base: BigInt(index + 1) << 20n, size: 1, checksum: 0, timestamp: 0 }
));
const [image] = modules;

function named(text: string): string {
  return withNamesOf(modules, text, image && { image, formerName: "old_app" });
}

Deno.test("a module is found by its file's name, with or without its ending, and by what the engine called it first", () => {
  assert.equal(named("bp my-app!main"), "bp app!main");
  assert.equal(named("u MY-APP.exe!main; bp a+b!f"), "u app!main; bp a_b!f");
  assert.equal(
    named('bp old_app!main ".if (poi(my-app!x) > a+b.dll!y) {gc}"'),
    'bp app!main ".if (poi(app!x) > a_b!y) {gc}"',
  );
});

Deno.test("what is a module's name already, part of another word, or no module stays", () => {
  for (
    const text of [
      "bp lib!f",
      "bp two!f",
      "bp xmy-app!f",
      "bp @my-app!f",
      "bp app!main",
      "? my-app!=3",
      "!my-app",
      "my-app",
    ]
  ) assert.equal(named(text), text);
});

Deno.test("a long text takes no time", () => {
  for (
    const text of ["a".repeat(2_000_000), "my-".repeat(700_000), `${"b".repeat(1_000_000)}!${"c".repeat(1_000_000)}`]
  ) {
    const start = performance.now();
    assert.equal(named(text), text);
    assert.ok(performance.now() - start < 2_000);
  }
});
