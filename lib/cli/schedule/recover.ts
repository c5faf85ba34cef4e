/** Finds runs whose scheduler is dead, ends what is left of them and records them as interrupted. */
import type { History, RunRecord, SchedulerRecord } from "./history.ts";
import { birthOf, endTree, place } from "./processes.ts";

/** How long a scheduler of which nothing else can be seen may be silent, in milliseconds. */
const SILENCE = 120_000;

/** Whether a scheduler that entered itself is no more. */
export function isDead(scheduler: SchedulerRecord | undefined, now: number = Date.now()): boolean {
  if (!scheduler) return true;
  if (scheduler.place === place()) {
    const birth = birthOf(scheduler.pid);
    if (birth === undefined) return true;
    if (birth !== "" && scheduler.birth !== "") return birth !== scheduler.birth;
  }
  return now - scheduler.seen > SILENCE;
}

/**
 * Records as interrupted what dead schedulers left under way. Until all processes of such a run are gone it counts as running,
 * so that its job does not overlap itself.
 *
 * @param now The time to record.
 */
export async function recover(history: History, grace: number, now: () => number): Promise<RunRecord[]> {
  // As one change: a scheduler that enters itself and begins a run between the two would pass for dead.
  const [schedulers, running] = history.atOnce(() => [history.schedulers(), history.runs({ states: ["running"] })]);
  const dead = schedulers.filter((scheduler) => isDead(scheduler));
  const living = new Set(schedulers.filter((scheduler) => !dead.includes(scheduler)).map(({ id }) => id));
  const left = running.filter(({ scheduler }) => !living.has(scheduler ?? ""));
  const ended = await Promise.all(left.map(async (run) => {
    if (run.mark) await endTree({ mark: run.mark, leader: run.pid ?? undefined }, grace);
    const pid = schedulers.find(({ id }) => id === run.scheduler)?.pid;
    const note = pid === undefined ? "its scheduler ended" : `its scheduler, process ${pid}, ended`;
    const outcome = { state: "interrupted", exit: null, note, output: "" } as const;
    return history.finish(run.id, outcome, now()) ? run : undefined;
  }));
  for (const { id } of dead) history.removeScheduler(id);
  return ended.filter((run) => run !== undefined);
}
