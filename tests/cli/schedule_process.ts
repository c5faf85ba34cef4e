/** A scheduler of its own process, with a fast clock: `FILE HISTORY SPEED START`; ends when it is told to. */
import { clockOf } from "../../lib/cli/schedule/clock.ts";
import { readSchedule } from "../../lib/cli/schedule/file.ts";
import { History } from "../../lib/cli/schedule/history.ts";
import { Scheduler } from "../../lib/cli/schedule/scheduler.ts";
import { GRACE, plainCommand, TOLERANCE } from "./schedule_support.ts";

if (import.meta.main) {
  const [file = "", path = "", speed, start] = Deno.args;
  const stop = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  using history = new History(path);
  const clock = clockOf(Number(speed), Number(start));
  const say = (line: string): void => console.log(line);
  const options = { clock, commandOf: plainCommand, grace: GRACE, tolerance: TOLERANCE, say };
  await new Scheduler(await readSchedule(file), history, options).run(stop.signal);
}
