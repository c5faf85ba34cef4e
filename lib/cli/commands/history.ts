import { resolve } from "node:path";
import { Command, Option } from "npm:commander@15.1.0";
import { act } from "../action.ts";
import { UsageError } from "../exit_codes.ts";
import { withExamples } from "../help.ts";
import { jsonOption, wholeNumber } from "../options.ts";
import type { Output, Style } from "../output.ts";
import { historyPath } from "../schedule/database.ts";
import { durationText, parseDuration } from "../schedule/duration.ts";
import { History, type RunRecord, type RunState, STATES } from "../schedule/history.ts";
import type { Finding } from "../schedule/output.ts";
import { clean, table } from "../text.ts";

interface HistoryOptions {
  readonly history?: string;
  readonly job?: string;
  readonly since?: number;
  readonly state?: readonly RunState[];
  readonly limit: number;
  readonly json?: boolean;
}

/** `latch history`: what schedules ran, how it ended and what it found. */
export function historyCommand(): Command {
  const command = new Command("history")
    .description("show what schedules ran, how it ended and what it found")
    .enablePositionalOptions()
    .option("--job <name>", "runs of this job only")
    .addOption(new Option("--since <when>", "no older runs: a length of time (2h, 7d) or a date").argParser(sinceOf))
    .addOption(new Option("--state <states>", `with commas between: ${STATES.join(", ")}`).argParser(statesOf))
    .addOption(new Option("--limit <count>", "the latest so many").argParser(wholeNumber).default(50))
    .addOption(historyOption()).addOption(jsonOption())
    .action((options: HistoryOptions) => list(options))
    .addCommand(showCommand());
  return withExamples(
    command,
    ["latch history", "the latest runs"],
    ["latch history --since 7d --state finding,failed", "what needs a look"],
    ["latch history show 42", "one run with what it found and printed"],
  );
}

/** `--history`. */
export function historyOption(): Option {
  return new Option("--history <file>", "file of the history, where it is not the usual one")
    .argParser((file) => resolve(file));
}

function showCommand(): Command {
  const command = new Command("show").description("show one run with what it found and printed")
    .argument("<id>", "its number in the history").addOption(historyOption()).addOption(jsonOption())
    .action((id: string, options: HistoryOptions, self: Command) => show(id, { ...self.parent?.opts(), ...options }));
  return withExamples(command, ["latch history show 42", "the run with the number 42"]);
}

function sinceOf(text: string): number {
  const length = parseDuration(text);
  const time = length === undefined ? Date.parse(text) : Date.now() - length;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`"${text}" is no time; write a length as in 7d, or a date as in 2027-01-31`);
}

function statesOf(text: string): RunState[] {
  return text.split(",").map((word) => {
    const state = STATES.find((one) => one === word.trim());
    if (!state) throw new UsageError(`"${word}" is no state; it is one of ${STATES.join(", ")}`);
    return state;
  });
}

function list(options: HistoryOptions): Promise<void> {
  return act(options, ({ output }) => {
    using history = new History(options.history ?? historyPath(), { isReader: true });
    const { job, since, state: states, limit } = options;
    const runs = history.runs({ job, since, states, limit }).reverse();
    if (output.json) {
      for (const run of runs) output.record(recordOf(run, history.findings(run.id)));
      return Promise.resolve();
    }
    const titles = ["ID", "START", "TOOK", "JOB", "STATE", "WHAT"];
    const columns = titles.map((title) => title === "ID" ? { title, align: "right" as const } : { title });
    const rows = runs.map((run) => rowOf(run, history.findings(run.id)));
    for (const line of table(columns, rows, output.width)) output.line(line);
    return Promise.resolve();
  });
}

function rowOf(run: RunRecord, findings: readonly Finding[]): string[] {
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const what = findings[0] ? `${findings[0].title}${more}` : run.note;
  const attempt = run.attempt > 1 ? ` #${run.attempt}` : "";
  return [`${run.id}`, timeText(run.due ?? run.start), tookText(run), `${run.job}${attempt}`, run.state, what];
}

function tookText({ start, end, state }: RunRecord): string {
  return end === null || state === "missed" || state === "skipped" ? "" : durationText(end - start);
}

function show(id: string, options: HistoryOptions): Promise<void> {
  return act(options, ({ output }) => {
    using history = new History(options.history ?? historyPath(), { isReader: true });
    const run = /^\d+$/.test(id) ? history.run(Number(id)) : undefined;
    if (!run) throw new UsageError(`There is no run ${id} in ${history.path}; latch history lists them`);
    const findings = history.findings(run.id);
    if (output.json) output.record({ ...recordOf(run, findings), output: run.output });
    else print(output, run, findings);
    return Promise.resolve();
  });
}

const STYLES: Partial<Record<RunState, Style>> = { ok: "green", finding: "yellow", running: "cyan" };

function print(output: Output, run: RunRecord, findings: readonly Finding[]): void {
  const field = (name: string, value: string): void => {
    if (value !== "") output.line(`${output.paint("dim", name.padEnd(9))} ${value}`);
  };
  field("job", `${clean(run.job)}, ${run.reason}${run.attempt > 1 ? `, attempt ${run.attempt}` : ""}`);
  field("state", output.paint(STYLES[run.state] ?? "red", run.state) + (run.note ? `: ${clean(run.note)}` : ""));
  if (run.due !== null) field("due", timeText(run.due));
  field("start", timeText(run.start));
  field("took", tookText(run));
  field("exit code", run.exit === null ? "" : `${run.exit}`);
  for (const { diagnostic, title, json } of findings) {
    field("found", `${clean(diagnostic)}: ${clean(title)}`);
    for (const line of JSON.stringify(JSON.parse(json), null, 2).split("\n")) output.line(`          ${clean(line)}`);
  }
  for (const line of run.output === "" ? [] : ["output", ...run.output.split("\n")]) output.line(clean(line));
}

/** A run in JSON. */
export function recordOf(run: RunRecord, findings: readonly Finding[]): Record<string, unknown> {
  const { id, job, state, reason, attempt, exit, note } = run;
  const time = (ms: number | null): string | null => ms === null ? null : new Date(ms).toISOString();
  const times = { due: time(run.due), start: time(run.start), end: time(run.end) };
  return {
    id,
    job,
    state,
    reason,
    attempt,
    ...times,
    exit,
    note,
    findings: findings.map(({ json }) => JSON.parse(json)),
  };
}

/** A time for people, to the second, in the system's time zone. */
export function timeText(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
