/** A scheduler with a fast clock, whose diagnostics are logged by a wrapper: `FILE HISTORY SPEED START WRAPPER LOG`. */
import { clockOf } from "../../../lib/cli/schedule/clock.ts";
import { readSchedule } from "../../../lib/cli/schedule/file.ts";
import type { Job } from "../../../lib/cli/schedule/job.ts";
import { History } from "../../../lib/cli/schedule/history.ts";
import { type Command, latchRun } from "../../../lib/cli/schedule/run_process.ts";
import { Scheduler } from "../../../lib/cli/schedule/scheduler.ts";

const DECADE = 3650 * 86_400_000;
const [file = "", path = "", speed, start, wrapper = "", log = ""] = Deno.args;

/** Jobs with rights are confined, the others run as they are. */
function commandOf(job: Job): Command {
  const plain: Command = [Deno.execPath(), "run", "-A", "--no-check", job.script, "--json", ...job.args];
  return ["sh", wrapper, job.name, log, ...job.rights.length > 0 ? latchRun(job) : plain];
}

const stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());
using history = new History(path, { patience: 20_000 });
const clock = clockOf(Number(speed), Number(start));
const say = (line: string): void => console.log(line);
// However slow the machine is, a minute of this clock is never so late that it counts as missed.
const options = { clock, commandOf, grace: 4000, tolerance: DECADE, say };
await new Scheduler(await readSchedule(file), history, options).run(stop.signal);
