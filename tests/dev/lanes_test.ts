import assert from "node:assert/strict";
import { type Place, planFiles, type RunFile, runInLanes } from "../../scripts/dev/gates/lanes.ts";
import type { FileResult } from "../../scripts/dev/gates/results.ts";
import { pinned, readCpuList } from "../../lib/cli/host/process.ts";

const A = "tests/live/a_test.ts";
const B = "tests/live/b_test.ts";
const LONG = "tests/live/endurance_test.ts";
const ALONE = "tests/live/interrupt_test.ts";

interface Call extends Place {
  readonly file: string;
  /** How many others ran when it began. */
  readonly beside: number;
}

/** Runs nothing, and notes what it was asked for. `failures` says how many tries of a file fail. */
class Fake {
  readonly calls: Call[] = [];
  readonly lines: string[] = [];
  readonly #failures: Map<string, number>;
  #running = 0;

  constructor(failures: Record<string, number> = {}) {
    this.#failures = new Map(Object.entries(failures));
  }

  readonly run: RunFile = async (file, place) => {
    this.calls.push({ file, ...place, beside: this.#running++ });
    await new Promise((resolve) => setTimeout(resolve));
    this.#running--;
    const left = this.#failures.get(file) ?? 0;
    this.#failures.set(file, left - 1);
    return left > 0
      ? { file, seconds: 1, passed: 4, failed: 1, skipped: 0 }
      : { file, seconds: 1, passed: 5, failed: 0, skipped: 0 };
  };

  runAll(files: readonly string[], lanes = 2): Promise<FileResult[]> {
    return runInLanes(files, lanes, this.run, (line) => this.lines.push(line));
  }
}

Deno.test("planFiles() puts long files first and sets those apart that must be alone", () => {
  assert.deepEqual(planFiles([A, B, LONG, ALONE]), { beside: [LONG, A, B], alone: [ALONE] });
});

Deno.test("runInLanes() uses every lane, and runs what must be alone after them", async () => {
  const fake = new Fake();
  const results = await fake.runAll([A, ALONE, B, LONG]);
  assert.deepEqual(results.map(({ file }) => file).toSorted(), [A, B, LONG, ALONE].toSorted());
  assert.deepEqual(new Set(fake.calls.slice(0, 3).map(({ lane }) => lane)), new Set([0, 1]));
  assert.deepEqual(fake.calls[1]?.beside, 1);
  assert.deepEqual(fake.calls.at(-1), { file: ALONE, lane: 0, isAlone: true, beside: 0 });
  assert.deepEqual(fake.lines, []);
});

Deno.test("runInLanes() with one lane runs one file at a time", async () => {
  const fake = new Fake();
  await fake.runAll([A, B, LONG], 1);
  assert.deepEqual(fake.calls.map(({ file, lane, beside }) => [file, lane, beside]), [[LONG, 0, 0], [A, 0, 0], [
    B,
    0,
    0,
  ]]);
});

Deno.test("a file that failed runs once more, alone and in another lane, and counts as passed if it passes", async () => {
  const fake = new Fake({ [A]: 1 });
  const results = await fake.runAll([A, B]);
  assert.deepEqual(fake.calls.slice(2), [{ file: A, lane: 1, isAlone: true, beside: 0 }]);
  assert.deepEqual(results.find(({ file }) => file === A), {
    ...{ file: A, seconds: 1, passed: 5, failed: 0, skipped: 0, isSecondTry: true },
  });
  assert.deepEqual(fake.lines, [`second try, alone: ${A}`, `passed at the second try: ${A}`]);
});

Deno.test("a file that fails twice has failed", async () => {
  const fake = new Fake({ [ALONE]: 2 });
  const results = await fake.runAll([A, ALONE]);
  assert.equal(fake.calls.length, 3);
  assert.equal(results.find(({ file }) => file === ALONE)?.failed, 1);
  assert.deepEqual(fake.lines, [`second try, alone: ${ALONE}`, `failed at the second try: ${ALONE}`]);
});

Deno.test("five files get a second try, six do not", async () => {
  const files = ["1", "2", "3", "4", "5", "6"].map((name) => `tests/live/${name}_test.ts`);
  const five = new Fake(Object.fromEntries(files.slice(1).map((file) => [file, 1])));
  assert.equal((await five.runAll(files)).filter(({ failed }) => failed > 0).length, 0);
  assert.equal(five.calls.length, 11);
  const six = new Fake(Object.fromEntries(files.map((file) => [file, 1])));
  assert.equal((await six.runAll(files)).filter(({ failed }) => failed > 0).length, 6);
  assert.equal(six.calls.length, 6);
  assert.deepEqual(six.lines, ["6 files failed: too many for a second try"]);
});

Deno.test("a runner that throws fails its file, not the run", async () => {
  const lines: string[] = [];
  const run: RunFile = (file) => {
    if (file === A) return Promise.reject(new Error("no more processes"));
    return Promise.resolve({ file, seconds: 1, passed: 5, failed: 0, skipped: 0 });
  };
  const results = await runInLanes([A, B], 2, run, (line) => lines.push(line));
  assert.deepEqual(results.map(({ file, failed }) => [file, failed]).toSorted(), [[A, 1], [B, 0]]);
  assert.equal(lines[0], `${A}: Error: no more processes`);
});

Deno.test("readCpuList() reads what Linux writes, pinned() uses it", () => {
  assert.deepEqual(readCpuList("0-2,5"), [0, 1, 2, 5]);
  assert.deepEqual(readCpuList("3"), [3]);
  assert.deepEqual(readCpuList(""), []);
  assert.deepEqual(pinned(["wine", "a.exe"], 0), ["taskset", "-c", "0", "wine", "a.exe"]);
  assert.deepEqual(pinned(["wine", "a.exe"], undefined), ["wine", "a.exe"]);
});
