/** Every statement of Microsoft's pages, and every rule of our own, has the tests that it names, in the places that it needs. */
import assert from "node:assert/strict";
import { RULES } from "../rules.ts";
import type { Place, Shown, TestReference } from "../shown.ts";
import { STATEMENTS } from "../statements.ts";

const TESTS = new URL("../", import.meta.url);

/** The name of a test that is registered and runs, as a text or as a template: neither in a comment nor ignored. */
const TEST_NAME = /^[ \t]*Deno\.test\(\s*(?:\{\s*name:\s*)?(["'`])((?:\\.|(?!\1)[^\\])*)\1(?!,\s*(?:\{\s*)?ignore:)/gm;

/** How many there are of each letter. */
const COUNTS: Readonly<Record<string, number>> = { A: 11, C: 4, D: 9, P: 11, L: 7 };

const PLACES: Readonly<Record<string, Place>> = { live: "D", host: "D", v8: "V", session: "F" };

function placeOf([file]: TestReference): Place {
  return PLACES[file.split("/")[0] ?? ""] ?? "T";
}

const namesOf = new Map<string, Promise<readonly string[]>>();

/** The names of a file's tests, with `…` for what a template puts in. */
function testsIn(file: string): Promise<readonly string[]> {
  const names = namesOf.get(file) ?? readNames(file);
  namesOf.set(file, names);
  return names;
}

async function readNames(file: string): Promise<readonly string[]> {
  return namesIn(await Deno.readTextFile(new URL(file, TESTS)));
}

function namesIn(source: string): string[] {
  return [...source.matchAll(TEST_NAME)].map(([, quote, name = ""]) =>
    quote === "`" ? name.replaceAll(/\$\{[^}]*\}/g, "…") : name
  );
}

/** What is wrong with the tests of one statement. */
async function faultsOf(id: string, { on, tests }: Shown): Promise<string[]> {
  const faults: string[] = [];
  if (tests.length === 0) faults.push(`${id} has no test`);
  for (const place of on) {
    if (!tests.some((test) => placeOf(test) === place)) faults.push(`${id} is not shown in ${place}`);
  }
  for (const [file, name] of tests) {
    try {
      if ((await testsIn(file)).some((one) => one.startsWith(name))) continue;
      faults.push(`${id}: tests/${file} has no test "${name}"`);
    } catch {
      faults.push(`${id}: there is no tests/${file}`);
    }
  }
  return faults;
}

async function faultsIn(list: Readonly<Record<string, Shown>>): Promise<string[]> {
  return (await Promise.all(Object.entries(list).map(([id, shown]) => faultsOf(id, shown)))).flat();
}

Deno.test("each of the 42 statements about attaching has tests that show it", async () => {
  const ids = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
  );
  assert.equal(ids.length, 42);
  assert.deepEqual(Object.keys(STATEMENTS), ids);
  assert.deepEqual(await faultsIn(STATEMENTS), []);
});

Deno.test("each of the 12 rules has tests that show it", async () => {
  assert.deepEqual(Object.keys(RULES), Array.from({ length: 12 }, (_, index) => `R${index + 1}`));
  assert.deepEqual(await faultsIn(RULES), []);
});

Deno.test("a statement whose test is gone is told of", async () => {
  const list: Readonly<Record<string, Shown>> = {
    X1: { says: "", on: [], tests: [] },
    X2: { says: "", on: ["V"], tests: [["dev/statements_test.ts", "a statement whose test is gone"]] },
    X3: { says: "", on: ["T"], tests: [["dev/statements_test.ts", "a statement of which nobody knows"]] },
    X4: { says: "", on: ["F"], tests: [["session/nothing_test.ts", "a"]] },
  };
  assert.deepEqual(await faultsIn(list), [
    "X1 has no test",
    "X2 is not shown in V",
    'X3: tests/dev/statements_test.ts has no test "a statement of which nobody knows"',
    "X4: there is no tests/session/nothing_test.ts",
  ]);
});

Deno.test("a test that is skipped, or only stands in a comment, shows nothing", () => {
  const source = [
    'Deno.test("one", () => {',
    "  Deno.test(`two (${hosting})`, async () => {",
    'Deno.test({ name: "three", fn() {} });',
    'Deno.test({ name: "four", ignore: true, fn() {} });',
    'Deno.test("five", { ignore: true }, () => {});',
    'Deno.test.ignore("six", () => {});',
    '// Deno.test("seven", () => {});',
    ' * Deno.test("eight", () => {});',
    'posixTest("nine", () => {});',
  ].join("\n");
  assert.deepEqual(namesIn(source), ["one", "two (…)", "three"]);
});
