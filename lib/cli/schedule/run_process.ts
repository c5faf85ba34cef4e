/** Runs a diagnostic as a process of its own: with a deadline, and with an end for all that it started. */
import { fileURLToPath } from "node:url";
import { endsWithin, pause } from "./clock.ts";
import { durationText } from "./duration.ts";
import type { Job } from "./job.ts";
import { type Finding, OutputCollector } from "./output.ts";
import { endTree, MARK } from "./processes.ts";

/** A program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How a job's diagnostic is started. Tests start something else. */
export type CommandOf = (job: Job) => Command;

/** How a run can end by itself, or by its deadline. */
export type EndState = "ok" | "finding" | "failed" | "deadline" | "killed" | "interrupted";

/** How a run ended. */
export interface Outcome {
  /** In one word. */
  readonly state: EndState;
  /** The process's exit code; null if it could not be started. */
  readonly exit: number | null;
  /** What the word does not say. */
  readonly note: string;
  /** The end of what it printed. */
  readonly output: string;
}

/** What a run needs beside its job. */
export interface RunOptions {
  /** Folder in which it runs. */
  readonly folder: string;
  /** The mark that its processes inherit. */
  readonly mark: string;
  /** How it is started. */
  readonly commandOf: CommandOf;
  /** How long it has to leave by itself when it is told to end, in milliseconds. */
  readonly grace: number;
  /** Ends the run before its time. */
  readonly signal: AbortSignal;
  /** Its process is there. */
  readonly onStart: (pid: number) => void;
  /** It found something. */
  readonly onFinding: (finding: Finding) => void;
}

const LATCH = new URL("../latch.ts", import.meta.url);
const KEEPER = new URL("./keeper.ts", import.meta.url);
const DENO_RUN = ["run", "-A", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--node-modules-dir=none"];

/** `latch run` for a job's diagnostic, with what the job may. */
export const latchRun: CommandOf = (job) => {
  const words = ["run", "--no-prompt", ...job.rights, "--", job.script, "--json", ...job.args];
  return [Deno.execPath(), ...DENO_RUN, entry(LATCH), ...words];
};

function entry(url: URL): string {
  return url.protocol === "file:" ? fileURLToPath(url) : url.href;
}

function startKeeper(job: Job, { folder, mark, commandOf, grace }: RunOptions): Deno.ChildProcess {
  const args = [...DENO_RUN, entry(KEEPER), `${grace}`, `${Deno.pid}`, ...commandOf(job)];
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { [MARK]: mark, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // In a session of its own: Ctrl-C at the scheduler's terminal is for the scheduler, which ends its runs itself.
    detached: true,
  }).spawn();
}

/** Runs a job's diagnostic once. Never throws. */
export async function runProcess(job: Job, options: RunOptions): Promise<Outcome> {
  const collector = new OutputCollector(options.onFinding);
  let child: Deno.ChildProcess;
  try {
    child = startKeeper(job, options);
  } catch (error) {
    const note = `could not be started: ${error instanceof Error ? error.message : error}`;
    return { state: "failed", exit: null, note, output: "" };
  }
  options.onStart(child.pid);
  const drained = new AbortController();
  const reading = Promise.all([
    collector.read(child.stdout, true, drained.signal),
    collector.read(child.stderr, false, drained.signal),
  ]);
  const { status, early } = await waitFor(child, job, options);
  // A background program of Wine's that the run was the first to need holds the pipes for ever.
  await endsWithin(reading, 1000);
  drained.abort();
  await reading;
  return { ...outcomeOf(status, early, collector, job), output: collector.tail };
}

interface Waited {
  readonly status: Deno.CommandStatus;
  readonly early: "deadline" | "interrupted" | undefined;
}

/** Waits for the end, by itself or by deadline or signal. */
async function waitFor(child: Deno.ChildProcess, job: Job, { mark, grace, signal }: RunOptions): Promise<Waited> {
  let hasEnded = false;
  const status = child.status.finally(() => hasEnded = true);
  const tree = { mark, leader: child.pid };
  const settled = new AbortController();
  await Promise.race([status, pause(job.deadline, AbortSignal.any([signal, settled.signal]))]);
  settled.abort();
  const early = hasEnded ? undefined : signal.aborted ? "interrupted" : "deadline";
  await child.stdin.close().catch(() => {});
  if (early) {
    // The keeper has twice the grace: for the run, and for what the run has left.
    await endsWithin(status, grace * 2 + 10_000);
  }
  if (!hasEnded) await endTree(tree, 0);
  const ended = await status;
  // Only when the keeper was killed is there anything left.
  await endTree(tree, grace);
  return { status: ended, early };
}

function outcomeOf(
  { code, signal }: Deno.CommandStatus,
  early: Waited["early"],
  { findings, isThrough, tail }: OutputCollector,
  job: Job,
): Omit<Outcome, "output"> {
  const found = findings === 0 ? "" : `${findings} found before that`;
  if (early === "deadline") {
    const note = `ended after ${durationText(job.deadline)}`;
    return { state: "deadline", exit: code, note: found ? `${note}; ${found}` : note };
  }
  if (early) return { state: "interrupted", exit: code, note: "the scheduler was told to stop" };
  if (signal) return { state: "killed", exit: code, note: `its keeper was ended by ${signal}` };
  if (isThrough) {
    const note = code <= 1 ? "" : `its program exited with ${code}`;
    return { state: findings > 0 ? "finding" : "ok", exit: code, note };
  }
  if (code > 128 && code < 160) return { state: "killed", exit: code, note: `ended by signal ${code - 128}` };
  if (code === 124) return { state: "deadline", exit: code, note: "it kept to a deadline of its own" };
  if (code === 0 || code === 1 && findings > 0) return { state: findings > 0 ? "finding" : "ok", exit: code, note: "" };
  const said = tail.split("\n").findLast((line) => line.startsWith("error: "))?.slice("error: ".length);
  const silent = code === 1 ? "it exited with 1 and named no finding" : `it exited with ${code}`;
  return { state: "failed", exit: code, note: said ? `${said.slice(0, 500)} (exit code ${code})` : silent };
}
