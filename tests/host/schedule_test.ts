/** A schedule of five diagnostics against live programs, with everything being killed in the meantime. */
import assert from "node:assert/strict";
import { pause } from "../../lib/cli/schedule/clock.ts";
import type { RunRecord } from "../../lib/cli/schedule/history.ts";
import { count } from "../count.ts";
import { random } from "../random.ts";
import { Arena } from "./schedule_support.ts";

const RUNS = count(30, 200);
/** Milliseconds after which it has to be through. */
const LIMIT = count(120_000, 600_000);
const JOBS = ["crash", "hang", "modules", "tree", "modules-two"];
/** How often each job has to get through, at least. */
const ENOUGH = 2;
const ENDS = ["ok", "finding", "failed", "deadline", "killed", "interrupted"];

/** Kills something, and puts what is needed back in its place. */
async function strike(arena: Arena, next: () => number, counts: Record<string, number>): Promise<void> {
  const choose = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  const dice = next();
  const note = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  if (dice < 0.5) return arena.killRun("script", choose) ? note("scripts") : undefined;
  if (dice < 0.65) return arena.killRun("keeper", choose) ? note("keepers") : undefined;
  if (dice < 0.8) {
    note("targets");
    return await arena.killTarget(choose(arena.targets) ?? "");
  }
  if (dice < 0.85 && arena.schedulers < 2) {
    note("second schedulers");
    return arena.startScheduler();
  }
  const signal = dice < 0.96 ? "SIGKILL" : "SIGTERM";
  if (next() < 0.3) arena.killRun("keeper", choose);
  await arena.endSchedulers(signal);
  note(signal === "SIGKILL" ? "schedulers" : "schedulers told to end");
  await pause(next() * 500);
  arena.startScheduler();
}

/** How often a job found something, or looked and found nothing. */
function throughOf(runs: readonly RunRecord[], job: string): number {
  return runs.filter((run) => run.job === job && ["ok", "finding"].includes(run.state)).length;
}

/** Lets the schedule run, with blows, until there were enough runs. */
async function fight(arena: Arena, next: () => number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const begin = performance.now();
  arena.startScheduler();
  const isOver = (): boolean => performance.now() - begin > LIMIT;
  while (arena.runs().length < RUNS) {
    assert.ok(!isOver(), `only ${arena.runs().length} runs in ${LIMIT / 1000} s`);
    await pause(500 + next() * 1500);
    await strike(arena, next, counts);
  }
  // Undisturbed: on a slow machine the long ones might not have got through yet.
  while (JOBS.some((job) => throughOf(arena.runs(), job) < ENOUGH) && !isOver()) await pause(500);
  await arena.endSchedulers("SIGTERM");
  // The next one finds what those that were killed have left.
  arena.startScheduler();
  while (arena.runs().some(({ state }, index) => state === "running" && index < RUNS)) await pause(100);
  await pause(1000);
  assert.deepEqual(await arena.endSchedulers("SIGTERM"), [0]);
  return counts;
}

Deno.test({
  name: `a schedule of five diagnostics runs ${RUNS} times while scheduler, scripts and targets are killed`,
  ignore: Deno.build.os !== "linux",
}, async () => {
  const seed = Number(Deno.env.get("LATCH_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`LATCH_SEED=${seed}`);
  const begin = performance.now();
  await using arena = await Arena.make();
  const killed = await fight(arena, random(seed));
  const runs = arena.runs();
  const logged = arena.logged();
  const states = Object.groupBy(runs, ({ state }) => state);
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${runs.length} runs in ${seconds} s:`, sizes(states), "killed:", killed);
  console.log("begun:", sizes(Object.groupBy(logged, ({ job }) => job)));
  console.log("through:", Object.fromEntries(JOBS.map((job) => [job, throughOf(runs, job)])));

  assert.deepEqual(runs.filter(({ state, end }) => !ENDS.includes(state) || end === null), [], "each run has its end");
  assert.deepEqual(arena.lines("overlap"), []);
  const marks = new Map(runs.map((run) => [run.mark, run]));
  assert.equal(new Set(logged.map(({ mark }) => mark)).size, logged.length, "each began once");
  assert.deepEqual(
    logged.filter(({ mark, job }) => marks.get(mark)?.job !== job),
    [],
    "the history knows all that began",
  );
  const began = new Set(logged.map(({ mark }) => mark));
  const silent = runs.filter(({ mark }) => !began.has(mark ?? ""));
  const isCut = ({ state }: { state: string }): boolean => ["killed", "interrupted"].includes(state);
  assert.ok(silent.every(isCut), `what never began was cut off: ${JSON.stringify(silent)}`);
  assert.ok((states.finding ?? []).every(({ id }) => arena.findings(id).length > 0), "findings are kept");
  for (const job of JOBS) assert.ok(throughOf(runs, job) >= ENOUGH, `${job} got through ${throughOf(runs, job)} times`);
  const crash = runs.find(({ job, state }) => job === "crash" && state === "finding");
  assert.match(
    arena.findings(crash?.id ?? 0)[0] ?? "",
    /^crash\.exe .* crashed of STATUS_ACCESS_VIOLATION, .* in crash!write_through/,
  );
  for (let round = 0; arena.orphans().length > 0 && round < 100; round++) await pause(100);
  assert.deepEqual(arena.orphans(), [], "nothing is left");
});

function sizes(groups: Partial<Record<string, readonly unknown[]>>): Record<string, number> {
  return Object.fromEntries(Object.entries(groups).map(([name, list]) => [name, list?.length ?? 0]));
}
