import assert from "node:assert/strict";
import { type Place, type RunFile, runInLanes } from "../../scripts/dev/gates/lanes.ts";
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

/** Runs nothing, and notes what it was asked for. */
class Fake {
  readonly calls: Call[] = [];
  readonly lines: string[] = [];
  readonly #bad: readonly string[];
  #running = 0;

  /** Files of which one test fails. */
  constructor(...bad: readonly string[]) {
    this.#bad = bad;
  }

  readonly run: RunFile = async (file, place) => {
    this.calls.push({ file, ...place, beside: this.#running++ });
    await new Promise((resolve) => setTimeout(resolve));
    this.#running--;
    const failed = Number(this.#bad.includes(file));
    return { file, seconds: 1, passed: 5 - failed, failed, skipped: 0 };
  };

  runAll(files: readonly string[], lanes = 2): Promise<FileResult[]> {
    return runInLanes(files, lanes, this.run, { isLong: false }, (line) => this.lines.push(line));
  }
}

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

Deno.test("a file that failed has failed: there is no second try", async () => {
  const fake = new Fake(A, ALONE);
  const results = await fake.runAll([A, B, ALONE]);
  assert.deepEqual(fake.calls.map(({ file }) => file), [A, B, ALONE]);
  assert.deepEqual(results.filter(({ failed }) => failed > 0).map(({ file }) => file), [A, ALONE]);
});

Deno.test("a runner that throws fails its file, not the run", async () => {
  const lines: string[] = [];
  const run: RunFile = (file) => {
    if (file === A) return Promise.reject(new Error("no more processes"));
    return Promise.resolve({ file, seconds: 1, passed: 5, failed: 0, skipped: 0 });
  };
  const results = await runInLanes([A, B], 2, run, { isLong: false }, (line) => lines.push(line));
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
