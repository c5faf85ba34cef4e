import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { clockOf } from "../../lib/cli/schedule/clock.ts";
import { History } from "../../lib/cli/schedule/history.ts";
import { Scheduler } from "../../lib/cli/schedule/scheduler.ts";
import { Bench, plainCommand, posixTest, until } from "./schedule_support.ts";

const HOUR = 3_600_000;

Deno.test(posixTest("scheduler: runs what is due, each time once, and records what was found", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ find: {}, ok: { cron: "*/2 * * * *" } });
  const runs = await bench.runUntil(schedule, (runs) => runs.filter(({ state }) => state === "finding").length >= 3);
  const found = runs.filter(({ state }) => state === "finding");
  assert.ok(found.every(({ job, exit, reason }) => job === "find" && exit === 1 && reason === "schedule"));
  assert.equal(new Set(found.map(({ due }) => due)).size, found.length);
  assert.ok(runs.every(({ due }) => due !== null && due % 60_000 === 0));
  using history = bench.history();
  assert.deepEqual(history.findings(found[0]?.id ?? 0).map(({ title }) => title), ["it crashed", "and again"]);
  assert.equal(runs.filter(({ state }) => state === "running").length, 0);
}));

Deno.test(
  posixTest("scheduler: a job does not overlap itself; the times meanwhile are recorded as skipped", async () => {
    await using bench = new Bench();
    const schedule = await bench.write({ slow: {} });
    const runs = await bench.runUntil(schedule, (runs) => runs.filter(({ state }) => state === "ok").length >= 2);
    const skipped = runs.filter(({ state }) => state === "skipped");
    assert.ok(skipped.length > 0);
    assert.match(skipped[0]?.note ?? "", /^run \d+ was under way$/);
    assert.doesNotMatch(bench.logText(), /overlap/);
  }),
);

Deno.test(posixTest("scheduler: what fails is tried again, so often and no more", async () => {
  await using bench = new Bench();
  const retries = { count: 2, delay: "10ms" };
  const often = { cron: "*/20 * * * *", retries };
  const schedule = await bench.write({ flaky: often });
  const runs = await bench.runUntil(schedule, (runs) => runs.some(({ state }) => state === "ok"));
  const tried = runs.filter(({ state }) => state !== "missed" && state !== "skipped").slice(0, 3);
  assert.deepEqual(tried.map(({ state, attempt, reason }) => [state, attempt, reason]), [
    ...[["failed", 1, "schedule"], ["failed", 2, "retry"], ["ok", 3, "retry"]],
  ]);
  assert.equal(new Set(tried.map(({ due }) => due)).size, 1, "all for the same time");
  const other = await bench.write({ fail: often });
  const failed = await bench.runUntil(other, (runs) => new Set(runs.filter(isFail).map(({ due }) => due)).size > 1);
  assert.ok(failed.filter(isFail).every(({ attempt }) => attempt <= 3));
  assert.deepEqual(failed.filter(isFail).slice(0, 3).map(({ attempt }) => attempt), [1, 2, 3]);
}));

const isFail = ({ job, state }: { job: string; state: string }): boolean => job === "fail" && state === "failed";

Deno.test(posixTest("scheduler: the history keeps what the job says", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ ok: { keep: { count: 2, age: "3650d" } } });
  // Not the history: on a busy machine the next times push an end out of it before anybody looks.
  const ends = (): number => bench.said.filter((line) => / ended: ok /.test(line)).length;
  const runs = await bench.runUntil(schedule, () => ends() > 3);
  const ran = runs.filter(({ exit }) => exit !== null);
  assert.ok(ran.length <= 2 && ran.every(({ id }) => id > 1), JSON.stringify(runs));
}));

for (const missed of ["skip", "run"] as const) {
  Deno.test(posixTest(
    `scheduler: times at which none ran are recorded as missed, and ${
      missed === "run" ? "one run makes up" : "skipped"
    }`,
    async () => {
      await using bench = new Bench();
      const schedule = await bench.write({ ok: { cron: "0 * * * *", timezone: "UTC", missed } });
      const at = (time: string): ReturnType<typeof clockOf> => clockOf(1, Date.parse(time), Date.now());
      await bench.runUntil(schedule, () => bench.runs().length === 0 && accounted(bench), at("2026-03-01T10:30:00Z"));
      const isDone = missed === "run" ? "ok" : "missed";
      const clock = at("2026-03-01T13:30:00Z");
      const runs = await bench.runUntil(schedule, (runs) => runs.some(({ state }) => state === isDone), clock);
      const times = runs.filter(({ state }) => state === "missed").map(({ due }) => new Date(due ?? 0).getUTCHours());
      assert.deepEqual(times, [11, 12, 13]);
      const made = runs.filter(({ state }) => state !== "missed").map(({ state, reason, due }) => [state, reason, due]);
      assert.deepEqual(made, missed === "run" ? [["ok", "missed", null]] : []);
      const again = await bench.runUntil(schedule, () => true, at("2026-03-01T13:31:00Z"));
      assert.equal(again.length, runs.length, "once");
    },
  ));
}

