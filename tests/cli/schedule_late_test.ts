/** Times that come late, clocks that are set, and schedulers whose process number is another's: with the tolerance that users have. */
import assert from "node:assert/strict";
import { type Clock, pause } from "../../lib/cli/schedule/clock.ts";
import type { Schedule } from "../../lib/cli/schedule/file.ts";
import type { History, RunRecord } from "../../lib/cli/schedule/history.ts";
import { birthOf, place } from "../../lib/cli/schedule/processes.ts";
import { isDead } from "../../lib/cli/schedule/recover.ts";
import { Scheduler } from "../../lib/cli/schedule/scheduler.ts";
import { Bench, plainCommand, posixTest, until } from "./schedule_support.ts";

/** A clock that stands until it is set; whoever sleeps wakes then. */
class SetClock implements Clock {
  /** How often somebody has gone to sleep: a round is over each time. */
  rounds = 0;
  #now: number;
  #wake = new AbortController();

  constructor(time: string) {
    this.#now = Date.parse(time);
  }

  now(): number {
    return this.#now;
  }

  async sleep(_ms: number, signal: AbortSignal): Promise<void> {
    this.rounds++;
    await pause(60_000, AbortSignal.any([signal, this.#wake.signal]));
  }

  /** Sets it, and waits until a scheduler has looked at it. */
  async set(time: string): Promise<void> {
    const { rounds } = this;
    this.#now = Date.parse(time);
    const wake = this.#wake;
    this.#wake = new AbortController();
    wake.abort();
    await until(() => this.rounds > rounds, () => `a round at ${time}`);
  }
}

/** Runs a scheduler while something is done, from its first round on. */
async function during(
  schedule: Schedule,
  history: History,
  clock: SetClock,
  action: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const scheduler = new Scheduler(schedule, history, { clock, commandOf: plainCommand, say: () => {} });
  const running = scheduler.run(stop.signal);
  try {
    await until(() => clock.rounds > 0, () => "the first round");
    await action();
  } finally {
    stop.abort();
    await running;
  }
}

const shape = ({ state, reason, due }: RunRecord): unknown[] => [state, reason, due && new Date(due).getUTCHours()];

/** Runs until none is under way, and gives what is recorded. */
async function settled(history: History): Promise<unknown[]> {
  await until(() => history.runs({ states: ["running"] }).length === 0, () => "the run ends");
  return history.runs().reverse().map(shape);
}

Deno.test(posixTest("late: a time is run within a minute of it, and was missed a moment later", async () => {
  await using bench = new Bench();
  using history = bench.history();
  const schedule = await bench.write({ ok: { cron: "0 * * * *", timezone: "UTC" } });
  const clock = new SetClock("2026-03-01T10:30:00Z");
  await during(schedule, history, clock, async () => {
    await clock.set("2026-03-01T11:01:00Z");
    assert.deepEqual(await settled(history), [["ok", "schedule", 11]]);
    await clock.set("2026-03-01T12:01:01Z");
    assert.deepEqual((await settled(history)).slice(1), [["missed", "schedule", 12]]);
    await clock.set("2026-03-01T13:00:00Z");
    assert.deepEqual((await settled(history)).slice(2), [["ok", "schedule", 13]]);
  });
}));

Deno.test(posixTest("late: when the clock was set back by days, the next time of the new one is run", async () => {
  await using bench = new Bench();
  using history = bench.history();
  const schedule = await bench.write({ ok: { cron: "0 * * * *", timezone: "UTC" } });
  const clock = new SetClock("2026-03-09T10:30:00Z");
  await during(schedule, history, clock, async () => {
    await clock.set("2026-03-01T10:30:00Z");
    await clock.set("2026-03-01T11:00:00Z");
    assert.deepEqual(await settled(history), [["ok", "schedule", 11]]);
  });
}));

Deno.test(posixTest("late: a clock that is set back by minutes has no time run twice", async () => {
  await using bench = new Bench();
  using history = bench.history();
  const schedule = await bench.write({ ok: { cron: "0 * * * *", timezone: "UTC" } });
  const clock = new SetClock("2026-03-01T10:30:00Z");
  await during(schedule, history, clock, async () => {
    for (const time of ["11:00:30", "10:50:00", "11:00:00", "11:00:30"]) await clock.set(`2026-03-01T${time}Z`);
    assert.deepEqual(await settled(history), [["ok", "schedule", 11]]);
  });
}));

Deno.test(
  "late: a scheduler is dead when another process has its number",
  { ignore: Deno.build.os !== "linux" },
  () => {
    const { pid } = Deno;
    const now = Date.now();
    const scheduler = { id: "s", pid, place: place(), birth: birthOf(pid) ?? "", seen: now };
    assert.equal(isDead(scheduler, now + 1e9), false, "this process, however long it was silent");
    assert.equal(isDead({ ...scheduler, birth: `${scheduler.birth}1` }, now), true, "another one");
    assert.equal(isDead({ ...scheduler, place: "elsewhere", birth: "x" }, now), false, "on another machine");
    assert.equal(isDead({ ...scheduler, place: "elsewhere", birth: "x" }, now + 120_001), true, "which is silent");
  },
);
