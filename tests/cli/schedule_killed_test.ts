import assert from "node:assert/strict";
import type { RunRecord } from "../../lib/cli/schedule/history.ts";
import { isAlive } from "../../lib/cli/schedule/processes.ts";
import { Bench, posixTest, until } from "./schedule_support.ts";

/** The processes of diagnostics that are there. */
const alive = (bench: Bench): number[] => bench.logged("begin").filter(isAlive);

/** The runs: times that were skipped, or missed while a busy machine took its time to start the scheduler, are none. */
const ran = (bench: Bench): RunRecord[] =>
  bench.runs().filter(({ state }) => state !== "skipped" && state !== "missed");

Deno.test(
  posixTest("killed: a scheduler's run ends by itself, and the next scheduler records it as interrupted", async () => {
    await using bench = new Bench();
    await bench.write({ hang: {} });
    const first = bench.spawn();
    await until(() => bench.logged("ready").length === 1, () => "the run begins");
    first.kill("SIGKILL");
    await first.status;
    await until(() => alive(bench).length === 0, () => "the run ends, though nobody tells it");
    assert.equal(bench.logged("left").length, 1, "gently");
    assert.deepEqual(ran(bench).map(({ state }) => state), ["running"]);
    bench.spawn();
    await until(() => bench.logged("begin").length === 2, () => "the next run begins");
    const [run, ...others] = ran(bench);
    assert.deepEqual([run?.state, run?.note], ["interrupted", `its scheduler, process ${first.pid}, ended`]);
    assert.deepEqual(others.map(({ state }) => state), ["running"]);
    assert.doesNotMatch(bench.logText(), /overlap/);
  }),
);

Deno.test(
  posixTest("killed: a scheduler together with the run's keeper; the next scheduler ends what is left", async () => {
    await using bench = new Bench();
    await bench.write({ hang: {} });
    const first = bench.spawn();
    await until(() => bench.runs().some(({ pid }) => pid !== null), () => "the run has a process");
    await until(() => bench.logged("begin").length === 1, () => "the run begins");
    const keeper = bench.runs().find(({ state }) => state === "running")?.pid;
    assert.ok(keeper);
    first.kill("SIGKILL");
    Deno.kill(keeper, "SIGKILL");
    await first.status;
    assert.equal(alive(bench).length, 1, "an orphan");
    bench.spawn();
    await until(() => bench.logged("begin").length === 2, () => "the next run begins");
    assert.equal(alive(bench).length, 1);
    assert.doesNotMatch(bench.logText(), /overlap/);
    assert.equal(ran(bench)[0]?.state, "interrupted");
  }),
);

Deno.test(posixTest("killed: a script; it is recorded as killed, and tried again if so said", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ hang: { retries: { count: 1, delay: "10ms" } } });
  const running = bench.runUntil(
    schedule,
    (runs) => runs.some(({ state, attempt }) => state === "killed" && attempt === 2),
  );
  for (const count of [1, 2]) {
    await until(() => bench.logged("begin").length >= count, () => `run ${count} begins`);
    for (const pid of alive(bench)) Deno.kill(pid, "SIGKILL");
  }
  const killed = (await running).filter(({ state }) => state === "killed");
  assert.deepEqual(killed.map(({ attempt, note }) => [attempt, note]).slice(0, 2), [
    ...[[1, "ended by signal 9"], [2, "ended by signal 9"]],
  ]);
}));

Deno.test(posixTest("killed: told to end, a scheduler ends its runs gently and records that", async () => {
  await using bench = new Bench();
  await bench.write({ hang: {} });
  const scheduler = bench.spawn();
  await until(() => bench.logged("ready").length === 1, () => "the run begins");
  scheduler.kill("SIGTERM");
  assert.equal((await scheduler.status).code, 0);
  assert.equal(bench.logged("left").length, 1);
  const [run] = ran(bench);
  assert.deepEqual([run?.state, run?.note], ["interrupted", "the scheduler was told to stop"]);
  using history = bench.history();
  assert.deepEqual(history.schedulers(), []);
}));

Deno.test(posixTest("killed: one of two schedulers; the other one takes over", async () => {
  await using bench = new Bench();
  await bench.write({ hang: {}, ok: {} });
  const both = [bench.spawn(), bench.spawn()];
  await until(() => bench.logged("begin").length >= 4, () => "runs begin");
  const holder = (): number | undefined => {
    using history = bench.history();
    const [run] = history.runs({ job: "hang", states: ["running"] });
    return history.schedulers().find(({ id }) => id === run?.scheduler)?.pid;
  };
  const pid = holder();
  const killed = both.find((one) => one.pid === pid);
  assert.ok(killed);
  killed.kill("SIGKILL");
  await until(() => ![undefined, pid].includes(holder()), () => "the other one runs the job");
  assert.doesNotMatch(bench.logText(), /overlap/);
  const runs = ran(bench).filter(({ job }) => job === "hang");
  assert.deepEqual(runs.map(({ state }) => state), ["interrupted", "running"]);
}));
