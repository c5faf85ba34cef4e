/** The runners, with test files made for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type HostPlace, runHosted, runNative, type RunOptions } from "../../scripts/dev/gates/runners.ts";
import type { FileResult } from "../../scripts/dev/gates/results.ts";

const FILES: Readonly<Record<string, string>> = {
  "good_test.ts": `Deno.test("good", () => {}); Deno.test({ name: "for others", ignore: true, fn() {} });`,
  "bad_test.ts": `Deno.test("good", () => {}); Deno.test("bad", () => { throw new Error("bad"); });`,
  // Another time it would pass.
  "moody_test.ts": `Deno.test("moody", () => {
    const isFirst = !Deno.readDirSync(".").some(({ name }) => name === "tried");
    Deno.writeTextFileSync("tried", "");
    if (isFirst) throw new Error("not in the mood");
  });`,
  "leaving_test.ts": `Deno.test("leaves a program", () => {
    new Deno.Command("sh", { args: ["-c", "sleep 61 & exit"], stdin: "null", stdout: "null", stderr: "null" }).spawn().unref();
  });`,
  "long_test.ts": `Deno.test(Deno.env.get("LATCH_LONG") ? "long" : "short", () => {
    if (!Deno.env.get("LATCH_LONG")) throw new Error("short");
  });`,
  "leaking_test.ts": `Deno.test("leaks", () => void setInterval(() => {}, 1_000));`,
  "empty_test.ts": "",
  "crash_test.ts": `Deno.test("crashes", () => Deno.exit(3));`,
};

async function inFolder(action: (options: RunOptions) => Promise<void>, more: Partial<RunOptions> = {}): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    for (const [name, text] of Object.entries(FILES)) await Deno.writeTextFile(join(root, name), text);
    await action({ root, timeoutOf: () => 60, isLong: false, filter: undefined, ...more });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const counts = ({ passed, failed, skipped }: FileResult): number[] => [passed, failed, skipped];

/** Runs one file by itself, natively: with no Windows program in it, it needs nothing of the host but a name. */
async function runAlone(file: string, options: RunOptions): Promise<number[]> {
  const host = { cache: "/nowhere", deno: "/nowhere/deno" } as unknown as HostPlace["host"];
  return counts(await runHosted(file, { host, prefix: 1, debuggees: "", processor: undefined }, options));
}

Deno.test("a file that fails has failed, in one runner with others and by itself", () =>
  inFolder(async (options) => {
    const results = await runNative(["good_test.ts", "bad_test.ts", "moody_test.ts"], options);
    assert.deepEqual(results.map(counts), [[1, 0, 1], [1, 1, 0], [0, 1, 0]]);
    await Deno.remove(join(options.root, "tried"));
    assert.deepEqual(await runAlone("good_test.ts", options), [1, 0, 1]);
    assert.deepEqual(await runAlone("bad_test.ts", options), [1, 1, 0]);
    assert.deepEqual(await runAlone("moody_test.ts", options), [0, 1, 0]);
  }));

Deno.test("a file without a test, and one whose runner ends in the middle, have failed", () =>
  inFolder(async (options) => {
    for (const file of ["empty_test.ts", "crash_test.ts"]) {
      assert.deepEqual(await runAlone(file, options), [0, 1, 0], file);
      assert.deepEqual((await runNative([file], options)).map(counts), [[0, 1, 0]], file);
    }
  }));

Deno.test("a file that leaves a program behind has failed, and the program is ended", {
  ignore: Deno.build.os !== "linux",
}, () =>
  inFolder(async (options) => {
    assert.deepEqual(await runAlone("leaving_test.ts", options), [1, 1, 0]);
    const [file, ...more] = await runNative(["leaving_test.ts"], options);
    assert.deepEqual([file, ...more].map((result) => result && counts(result)), [[1, 0, 0], [0, 1, 0]]);
  }));

Deno.test("a test that leaves a timer running has failed", () =>
  inFolder(async (options) => {
    assert.deepEqual(await runAlone("leaking_test.ts", options), [0, 1, 0]);
    assert.deepEqual((await runNative(["leaking_test.ts"], options)).map(counts), [[0, 1, 0]]);
  }));

Deno.test("long counts are asked for by LATCH_LONG", () =>
  inFolder(async (options) => {
    assert.deepEqual(await runAlone("long_test.ts", options), [0, 1, 0]);
    assert.deepEqual(await runAlone("long_test.ts", { ...options, isLong: true }), [1, 0, 0]);
    assert.deepEqual((await runNative(["long_test.ts"], { ...options, isLong: true })).map(counts), [[1, 0, 0]]);
  }));

Deno.test("a filter leaves out the other tests of a file", () =>
  inFolder(async (options) => {
    assert.deepEqual(await runAlone("bad_test.ts", { ...options, filter: "good" }), [1, 0, 1]);
    assert.deepEqual((await runNative(["bad_test.ts"], { ...options, filter: "/^b/" })).map(counts), [[0, 1, 1]]);
  }));
