/** What becomes of the program that a scheduled diagnostic debugs when the run is ended. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { kill, remains } from "../../lib/cli/schedule/processes.ts";
import { latchRun, type Outcome, runProcess } from "../../lib/cli/schedule/run_process.ts";
import { checkJobs } from "../../lib/cli/schedule/validate.ts";
import { runsOn, scene } from "./scene_support.ts";

const SCRIPT = join(import.meta.dirname ?? "", "scripts", "schedule_hold.ts");
const ignore = Deno.build.os !== "linux";

/** Runs a diagnostic that attaches to a program and stays there. Tells of the run's processes, its keeper aside, when it has it. */
async function hold(
  name: string,
  host: string,
  deadline: string,
  onHeld: (others: number[]) => void,
): Promise<Outcome> {
  const rights = [`--allow-attach=${name}`];
  const entry = { name: "hold", cron: "* * * * *", script: SCRIPT, args: [name], rights, deadline };
  const { jobs: [job], mistakes } = checkJobs({ jobs: [entry] }, ".", Date.now());
  assert.deepEqual(mistakes, []);
  assert.ok(job);
  const mark = crypto.randomUUID();
  let leader: number | undefined;
  const outcome = await runProcess(job, {
    ...{ folder: ".", mark, grace: 10_000, signal: new AbortController().signal },
    commandOf: (job) => ["env", `LATCH_HOST=${host}`, ...latchRun(job)],
    onStart: (pid) => leader = pid,
    onFinding: () => onHeld(remains({ mark, leader: undefined }).filter((pid) => pid !== leader)),
  });
  assert.deepEqual(remains({ mark, leader }), [], "nothing is left of the run");
  return outcome;
}

Deno.test({ name: "at the deadline the debugged program is let go and runs on", ignore }, async () => {
  await scene(async ({ host, target, start }) => {
    await start();
    let isHeld = false;
    const { state } = await hold(target.name, host.deno, "12s", () => isHeld = true);
    assert.deepEqual([state, isHeld], ["deadline", true]);
    await runsOn(target);
  });
});

Deno.test({ name: "when a run is killed the debugged program is let go and runs on", ignore }, async () => {
  await scene(async ({ host, target, start }) => {
    await start();
    const { state } = await hold(target.name, host.deno, "60s", (others) => {
      const commands = others.map((pid) => ({ pid, command: Deno.readTextFileSync(`/proc/${pid}/cmdline`) }));
      const latch = commands.find(({ command }) => command.includes("latch.ts"));
      assert.ok(latch);
      kill(latch.pid, "SIGKILL");
    });
    assert.equal(state, "killed");
    await runsOn(target);
  });
});
