import assert from "node:assert/strict";
import { MUTATIONS } from "../../scripts/dev/mutate/table.ts";
import { mutated } from "../../scripts/dev/mutate/mutation.ts";

const ROOT = new URL("../../", import.meta.url);

/** All test files, as paths from `tests/`. */
function testFiles(folder = "tests/"): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? testFiles(`${folder}${name}/`) : name.endsWith("_test.ts") ? [`${folder}${name}`] : []
  );
}

Deno.test("every mutation of the table still applies, and its tests are there", () => {
  const files = testFiles();
  for (const mutation of MUTATIONS) {
    const source = Deno.readTextFileSync(new URL(mutation.file, ROOT));
    assert.notEqual(mutated(source, mutation), source, mutation.name);
    for (const word of mutation.tests) {
      assert.ok(files.some((file) => file.includes(word)), `${mutation.name}: ${word}`);
    }
  }
  const names = MUTATIONS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, "names are their own");
  assert.ok(
    MUTATIONS.filter(({ byChance }) => byChance !== undefined).length <= 3,
    "no more than three are left to chance",
  );
});

Deno.test("a mutation whose text is not there once is refused", () => {
  const mutation = { name: "m", file: "a.ts", text: "b", replacement: "c", tests: [], meaning: "" };
  assert.equal(mutated("abd", mutation), "acd");
  for (const text of ["", "a", "bb"]) {
    assert.throws(() => mutated(text, mutation), /^RangeError: m: a\.ts has \d times/);
  }
  assert.throws(() => mutated("abd", { ...mutation, replacement: "b" }), RangeError, "it changes nothing");
});
