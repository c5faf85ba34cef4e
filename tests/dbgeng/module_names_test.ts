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
  ["x; .shell y", "C:\\a\\odd.dll"],
].map(([name = "", imageName = ""], index) => (
  { name, imageName, base: BigInt(index + 1) << 20n, size: 1, checksum: 0, timestamp: 0 }
));
const [image] = modules;

function named(text: string): string {
  return withNamesOf(modules, text, image && { image, formerName: "old_app" });
}

function assertStay(...texts: readonly string[]): void {
  for (const text of texts) assert.equal(named(text), text);
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
  assertStay(
    "bp lib!f",
    "bp two!f",
    "bp xmy-app!f",
    "bp @my-app!f",
    "bp app!main",
    "? my-app!=3",
    "!my-app",
    "my-app",
  );
});

Deno.test("what is text in a command stays, also in one that a breakpoint is given", () => {
  assertStay(
    'eza @rsp "my-app!main"; ea 10 "see \\"my-app!main"',
    '.printf "my-app!main\\n"',
    ".echo my-app!main",
    "~*e .echo my-app!main",
    ".if (1) { .echo my-app!main }",
    ".shell my-app!main; my-app!main",
    "as name my-app!main; my-app!main",
    "aS /mu name my-app!main",
    "* my-app!main; my-app!main",
    "$$ my-app!main",
    's -a 0 L10 "my-app!main"',
    ".sympath c:\\my-app!x",
    'bp lib!f ".echo my-app!main; .printf \\"my-app!main\\"; gc"',
    "bp odd!f", // what the engine calls it would be a command
    '.echo "my-app!main',
  );
});

Deno.test("commands beside and in texts call modules as the engine does", () => {
  for (
    const text of [
      'eza # "my-app!x"; ed # 1',
      '.printf "%y", #',
      ".echo x; u #",
      "as name x\nu #",
      '.if (#==@rip) {.echo "x"} .else {bu # "r rip"; u #}',
      'bp0 /1 # 0n3 "u # \\"x\\"; bm #"; ba e1 #',
      "sxe -c \"k; u #\" ld; p \"u #\"; j (#) 'u #' ; 'u #'",
      "x #; ln #; u # L3; dt #; ? #+1; dq poi(#); ~0 bp #",
    ]
  ) {
    assert.equal(named(text.replaceAll("#", "my-app!main")), text.replaceAll("#", "app!main"));
  }
});

Deno.test("a long text stays whole", () => { // and one that it took minutes for would be ended with its file
  assertStay(
    "a".repeat(2_000_000),
    "my-".repeat(700_000),
    `${"b".repeat(1_000_000)}!${"c".repeat(1_000_000)}`,
    '"'.repeat(1_000_001),
    'bp "'.repeat(200_000),
    "\\".repeat(1_000_000),
  );
});
