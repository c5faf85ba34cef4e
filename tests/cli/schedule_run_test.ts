import assert from "node:assert/strict";
import type { Finding } from "../../lib/cli/schedule/output.ts";
import { isAlive, remains } from "../../lib/cli/schedule/processes.ts";
import { latchRun, type Outcome, type RunOptions, runProcess } from "../../lib/cli/schedule/run_process.ts";
import { Bench, GRACE, plainCommand, posixTest, until } from "./schedule_support.ts";

interface Ran extends Outcome {
  readonly findings: readonly Finding[];
  readonly mark: string;
  readonly keeper: number | undefined;
}

/** Runs the fake diagnostic once. */
async function run(
  bench: Bench,
  act: string,
  fields: Record<string, unknown> = {},
  options: Partial<RunOptions> = {},
): Promise<Ran> {
  const { folder, jobs: [job] } = await bench.write({ [act]: fields });
  assert.ok(job);
  const findings: Finding[] = [];
  const mark = crypto.randomUUID();
  let keeper: number | undefined;
  const outcome = await runProcess(job, {
    ...{ folder, mark, commandOf: plainCommand, grace: GRACE, signal: new AbortController().signal },
    onStart: (pid) => keeper = pid,
    onFinding: (finding) => void findings.push(finding),
    ...options,
  });
  return { ...outcome, findings, mark, keeper };
}

Deno.test(posixTest("run of a diagnostic: nothing found, something found, failed", async () => {
  await using bench = new Bench();
  const ok = await run(bench, "ok");
  assert.deepEqual([ok.state, ok.exit, ok.output], ["ok", 0, ""]);
  const find = await run(bench, "find");
  assert.deepEqual([find.state, find.exit, find.output], ["finding", 1, "looked at all of it"]);
  assert.deepEqual(find.findings.map(({ title }) => title), ["it crashed", "and again"]);
  assert.equal(JSON.parse(find.findings[0]?.json ?? "").address, "0x1");
  const fail = await run(bench, "fail");
  assert.deepEqual([fail.state, fail.exit, fail.output], ["failed", 2, "error: nothing is right"]);
  assert.equal(fail.note, "nothing is right (exit code 2)");
  const bare = await run(bench, "bare");
  assert.deepEqual([bare.state, bare.note], ["failed", "it exited with 1 and named no finding"]);
  const late = await run(bench, "late");
  assert.deepEqual([late.state, late.exit, late.note], ["deadline", 124, "it kept to a deadline of its own"]);
  const through = await run(bench, "through");
  assert.deepEqual([through.state, through.note], ["ok", "its program exited with 3"]);
}));

Deno.test(posixTest("run of a diagnostic: one that floods is kept within bounds", async () => {
  await using bench = new Bench();
  const { state, findings, output } = await run(bench, "flood");
  assert.equal(state, "finding");
  assert.equal(findings.length, 1000);
  assert.ok(output.length <= 16 * 1024 && output.endsWith("xxx"));
}));

Deno.test(posixTest("run of a diagnostic: the deadline ends it gently", async () => {
  await using bench = new Bench();
  const { state, note, mark, keeper, output } = await run(bench, "hang", { deadline: "5s" });
  assert.deepEqual([state, note, output], ["deadline", "ended after 5s", "hangs"]);
  assert.equal(bench.logged("left").length, 1, "it was asked to leave");
  assert.deepEqual(remains({ mark, leader: keeper }), []);
}));

Deno.test(posixTest("run of a diagnostic: one that will not leave is killed", async () => {
  await using bench = new Bench();
  const { state } = await run(bench, "stubborn", { deadline: "2s" }, { grace: 500 });
  assert.equal(state, "deadline");
  assert.ok(bench.logged("begin").every((pid) => !isAlive(pid)));
}));

Deno.test(
  posixTest("run of a diagnostic: what it left behind is ended with it, even without an environment", async () => {
    await using bench = new Bench();
    const { state } = await run(bench, "leave", {}, { grace: 300 });
    assert.equal(state, "ok");
    const [left] = bench.logged("leaves");
    assert.ok(left !== undefined && !isAlive(left));
  }),
);

Deno.test(posixTest("run of a diagnostic: killed by somebody else, it or its keeper", async () => {
  await using bench = new Bench();
  const die = await run(bench, "die");
  assert.deepEqual([die.state, die.note], ["killed", "ended by signal 9"]);
  let keeper = 0;
  const running = run(bench, "hang", {}, { onStart: (pid) => void (keeper = pid), grace: 300 });
  await until(() => bench.logged("begin").length === 2, () => "it begins");
  Deno.kill(keeper, "SIGKILL");
  const { state, note } = await running;
  assert.deepEqual([state, note], ["killed", "its keeper was ended by SIGKILL"]);
  assert.ok(bench.logged("begin").every((pid) => !isAlive(pid)), "nothing is left");
}));

Deno.test(posixTest("run of a diagnostic: told to stop, and not to be started at all", async () => {
  await using bench = new Bench();
  const stop = new AbortController();
  const running = run(bench, "hang", {}, { signal: stop.signal });
  await until(() => bench.logged("begin").length === 1, () => "it begins");
  stop.abort();
  assert.equal((await running).state, "interrupted");
  const none = await run(bench, "ok", {}, { commandOf: () => ["/nowhere/program"] });
  assert.equal(none.state, "failed");
  assert.match(none.output, /error: Cannot start \/nowhere\/program/);
  const nowhere = await run(bench, "ok", {}, { folder: "/nowhere" });
  assert.deepEqual([nowhere.state, nowhere.exit], ["failed", null]);
}));

Deno.test(
  posixTest("run of a diagnostic: it is latch run, with its rights before and its arguments after", async () => {
    await using bench = new Bench();
    const { jobs: [job] } = await bench.write({ ok: { rights: ["--allow-attach=shop.exe"], args: ["shop.exe"] } });
    assert.ok(job);
    const command = latchRun(job);
    assert.deepEqual(command.slice(-7), [
      "run",
      "--no-prompt",
      "--allow-attach=shop.exe",
      "--",
      job.script,
      "--json",
      "shop.exe",
    ]);
    assert.match(command.at(-8) ?? "", /lib.cli.latch\.ts$/);
  }),
);
