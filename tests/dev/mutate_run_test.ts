/** Runs of mutations, in a tree made for them whose runner of tests looks at one file. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { mutate } from "../../scripts/dev/mutate.ts";
import { Copy } from "../../scripts/dev/mutate/copy.ts";
import type { Mutation } from "../../scripts/dev/mutate/mutation.ts";

/** As the project's own ends: by what stands in the code. */
const RUNNER = `
const { value } = await import("../../a.ts");
if (value === "good" || Deno.args.includes("blind")) console.log("1 passed, 0 failed");
else {
  if (value === "slow") console.log("a_test.ts: ended after 9 s, which is too long");
  if (value === "silent") console.log("a_test.ts: its runner ended with code 1 and reported no test");
  if (value === "endless") { Deno.writeTextFileSync("started", ""); setTimeout(() => {}, 600_000); await new Promise(() => {}); }
  console.log(value === "good" ? "1 passed, 0 failed" : "0 passed, 1 failed");
  Deno.exitCode = 1;
}`;

/** A tree, and a copy of it. */
async function scene(signal: AbortSignal, action: (copy: Copy, root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await Deno.mkdir(join(root, "scripts", "dev"), { recursive: true });
    await Deno.writeTextFile(join(root, "scripts", "dev", "test.ts"), RUNNER);
    await Deno.writeTextFile(join(root, "a.ts"), 'export const value = "good";');
    await using copy = await Copy.of(root, signal);
    await action(copy, root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function mutation(replacement: string, more: Partial<Mutation> = {}): Mutation {
  return { name: replacement, file: "a.ts", text: '"good"', replacement, tests: ["seeing"], meaning: "m", ...more };
}

const never = new AbortController().signal;

Deno.test("a mutation is killed by tests that fail, survives those that pass, and is a fault where none ran", () =>
  scene(never, async (copy, root) => {
    const verdict = async (one: Mutation): Promise<string> => (await copy.testWith(one)).verdict;
    assert.equal(await verdict(mutation('"bad"')), "failed");
    assert.equal(await verdict(mutation('"slow"')), "expired");
    assert.equal(await verdict(mutation('"silent"')), "broken");
    assert.equal(await verdict(mutation("(")), "broken", "it does not load");
    assert.equal(await verdict(mutation('"bad"', { tests: ["blind"] })), "passed");
    await assert.rejects(verdict(mutation("x", { text: "not there" })), RangeError);
    assert.equal((await copy.test(["seeing"])).verdict, "passed", "all were taken out again");
    assert.equal(await Deno.readTextFile(join(root, "a.ts")), 'export const value = "good";');
  }));

Deno.test("the exit code tells of survivors that matter, and of a table that is wrong", () =>
  scene(never, async (copy) => {
    const blind = mutation('"bad"', { tests: ["blind"] });
    const ran = async (...all: Mutation[]): Promise<string[]> => {
      const lines: string[] = [];
      const code = await mutate(all, copy, (line) => void lines.push(line));
      return [`${code}`, lines.at(-1) ?? "", ...lines.filter((line) => /^(?:SURVIVED|FAULT)/.test(line))];
    };
    assert.deepEqual(await ran(mutation('"bad"'), mutation('"slow"')), ["0", "2 killed, 0 survived"]);
    const survived = 'SURVIVED "bad": a.ts: m; not noticed by blind';
    assert.deepEqual(await ran(mutation('"bad"'), blind), ["1", "1 killed, 1 survived", survived]);
    assert.deepEqual(await ran({ ...blind, equivalent: "nobody sees it" }), ["0", "0 killed, 0 survived"]);
    assert.deepEqual(await ran({ ...blind, byChance: "seldom seen" }), ["0", "0 killed, 0 survived"]);
    assert.deepEqual((await ran(blind, mutation("("))).slice(0, 2), ["2", "0 killed, 1 survived"]);
    const failing = mutation('""', { text: '"bad"' });
    await Deno.writeTextFile(join(copy.folder, "a.ts"), 'export const value = "bad";');
    assert.equal((await ran(failing))[0], "2", "its tests fail without it");
  }));

Deno.test("what runs is ended when it is aborted, and the copy is gone", async () => {
  const stop = new AbortController();
  let folder = "";
  const running = scene(stop.signal, async (copy) => {
    folder = copy.folder;
    await copy.testWith(mutation('"endless"'));
  });
  const looking = setInterval(() => {
    if (folder !== "" && existsSync(join(folder, "started"))) stop.abort();
  }, 20);
  await assert.rejects(running, { name: "AbortError" });
  clearInterval(looking);
  assert.ok(!existsSync(folder));
});
