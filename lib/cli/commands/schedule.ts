import { fileURLToPath } from "node:url";
import { Argument, Command, Option } from "npm:commander@15.1.0";
import { act } from "../action.ts";
import { EXIT, UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { jsonOption } from "../options.ts";
import type { Output } from "../output.ts";
import { clockOf } from "../schedule/clock.ts";
import { localTimezone } from "../schedule/cron.ts";
import { historyPath } from "../schedule/database.ts";
import { durationText } from "../schedule/duration.ts";
import { readSchedule, type Schedule, SCHEDULE_FILE, ScheduleError } from "../schedule/file.ts";
import type { Job } from "../schedule/job.ts";
import { History, type RunRecord } from "../schedule/history.ts";
import { type Installer, INSTALLERS, recipe } from "../schedule/recipes.ts";
import { latchRun } from "../schedule/run_process.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import { historyOption, recordOf, timeText } from "./history.ts";

interface ScheduleOptions {
  readonly history?: string;
  readonly json?: boolean;
}

/** How often `check` says when a job is due. */
const NEXT_TIMES = 3;

/** `latch schedule`: runs diagnostics when they are due. */
export function scheduleCommand(): Command {
  const command = new Command("schedule")
    .description("run diagnostics when they are due, as a file says, until Ctrl-C")
    .enablePositionalOptions()
    .addArgument(fileArgument()).addOption(historyOption())
    .action((file: string, options: ScheduleOptions) => runAll(file, options))
    .addCommand(checkCommand()).addCommand(runCommand()).addCommand(installCommand());
  return withExamples(
    command,
    ["latch schedule", `run the jobs of ${SCHEDULE_FILE}`],
    ["latch schedule check", "look for mistakes, and say when each job is due"],
    ["latch schedule run crashes", "run one of its jobs now"],
    ["latch schedule install --for systemd", "print how to start it with the machine"],
  );
}

function checkCommand(): Command {
  const command = new Command("check").description("look for mistakes, and say when each job is due")
    .addArgument(fileArgument()).addOption(jsonOption())
    .action((file: string, options: ScheduleOptions) => act(options, ({ output }) => check(file, output)));
  return withExamples(command, ["latch schedule check", "the file of this folder"]);
}

function runCommand(): Command {
  const command = new Command("run").description("run one job now; exits with 1 if it found something or failed")
    .argument("<name>", "the job's name").addArgument(fileArgument()).addOption(historyOption()).addOption(jsonOption())
    .action((name: string, file: string, options: ScheduleOptions) => runOne(name, file, options));
  return withExamples(command, ["latch schedule run crashes", "out of turn, with its deadline and retries"]);
}

function installCommand(): Command {
  const command = new Command("install").description("print how to start a schedule with the machine; changes nothing")
    .addArgument(fileArgument())
    .addOption(new Option("--for <what>", "what is to start it").choices(INSTALLERS).makeOptionMandatory())
    .addOption(historyOption())
    .action((file: string, options: ScheduleOptions & { readonly for: Installer }) => install(file, options));
  return withExamples(command, ["latch schedule install --for task-scheduler", "a task for Windows"]);
}

function fileArgument(): Argument {
  return new Argument("[file]", "the schedule").default(SCHEDULE_FILE);
}

/** Reads the schedule; of several mistakes each gets a line, and the last is left to be reported by the caller. */
async function load(file: string): Promise<Schedule> {
  try {
    return await readSchedule(file);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    const [first = "", ...mistakes] = error.message.split("\n  ");
    if (mistakes.length === 0) throw new UsageError(first);
    for (const mistake of mistakes) console.error(`error: ${mistake}`);
    throw new UsageError(first);
  }
}

function runAll(file: string, options: ScheduleOptions): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const schedule = await load(file);
    using history = new History(options.history ?? historyPath());
    output.line(`${schedule.jobs.length} jobs of ${schedule.file}, history ${history.path}`);
    const say = (line: string): void => output.line(`${timeText(Date.now())}  ${line}`);
    await new Scheduler(schedule, history, { clock: clockOf(), commandOf: latchRun, say }).run(signal);
  });
}

async function check(file: string, output: Output): Promise<void> {
  const { jobs } = await load(file);
  for (const job of jobs) {
    const times: number[] = [];
    for (let time = job.timetable.next(Date.now()); time !== undefined; time = job.timetable.next(time)) {
      if (times.push(time) === NEXT_TIMES) break;
    }
    if (output.json) {
      output.record({ job: job.name, next: times.map((time) => new Date(time).toISOString()) });
      continue;
    }
    output.line(`${output.paint("bold", job.name)}  ${job.cron} (${job.timezone ?? localTimezone()}), ${limits(job)}`);
    for (const time of times) output.line(`  ${timeText(time)}`);
  }
}

function limits(job: Job): string {
  const retries = job.retries.count === 0 ? "" : `, ${job.retries.count} retries`;
  return `deadline ${durationText(job.deadline)}${retries}`;
}

function runOne(name: string, file: string, options: ScheduleOptions): Promise<void> {
  return act(options, async ({ output, signal }) => {
    const schedule = await load(file);
    const job = schedule.jobs.find((one) => one.name === name);
    if (!job) {
      const names = schedule.jobs.map((one) => one.name).join(", ");
      throw new UsageError(`There is no job "${name}" in ${file}; it has ${names}`);
    }
    using history = new History(options.history ?? historyPath());
    const say = (line: string): void => output.json ? undefined : output.line(line);
    const scheduler = new Scheduler(schedule, history, { clock: clockOf(), commandOf: latchRun, say });
    const run = await scheduler.runNow(job, signal);
    if (!run) throw new Error(`Cannot run ${name}: it is under way; wait until latch history says that it has ended`);
    if (output.json) output.record(recordOf(run, history.findings(run.id)));
    else if (run.output !== "" && run.state === "failed") output.line(run.output);
    return exitCodeOfRun(run);
  });
}

function exitCodeOfRun({ state }: RunRecord): number {
  if (state === "ok") return EXIT.done;
  if (state === "deadline") return EXIT.deadline;
  return state === "interrupted" ? EXIT.interrupted : EXIT.found;
}

function install(file: string, options: ScheduleOptions & { readonly for: Installer }): Promise<void> {
  return act({}, async ({ output }) => {
    const schedule = await load(file);
    const { history } = options;
    output.line(recipe(options.for, { file: schedule.file, latch: latchWords(), history }).trimEnd());
  });
}

/** What starts this `latch` again: whoever starts it with the machine has another PATH. */
function latchWords(): string[] {
  const entry = new URL("../latch.ts", import.meta.url);
  return [Deno.execPath(), "run", "-A", entry.protocol === "file:" ? fileURLToPath(entry) : entry.href];
}
