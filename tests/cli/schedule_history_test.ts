import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { historyPath } from "../../lib/cli/schedule/database.ts";
import { History } from "../../lib/cli/schedule/history.ts";
import { Bench } from "./schedule_support.ts";

const claim = (job: string, due: number | null = null, attempt = 1) => {
  return { job, due, attempt, reason: "schedule", start: 1000 } as const;
};
const ok = { state: "ok", exit: 0, note: "", output: "" } as const;

Deno.test("history: where it is", { ignore: Deno.build.os === "windows" }, () => {
  const path = (variables: Record<string, string>): string => historyPath((name) => variables[name]);
  assert.equal(path({ HOME: "/home/a" }), "/home/a/.local/state/latch/history.db");
  assert.equal(path({ HOME: "/home/a", XDG_STATE_HOME: "/s" }), "/s/latch/history.db");
});

Deno.test("history: a run is there before it ends, once, and stays as it ended", async () => {
  await using bench = new Bench();
  using history = bench.history();
  const run = history.claim(claim("a", 500), "s1");
  assert.ok(run);
  assert.equal(history.claim(claim("a", 600), "s2"), undefined, "it is under way");
  using other = bench.history();
  assert.equal(other.claim(claim("a"), "s2"), undefined, "for others as well");
  assert.ok(other.claim(claim("b", 500), "s2"), "another job may");
  history.setPid(run.id, 42);
  history.addFinding(run.id, { diagnostic: "crash", title: "it", json: '{"a":1}' });
  const [state, pid, mark] = [history.run(run.id)?.state, history.run(run.id)?.pid, history.run(run.id)?.mark];
  assert.deepEqual([state, pid, mark], ["running", 42, run.mark]);
  assert.equal(history.finish(run.id, ok, 2000), true);
  assert.equal(history.finish(run.id, { ...ok, state: "failed" }, 3000), false);
  assert.deepEqual([history.run(run.id)?.state, history.run(run.id)?.end], ["ok", 2000]);
  assert.equal(history.claim(claim("a", 500), "s2"), undefined, "that time had its run");
  assert.ok(history.claim(claim("a", 500, 2), "s1"), "a second attempt may");
  assert.deepEqual(history.findings(run.id).map(({ title }) => title), ["it"]);
});

Deno.test("history: which runs are wanted", async () => {
  await using bench = new Bench();
  using history = bench.history();
  for (let index = 0; index < 10; index++) {
    const run = history.claim({ ...claim(index % 2 ? "a" : "b"), start: index * 100 }, "s");
    if (run) history.finish(run.id, index === 3 ? { ...ok, state: "failed" } : ok, index * 100 + 50);
  }
  assert.deepEqual(history.runs({ limit: 2 }).map(({ id }) => id), [10, 9]);
  assert.deepEqual(history.runs({ job: "a", since: 500 }).map(({ id }) => id), [10, 8, 6]);
  assert.deepEqual(history.runs({ states: ["failed", "killed"] }).map(({ id }) => id), [4]);
});

Deno.test("history: it keeps so many runs, and none that is too old, with what they found", async () => {
  await using bench = new Bench();
  using history = bench.history();
  for (let index = 0; index < 20; index++) {
    const run = history.claim({ ...claim("a"), start: index * 100 }, "s");
    assert.ok(run);
    history.addFinding(run.id, { diagnostic: "d", title: "t", json: "{}" });
    if (index < 19) history.finish(run.id, ok, 1);
  }
  history.claim(claim("other"), "s");
  history.retain("a", { count: 10, age: 1e9 }, 2000);
  assert.equal(history.runs({ job: "a" }).length, 10);
  assert.deepEqual(history.findings(1), []);
  history.retain("a", { count: 10, age: 250 }, 2000);
  assert.deepEqual(history.runs({ job: "a" }).map(({ start }) => start), [1900, 1800]);
  history.retain("a", { count: 1, age: 1 }, 9000);
  assert.deepEqual(history.runs({ job: "a" }).map(({ state }) => state), ["running"], "what is under way stays");
  assert.equal(history.runs({ job: "other" }).length, 1);
});

Deno.test("history: a file that is damaged, none of ours, of a newer Latch, or not there", async () => {
  await using bench = new Bench();
  const file = (name: string): string => join(bench.folder, name);
  await Deno.writeTextFile(file("text.db"), "no database at all ".repeat(100));
  assert.throws(
    () => new History(file("text.db")),
    /^HistoryError: Cannot use the history .*: it is no history .*; move it away/,
  );
  using other = new DatabaseSync(file("other.db"));
  other.exec("CREATE TABLE t (a)");
  assert.throws(() => new History(file("other.db")), /it is a database of something else; name another file/);
  assert.equal(other.prepare("PRAGMA journal_mode").get()?.journal_mode, "delete", "it was left as it is");
  new History(file("newer.db"))[Symbol.dispose]();
  using newer = new DatabaseSync(file("newer.db"));
  newer.exec("PRAGMA user_version = 99");
  assert.throws(() => new History(file("newer.db")), /a newer Latch made it; update Latch/);
  assert.throws(
    () => new History(file("none.db"), { isReader: true }),
    /there is no such file; run latch schedule first/,
  );
  assert.throws(() => new History(join(file("text.db"), "history.db")), /Cannot use the history .*text\.db.*; look at/);
});

Deno.test("history: damage inside is told when it is met", async () => {
  await using bench = new Bench();
  {
    using history = bench.history();
    for (let index = 0; index < 200; index++) history.addWithoutRun("a", index, "missed", index, "x".repeat(200));
  }
  using file = await Deno.open(bench.path, { write: true });
  await file.seek(8192, Deno.SeekMode.Start);
  await file.write(new Uint8Array(40_000).fill(0xa5));
  assert.throws(() => {
    using history = bench.history();
    history.runs();
    history.retain("a", { count: 1, age: 1 }, 1e9);
  }, /Cannot use the history .*: it is damaged .*; move it away, and a new one is made/);
});

Deno.test("history: somebody who keeps it locked is waited for, and named in the end", async () => {
  await using bench = new Bench();
  using history = new History(bench.path, { patience: 200 });
  using other = new DatabaseSync(bench.path);
  other.exec("BEGIN IMMEDIATE");
  assert.throws(
    () => history.claim(claim("a"), "s"),
    /another program keeps it locked .*; wait for that program, or end it/,
  );
  assert.deepEqual(history.runs(), [], "it can be read meanwhile");
  other.exec("COMMIT");
  assert.ok(history.claim(claim("a"), "s"));
});