/** Whether a scheduler has looked at the job's times. */
function accounted(bench: Bench): boolean {
  using database = new DatabaseSync(bench.path);
  return database.prepare("SELECT 1 FROM jobs").get() !== undefined;
}

Deno.test(posixTest("scheduler: of a long gap only the last missed times are listed", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ ok: { timezone: "UTC" } });
  const from = Date.parse("2026-03-01T10:30:30Z");
  await bench.runUntil(schedule, () => accounted(bench), clockOf(1, from, Date.now()));
  const later = clockOf(1, from + 1000 * HOUR, Date.now());
  const runs = await bench.runUntil(schedule, (runs) => runs.length > 0, later);
  const missed = runs.filter(({ state }) => state === "missed");
  assert.equal(missed.length, 20);
  assert.equal(missed[0]?.note, "no scheduler ran; earlier times are not listed");
}));

Deno.test(
  posixTest("scheduler: another timetable begins anew, and missed times of the old one do not count", async () => {
    await using bench = new Bench();
    const from = Date.parse("2026-03-01T10:30:30Z");
    await bench.runUntil(await bench.write({ ok: {} }), () => accounted(bench), clockOf(1, from, Date.now()));
    const changed = await bench.write({ ok: { cron: "0 0 1 1 *" } });
    let rounds = 0;
    const runs = await bench.runUntil(changed, () => ++rounds > 20, clockOf(1, from + 10 * HOUR, Date.now()));
    assert.deepEqual(runs, []);
  }),
);

Deno.test(posixTest("scheduler: two on the same history share the times, without overlap", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ ok: {}, slow: { cron: "*/3 * * * *" } });
  using history = bench.history();
  const stop = new AbortController();
  const clock = bench.clock();
  const running = [1, 2].map(() => bench.scheduler(schedule, history, clock).run(stop.signal));
  await until(() => history.runs({ states: ["ok"] }).length >= 8, () => bench.said.join("\n"));
  stop.abort();
  await Promise.all(running);
  assert.doesNotMatch(bench.logText(), /overlap/);
  const times = bench.runs().map(({ job, due, attempt }) => `${job} ${due} ${attempt}`);
  assert.equal(new Set(times).size, times.length);
  const ran = bench.runs().filter(({ exit }) => exit !== null);
  // The last of them may have been told to stop before they began.
  assert.ok(bench.logged("begin").length <= ran.length);
  assert.ok(bench.logged("end").length >= ran.filter(({ state }) => state === "ok").length);
}));

Deno.test(posixTest("scheduler: a history that is locked for a while holds it up, and no more", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ ok: {} });
  using history = new History(bench.path, { patience: 300 });
  const stop = new AbortController();
  const running = bench.scheduler(schedule, history).run(stop.signal);
  await until(() => history.runs({ states: ["ok"] }).length > 0, () => bench.said.join("\n"));
  const other = new DatabaseSync(bench.path, { timeout: 5000 });
  other.exec("BEGIN IMMEDIATE");
  const before = history.runs({ states: ["ok"] }).length;
  await until(() => bench.said.some((line) => line.includes("keeps it locked")), () => bench.said.join("\n"));
  other.exec("ROLLBACK");
  other.close();
  await until(() => history.runs({ states: ["ok"] }).length > before, () => bench.said.join("\n"));
  stop.abort();
  await running;
  assert.equal(bench.runs().filter(({ state }) => state === "running").length, 0);
}));

Deno.test(posixTest("scheduler: one job out of turn, and not twice at once", async () => {
  await using bench = new Bench();
  const schedule = await bench.write({ slow: {} });
  const [job] = schedule.jobs;
  assert.ok(job);
  using history = bench.history();
  const { signal } = new AbortController();
  const make = (): Scheduler => {
    const say = (): void => {};
    return new Scheduler(schedule, history, { clock: clockOf(), commandOf: plainCommand, say });
  };
  const first = make().runNow(job, signal);
  await until(() => history.runs({ states: ["running"] }).length === 1, () => "it begins");
  assert.equal(await make().runNow(job, signal), undefined);
  const run = await first;
  assert.deepEqual([run?.state, run?.reason, run?.due], ["ok", "manual", null]);
  assert.deepEqual(history.schedulers(), []);
}));
