import assert from "node:assert/strict";
import { join } from "node:path";
import { timetable } from "../../lib/cli/schedule/cron.ts";
import { durationText, parseDuration } from "../../lib/cli/schedule/duration.ts";
import { readSchedule, type Schedule } from "../../lib/cli/schedule/file.ts";

/** Reads a schedule out of a folder with the script `a.ts`. */
async function read(contents: unknown): Promise<Schedule> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "a.ts"), "");
    const file = join(folder, "s.json");
    await Deno.writeTextFile(file, typeof contents === "string" ? contents : JSON.stringify(contents));
    return await readSchedule(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The mistakes that a job has. */
async function mistakes(fields: Record<string, unknown>): Promise<string[]> {
  const job = { name: "a", cron: "* * * * *", script: "a.ts", ...fields };
  const error = await read({ jobs: [job] }).then(() => undefined, (error: Error) => error);
  return error?.message.split("\n  ").slice(1) ?? [];
}

Deno.test("schedule file: what a job says, and what holds where it says nothing", async () => {
  const full = {
    ...{ name: "b-1", cron: "0 3 * * 1-5", timezone: "Europe/Berlin", script: "https://lab.example/hang.ts" },
    ...{ args: ["shop.exe"], rights: ["--allow-attach=shop.exe", "--deny-net"], deadline: "90s", missed: "run" },
    ...{ retries: { count: 2, delay: "5s" }, keep: { count: 7, age: "2d" } },
  };
  const { jobs: [short, long] } = await read({ jobs: [{ name: "a", cron: "* * * * *", script: "a.ts" }, full] });
  assert.ok(short && long);
  assert.match(short.script, /a\.ts$/);
  assert.deepEqual([short.deadline, short.retries, short.missed], [600_000, { count: 0, delay: 30_000 }, "skip"]);
  assert.deepEqual([short.args, short.rights, short.keep], [[], [], { count: 1000, age: 90 * 86_400_000 }]);
  assert.deepEqual([long.script, long.deadline, long.missed], [full.script, 90_000, "run"]);
  assert.deepEqual([long.retries, long.keep], [{ count: 2, delay: 5000 }, { count: 7, age: 172_800_000 }]);
});

Deno.test("schedule file: each mistake is named with job, field, what is wrong and what to write", async () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ name: "a b" }, /^job "a b": name: it is "a b"; write up to 64 letters/],
    [{ name: 7 }, /^job 1: name: it is 7; write/],
    [{ cron: undefined }, /^job "a": cron: it is missing; write five fields/],
    [{ cron: "61 * * * *" }, /^job "a": cron: it is "61 \* \* \* \*"; .*minute: 61; write five fields/],
    [{ cron: "0 0 30 2 *" }, /cron: .* never due; write five fields/],
    [{ timezone: "Mars/Base" }, /timezone: it is "Mars\/Base"; write a name of the IANA database/],
    [{ script: "b.ts" }, /script: there is no file "b.ts"; write a path/],
    [{ script: 1 }, /script: it is 1; write a path/],
    [{ args: "x" }, /args: it is "x"; write a list of texts/],
    [{ args: ["x", 1] }, /args: it is 1; write a list of texts/],
    [{ rights: ["--allow-ps", "attach"] }, /rights: it is "attach"; write options of latch run/],
    [{ deadline: "soon" }, /deadline: it is "soon"; write a length of time/],
    [{ deadline: 30 }, /deadline: it is 30; write a length of time/],
    [{ retries: 3 }, /retries: it is 3; write \{"count": 2, "delay": "30s"\}/],
    [{ retries: { count: -1 } }, /retries.count: it is -1; write a whole number/],
    [{ keep: { age: "long" } }, /keep.age: it is "long"; write a length of time/],
    [{ keep: { days: 3 } }, /keep: days: there is no such field; write one of count, age/],
    [{ missed: true }, /missed: it is true; write "run" or "skip"/],
    [{ deadlin: "3s" }, /deadlin: there is no such field; write deadline/],
  ];
  for (const [fields, expected] of cases) {
    const found = await mistakes(fields);
    assert.equal(found.length, 1, JSON.stringify(fields));
    assert.match(found[0] ?? "", expected);
  }
  assert.equal((await mistakes({ cron: "x", deadline: "x", missed: "x" })).length, 3, "all at once");
});

