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

Deno.test("cron: a time zone's change of the clock", () => {
  const nightly = timetable("30 2 * * *", "Europe/Berlin");
  const days = nightly.between(Date.parse("2026-03-27T12:00:00Z"), Date.parse("2026-03-31T12:00:00Z"), 9);
  // On the 29th there is no half past two.
  const expected = ["28T01:30", "29T01:30", "30T00:30", "31T00:30"];
  assert.deepEqual(days.map((time) => new Date(time).toISOString().slice(8, 16)), expected);
});
