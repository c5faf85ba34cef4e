import assert from "node:assert/strict";
import { join } from "node:path";
import { findHangs, type HangReport, rights } from "../../scripts/hang.ts";
import { some } from "../count.ts";
import { checkUsage, type JsonLine, lineOf, runDiagnostic, runJson, startReady } from "./diagnostic_support.ts";
import { debuggee, hostings, scratch } from "./support.ts";

const SHIP = lineOf("hang.c", "ship_order hangs here");
const TAKE = lineOf("hang.c", "take_stock hangs here");
const SPIN = lineOf("hang.c", "spin_for_ever hangs here");
const QUICK = { samples: 3, interval: 300 } as const;
const QUICK_ARGS = ["--samples=3", "--interval=300"];

type Place = readonly [state: unknown, module: unknown, name: unknown, line: unknown];

function places(list: HangReport["hangs"] | readonly JsonLine[]): Place[] {
  const all = (list as readonly Partial<JsonLine>[]).map((hang): Place => [
    hang["state"],
    hang["module"],
    hang["function"],
    hang["line"],
  ]);
  return all.sort((one, other) => Number(one[3]) - Number(other[3]));
}

const DEADLOCK: Place[] = [["lock", "hang", "ship_order", SHIP], ["lock", "hang", "take_stock", TAKE]];

for (const hosting of some(hostings, 1)) {
  const options = { ...QUICK, session: { hosting } };

  Deno.test(`the hang finder (${hosting}) names both sides of a deadlock, and nobody else`, async () => {
    await using target = await startReady("hang.exe", ["deadlock"], "ready");
    const { hangs, threads, samples } = await findHangs(target.pid, options);
    assert.equal(samples, 3);
    assert.deepEqual(places(hangs), DEADLOCK);
    for (const { file } of hangs) assert.match(file ?? "", /hang\.c$/);
    assert.equal(threads.length, 4);
    assert.equal(threads.find((thread) => thread.function === "main")?.state, "wait");
  });

  Deno.test(`the hang finder (${hosting}) names the function that is busy, and nobody else`, async () => {
    await using target = await startReady("hang.exe", ["spin"], "ready");
    const { hangs } = await findHangs(target.pid, options);
    assert.deepEqual(places(hangs), [["busy", "hang", "spin_for_ever", SPIN]]);
    const ignoring = await findHangs(target.pid, { ...options, ignore: ["hang!spin*"] });
    assert.deepEqual(ignoring.hangs, []);
  });

  Deno.test(`the hang finder (${hosting}) gives no false alarm for threads that sleep, wait and work`, async () => {
    await using target = await startReady("hang.exe", ["idle"], "ready");
    const { hangs, threads, samples } = await findHangs(target.pid, options);
    assert.deepEqual(hangs, []);
    assert.deepEqual([samples, threads.length], [3, 4]);
    const waiting = await findHangs(target.pid, { ...options, waits: true });
    assert.deepEqual(waiting.hangs.map((hang) => hang.function).sort(), ["main", "wait_for_work", "wait_for_work"]);
  });
}

Deno.test("the hang finder tells of a thread that computes in code of no module, and of its page", async () => {
  using folder = scratch();
  const copy = join(folder.path, "node.exe"); // by its name it has an inspector
  await Deno.copyFile(debuggee("hang.exe"), copy);
  await using target = await startReady(copy, ["made"], "ready");
  const { hangs } = await findHangs(target.pid, QUICK);
  assert.deepEqual(places(hangs), [["busy", null, null, null]]);
  const { code, text } = await runDiagnostic("hang", [...QUICK_ARGS, `--attach=${target.pid}`]);
  const page = `0x${hangs[0]?.page?.toString(16)}`;
  assert.match(
    text,
    new RegExp(`^node\\.exe: thread \\d+ is busy in code of no module \\(page ${page}\\) in all 3 samples$`, "m"),
  );
  assert.match(text, new RegExp(`^its JavaScript: latch attach ${target.pid} --port v8$`, "m"));
  assert.equal(code, 1);
  assert.equal(target.said(/^page ([0-9a-f]+)/m), page.slice(2));
  const ignoring = await findHangs(target.pid, { ...QUICK, ignore: ["no module"] });
  assert.deepEqual(ignoring.hangs, []);
});

Deno.test("the hang finder does without suspending the program", async () => {
  await using target = await startReady("hang.exe", ["deadlock"], "ready");
  const { hangs } = await findHangs(target.pid, { ...QUICK, noSuspend: true });
  assert.deepEqual(places(hangs), DEADLOCK);
});

Deno.test("the hang finder finds nothing in a program that ends while it looks", async () => {
  await using target = await startReady("spin.exe", ["--seconds", "4"], "");
  const { hangs, samples } = await findHangs(target.pid, { samples: 2, interval: 5_000 });
  assert.deepEqual([hangs, samples], [[], 1]);
  await assert.rejects(findHangs(target.pid), { name: "AttachError", kind: "no-such-process" });
});

Deno.test("hang.ts as a program tells of a deadlock with stacks, and as JSON", async () => {
  await using target = await startReady("hang.exe", ["deadlock"], "ready");
  const { code, text, errors } = await runDiagnostic("hang", [...QUICK_ARGS, `--attach=${target.pid}`]);
  assert.deepEqual([code, errors], [1, ""]);
  const where = `hang!ship_order \\(hang\\.c:${SHIP}\\)`;
  assert.match(text, new RegExp(`^hang\\.exe: thread \\d+ waits for a lock in ${where} in all 3 samples$`, "m"));
  assert.match(text, new RegExp(`^ {4}hang!take_stock {2}\\S*hang\\.c:${TAKE}$`, "m"));
  const json = await runJson("hang", [...QUICK_ARGS, `--attach=${target.pid}`]);
  assert.equal(json.code, 1);
  assert.deepEqual(places(json.findings), DEADLOCK);
  assert.deepEqual(json.lines.at(-1), { type: "end", samples: 3, hangs: 2 });
});

Deno.test("hang.ts as a program gives no false alarm", async () => {
  await using target = await startReady("hang.exe", ["idle"], "ready");
  const { code, text } = await runDiagnostic("hang", [...QUICK_ARGS, `--attach=${target.pid}`]);
  assert.match(text, /^nothing is stuck: .*\n$/);
  assert.equal(code, 0);
});

Deno.test("hang.ts as a program says how it is used", async () => {
  await checkUsage("hang", rights);
  const launched = await runDiagnostic("hang", ["x.exe"]);
  assert.match(launched.errors, /^error: A hang is looked for in a process that runs: [^\n]+; see --help\n$/);
  const few = await runDiagnostic("hang", ["--samples=1", "--attach=1"]);
  assert.deepEqual([launched.code, few.code], [2, 2]);
});