Deno.test("schedule file: one that is no schedule, no JSON, not there, or names a job twice", async () => {
  await assert.rejects(read([]), /the file has no list of jobs; write \{"jobs"/);
  await assert.rejects(read({ jobs: [] }), /jobs: the list is empty/);
  await assert.rejects(read({ jobs: [7] }), /job 1: it is 7; write an object/);
  await assert.rejects(read('{"jobs": [}'), /it is no JSON \(.*\); correct that place/);
  await assert.rejects(
    readSchedule("/nowhere/s.json"),
    /there is no such file; name it, or write a latch.schedule.json/,
  );
  const job = { name: "a", cron: "* * * * *", script: "a.ts" };
  await assert.rejects(read({ jobs: [job, job] }), /job "a": name: another job has it too/);
});

Deno.test("schedule file: lengths of time", () => {
  const texts = ["1ms", "90s", "10m", "1.5h", "2d"];
  assert.deepEqual(texts.map(parseDuration), [1, 90_000, 600_000, 5_400_000, 172_800_000]);
  for (const text of ["", "10", "s", "-1s", "1w"]) assert.equal(parseDuration(text), undefined, text);
  const shown = [15, 1500, 90_000, 600_000, 5_400_000, 172_800_000].map(durationText);
  assert.deepEqual(shown, ["15ms", "1.5s", "1m 30s", "10m", "1h 30m", "2d"]);
});

Deno.test("cron: times between two others are found without walking through a long gap", () => {
  const at = Date.parse;
  const hourly = timetable("0 * * * *", "UTC");
  assert.equal(hourly.next(at("2026-03-01T10:00:00Z")), at("2026-03-01T11:00:00Z"));
  const two = hourly.between(at("2026-03-01T10:00:00Z"), at("2026-03-01T12:00:00Z"), 9);
  assert.deepEqual(two, [at("2026-03-01T11:00:00Z"), at("2026-03-01T12:00:00Z")]);
  assert.deepEqual(hourly.between(at("2026-03-01T10:00:00Z"), at("2026-03-01T10:30:00Z"), 9), []);
  const began = performance.now();
  const seconds = timetable("* * * * * *", "UTC").between(at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), 3);
  assert.deepEqual(seconds.map((time) => new Date(time).toISOString().slice(11, 19)), [
    "23:59:58",
    "23:59:59",
    "00:00:00",
  ]);
  assert.ok(performance.now() - began < 10_000);
  const yearly = timetable("0 0 1 1 *", "UTC").between(at("2020-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z"), 3);
  assert.deepEqual(yearly.map((time) => new Date(time).getUTCFullYear()), [2024, 2025, 2026]);
});

const MINUTE = 60_000;

/** What the clock of a time zone shows in each minute of two days, as `02:30`, by the system's own tables. */
function clockFrom(start: string, timeZone: string): { readonly time: number; readonly shows: string }[] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return Array.from({ length: 2 * 24 * 60 }, (_, index) => {
    const time = Date.parse(start) + index * MINUTE;
    return { time, shows: format.format(time) };
  });
}

/** Zones with the days on which their clocks go back and forward, and a time a day that comes twice, or not at all. */
const CHANGES = [
  { zone: "Europe/Berlin", back: "2026-10-25", twice: "02:30", forward: "2026-03-29", never: "02:30" },
  { zone: "America/New_York", back: "2026-11-01", twice: "01:30", forward: "2026-03-08", never: "02:30" },
  { zone: "Australia/Lord_Howe", back: "2026-04-05", twice: "01:45", forward: "2026-10-04", never: "02:15" },
];

for (const { zone, back, twice, forward, never } of CHANGES) {
  /** The times of an expression in those two days, and what the clock shows then. */
  const timesOf = (cron: string, clock: ReturnType<typeof clockFrom>): number[] => {
    const [first, last] = [clock[0]?.time ?? 0, clock.at(-1)?.time ?? 0];
    return timetable(cron, zone).between(first - 1, last, 1_000);
  };
  const start = (day: string): string => new Date(Date.parse(day) - 12 * 60 * MINUTE).toISOString();
  const daily = (time: string): string => `${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * *`;
  const list = (time: string): string => daily(time).replace(/^\d+/, (minute) => `${minute},${Number(minute) + 1}`);

  Deno.test(`cron: each quarter of an hour is due on the days on which the clocks of ${zone} change`, () => {
    for (const day of [back, forward]) {
      const clock = clockFrom(start(day), zone);
      const quarters = clock.filter(({ shows }) => Number(shows.slice(3)) % 15 === 0).map(({ time }) => time);
      assert.deepEqual(timesOf("*/15 * * * *", clock), quarters);
      const hours = clock.filter(({ shows }) => shows.endsWith(":00")).map(({ time }) => time);
      assert.deepEqual(timesOf("0 * * * *", clock), hours);
    }
  });

  Deno.test(`cron: one time a day is due once on the days on which the clocks of ${zone} change, lists as often as it comes`, () => {
    const autumn = clockFrom(start(back), zone);
    const both = autumn.filter(({ shows }) => shows === twice).map(({ time }) => time);
    assert.ok(both.length >= 2 && Number(both[1]) - Number(both[0]) <= 60 * MINUTE);
    assert.deepEqual(timesOf(daily(twice), autumn), both.filter((_, index) => index !== 1));
    assert.deepEqual(
      timesOf(list(twice), autumn).filter((time) => both.includes(time)),
      both,
    );

    const spring = clockFrom(start(forward), zone);
    const changed = spring.find(({ shows }, index) =>
      index > 0 && shows > never && (spring[index - 1]?.shows ?? "") < never
    );
    const due = spring.filter(({ time, shows }) => shows === never || time === changed?.time).map(({ time }) => time);
    assert.ok(changed);
    assert.deepEqual(timesOf(daily(never), spring), due);
    assert.deepEqual(timesOf(list(never), spring).filter((time) => Math.abs(time - changed.time) < 60 * MINUTE), []);
  });
}
