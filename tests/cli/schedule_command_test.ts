import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Bench } from "./schedule_support.ts";

const ENTRY = fileURLToPath(new URL("./schedule_entry.ts", import.meta.url));

/** Types a command line of `latch`. */
async function latch(bench: Bench, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const args = ["run", "-A", "--no-check", ENTRY, ...words];
  const env = { XDG_STATE_HOME: bench.folder, NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: bench.folder, env }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("latch schedule check: says when each job is due, or every mistake", async () => {
  await using bench = new Bench();
  await bench.write({ ok: { cron: "0 3 * * *", timezone: "UTC", deadline: "90s" } });
  const good = await latch(bench, "schedule", "check");
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /^ok {2}0 3 \* \* \* \(UTC\), deadline 1m 30s\n( {2}\d{4}-\d\d-\d\d \d\d:00:00\n){3}$/);
  const { next } = JSON.parse((await latch(bench, "schedule", "check", "--json")).out);
  assert.match(next[2], /T03:00:00.000Z$/);
  await Deno.writeTextFile(bench.file, '{"jobs": [{"name": "a", "cron": "x"}]}');
  const bad = await latch(bench, "schedule", "check");
  assert.deepEqual([bad.code, bad.out], [2, ""]);
  assert.match(
    bad.err,
    /^error: job "a": cron: .*\nerror: job "a": script: .*\nerror: Cannot use the schedule .*: 2 mistakes/,
  );
});

Deno.test("latch schedule install: prints recipes that name everything in full", async () => {
  await using bench = new Bench();
  await bench.write({ ok: {} });
  const recipe = async (what: string): Promise<string> =>
    (await latch(bench, "schedule", "install", "--for", what)).out;
  assert.match(
    await recipe("systemd"),
    /^ExecStart="\/.*" "run" "-A" "\/.*latch\.ts" "schedule" "\/.*latch\.schedule\.json"$/m,
  );
  assert.match(await recipe("cron"), /^@reboot cd '\/.*' && exec '\/.*' 'run' .* 'schedule' '\/.*'/m);
  assert.match(
    await recipe("task-scheduler"),
    /<Arguments>run -A .*latch\.ts schedule .*latch\.schedule\.json<\/Arguments>/,
  );
  const wrong = await latch(bench, "schedule", "install", "--for", "init");
  assert.match(wrong.err, /Allowed choices are task-scheduler, systemd, cron/);
});

Deno.test("latch history: what ran, how it ended and what it found", async () => {
  await using bench = new Bench();
  assert.match((await latch(bench, "history")).err, /there is no such file; run latch schedule first/);
  const schedule = await bench.write({ find: {}, fail: {} });
  await bench.runUntil(
    schedule,
    (runs) => ["finding", "failed"].every((state) => runs.some((run) => run.state === state)),
  );
  const at = ["--history", bench.path];
  const all = await latch(bench, "history", ...at);
  assert.match(all.out, /^ *ID {2}START .*WHAT\n/);
  assert.match(all.out, /find +finding +it crashed \(and 1 more\)$/m);
  assert.match(all.out, /fail +failed +nothing is right \(exit code 2\)$/m);
  const some = await latch(
    bench,
    "history",
    ...at,
    "--state",
    "failed,killed",
    "--since",
    "1000d",
    "--limit",
    "1",
    "--json",
  );
  const [line, ...rest] = some.out.trim().split("\n").map((text) => JSON.parse(text));
  assert.deepEqual([rest.length, line.job, line.state, line.exit], [0, "fail", "failed", 2]);
  const found = bench.runs().find(({ state }) => state === "finding");
  const shown = await latch(bench, "history", "show", `${found?.id}`, ...at);
  assert.match(
    shown.out,
    /^job +find, schedule\nstate +finding\n[^]*found +fake: it crashed\n[^]*\noutput\nlooked at all of it\n$/,
  );
  const record = JSON.parse((await latch(bench, "history", ...at, "show", `${found?.id}`, "--json")).out);
  assert.deepEqual(record.findings.map(({ title }: { title: string }) => title), ["it crashed", "and again"]);
  assert.match((await latch(bench, "history", "show", "9999", ...at)).err, /There is no run 9999/);
  assert.match((await latch(bench, "history", "--since", "soon", ...at)).err, /"soon" is no time; write a length/);
  assert.match(
    (await latch(bench, "history", "--state", "good", ...at)).err,
    /"good" is no state; it is one of running/,
  );
});

Deno.test("latch schedule run: a name that there is not", async () => {
  await using bench = new Bench();
  await bench.write({ ok: {} });
  const { code, err } = await latch(bench, "schedule", "run", "other");
  assert.deepEqual([code, err.trim()], [2, 'error: There is no job "other" in latch.schedule.json; it has ok']);
});
