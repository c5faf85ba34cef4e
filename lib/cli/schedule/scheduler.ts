/** Runs the jobs of a schedule when they are due. */
import { type Clock, pause } from "./clock.ts";
import { durationText } from "./duration.ts";
import type { Schedule } from "./file.ts";
import type { Job } from "./job.ts";
import type { Claimed, History, RunClaim, RunRecord } from "./history.ts";
import type { Finding } from "./output.ts";
import { recover } from "./recover.ts";
import { type CommandOf, type Outcome, runProcess } from "./run_process.ts";

/** What a scheduler works with. */
export interface SchedulerOptions {
  readonly clock: Clock;
  /** How a diagnostic is started. */
  readonly commandOf: CommandOf;
  /** How long a run has to leave by itself when it is told to, in milliseconds. */
  readonly grace?: number;
  /** How late a run may begin, in milliseconds of the clock; what is later was missed. */
  readonly tolerance?: number;
  /** Tells what happens, a line at a time. */
  readonly say: (line: string) => void;
}

/** Most missed times of a job that are recorded one by one. */
const MOST_MISSED = 20;
/** How often a scheduler looks around even when nothing is due: the machine may have slept. */
const ROUND = 30_000;
const HEARTBEAT = 10_000;
const FAILURES: readonly string[] = ["failed", "deadline", "killed"];

/** Runs the jobs of one schedule, and records them in a history that other schedulers may use too. */
export class Scheduler {
  readonly #schedule: Schedule;
  readonly #history: History;
  readonly #options: Required<SchedulerOptions>;
  readonly #id = crypto.randomUUID();
  readonly #active = new Map<string, Promise<unknown>>();
  readonly #stop = new AbortController();
  #trouble = "";

  /** Nothing happens before {@linkcode run}. */
  constructor(schedule: Schedule, history: History, options: SchedulerOptions) {
    this.#schedule = schedule;
    this.#history = history;
    this.#options = { grace: 10_000, tolerance: 60_000, ...options };
  }

  /** Runs what is due until the signal is given; then ends what is under way, and returns when that is recorded. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#during(signal, async () => {
      // What was due before the first round was missed, however short the time.
      let tolerance = 0;
      while (!this.#stop.signal.aborted) {
        if (await this.#attempt(() => this.#round(tolerance))) tolerance = this.#options.tolerance;
        else await pause(1000, this.#stop.signal);
        await this.#options.clock.sleep(this.#untilNext(), this.#stop.signal);
      }
    });
  }

  /** Runs one job now. Undefined if it is under way. */
  async runNow(job: Job, signal: AbortSignal): Promise<RunRecord | undefined> {
    return await this.#during(signal, async () => {
      await this.#recover();
      const claim = { job: job.name, due: null, attempt: 1, reason: "manual", start: this.#now() } as const;
      const claimed = this.#history.claim(claim, this.#id);
      return claimed && await this.#attempts(job, claimed);
    });
  }

  async #during<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
    this.#history.addScheduler(this.#id);
    const touch = (): void => void this.#attempt(() => Promise.resolve(this.#history.touchScheduler(this.#id)));
    const heart = setInterval(touch, HEARTBEAT);
    const stop = (): void => this.#stop.abort();
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    try {
      return await action();
    } finally {
      stop();
      await Promise.all(this.#active.values());
      signal.removeEventListener("abort", stop);
      clearInterval(heart);
      await this.#attempt(() => Promise.resolve(this.#history.removeScheduler(this.#id)));
    }
  }

  #now(): number {
    return Math.round(this.#options.clock.now());
  }

  /** A history that cannot be used for a while ends no scheduler. What keeps it from being used is said once. */
  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      this.#trouble = "";
      return true;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : `${error}`;
      if (trouble !== this.#trouble) this.#options.say(`error: ${trouble}`);
      this.#trouble = trouble;
      return false;
    }
  }

  async #recover(): Promise<void> {
    for (const run of await recover(this.#history, this.#options.grace, () => this.#now())) {
      this.#options.say(`${run.job}: run ${run.id} was interrupted: its scheduler had ended`);
    }
  }

  async #round(tolerance: number): Promise<void> {
    await this.#recover();
    for (const job of this.#schedule.jobs) this.#start(job, tolerance);
  }

  #untilNext(): number {
    const now = this.#now();
    const times = this.#schedule.jobs.map(({ timetable }) => timetable.next(now) ?? Infinity);
    return Math.min(ROUND, ...times.map((time) => time - now));
  }

  /** Looks at a job's times since the last look, as one change: of several schedulers one sees each time. */
  #start(job: Job, tolerance: number): void {
    const claimed = this.#history.atOnce(() => this.#account(job, this.#now(), tolerance));
    if (!claimed) return;
    const running = this.#attempts(job, claimed).finally(() => this.#active.delete(job.name));
    this.#active.set(job.name, running);
  }

  #account(job: Job, now: number, tolerance: number): Claimed | undefined {
    const history = this.#history;
    const timetable = `${job.cron} ${job.timezone ?? ""}`;
    const accounted = history.accounted(job.name, timetable);
    // New, or the clock was set back by more than an hour: there is nothing to catch up with.
    if (accounted === undefined || accounted > now + 3_600_000) {
      history.setAccounted(job.name, timetable, now);
      return undefined;
    }
    const times = job.timetable.between(accounted, now, MOST_MISSED + 1);
    const last = times.at(-1);
    if (last === undefined) return undefined;
    history.setAccounted(job.name, timetable, last);
    const isOnTime = now - last <= tolerance;
    const missed = isOnTime ? times.slice(0, -1) : times;
    this.#recordMissed(job, missed, now);
    const base = { job: job.name, attempt: 1, start: now };
    if (isOnTime) return this.#claim({ ...base, due: last, reason: "schedule" });
    return job.missed === "run" ? this.#claim({ ...base, due: null, reason: "missed" }) : undefined;
  }

  #recordMissed(job: Job, missed: readonly number[], now: number): void {
    const recorded = missed.slice(-MOST_MISSED);
    const [first] = recorded;
    for (const due of recorded) {
      const isFirst = due === first && missed.length >= MOST_MISSED;
      const note = isFirst ? "no scheduler ran; earlier times are not listed" : "no scheduler ran";
      this.#history.addWithoutRun(job.name, due, "missed", now, note);
    }
    if (recorded.length > 0) {
      const upTo = missed.length > MOST_MISSED ? "more than " : "";
      this.#options.say(
        `${job.name}: ${upTo}${recorded.length} missed, ${job.missed === "run" ? "runs once" : "skipped"}`,
      );
    }
  }

  #claim(claim: RunClaim & { readonly due: number | null }): Claimed | undefined {
    const [running] = this.#history.runs({ job: claim.job, states: ["running"], limit: 1 });
    const isRetrying = this.#active.has(claim.job);
    if (!running && !isRetrying) return this.#history.claim(claim, this.#id);
    const why = running ? `run ${running.id} was under way` : "it was about to be tried again";
    if (claim.due !== null) this.#history.addWithoutRun(claim.job, claim.due, "skipped", claim.start, why);
    this.#options.say(`${claim.job}: skipped: ${why}`);
    return undefined;
  }

  /** Runs a job, and again while it fails and may be tried again. Never throws. */
  async #attempts(job: Job, first: Claimed): Promise<RunRecord | undefined> {
    let claimed: Claimed | undefined = first;
    let id = first.id;
    while (claimed) {
      id = claimed.id;
      const { state } = await this.#runOnce(job, claimed);
      const isLast = claimed.attempt > job.retries.count;
      if (isLast || !FAILURES.includes(state)) break;
      await pause(job.retries.delay, this.#stop.signal);
      if (this.#stop.signal.aborted) break;
      const again: RunClaim = { ...claimed, attempt: claimed.attempt + 1, reason: "retry", start: this.#now() };
      claimed = undefined;
      await this.#attempt(() => Promise.resolve(void (claimed = this.#history.claim(again, this.#id))));
    }
    let record: RunRecord | undefined;
    await this.#attempt(() => {
      record = this.#history.run(id);
      this.#history.retain(job.name, job.keep, this.#now());
      return Promise.resolve();
    });
    return record;
  }

  async #runOnce(job: Job, claimed: Claimed): Promise<Outcome> {
    const { clock: _, tolerance: __, say, ...options } = this.#options;
    const attempt = claimed.attempt > 1 ? `, attempt ${claimed.attempt}` : "";
    say(`${job.name}: run ${claimed.id} begins${attempt}`);
    const began = performance.now();
    const pending: Finding[] = [];
    const flush = (): void => {
      for (let next = pending[0]; next; next = pending[0]) {
        this.#history.addFinding(claimed.id, next);
        pending.shift();
      }
    };
    const outcome = await runProcess(job, {
      ...options,
      folder: this.#schedule.folder,
      mark: claimed.mark,
      signal: this.#stop.signal,
      onStart: (pid) => void this.#attempt(() => Promise.resolve(this.#history.setPid(claimed.id, pid))),
      onFinding: (finding) => {
        say(`${job.name}: ${finding.title}`);
        pending.push(finding);
        void this.#attempt(() => Promise.resolve(flush()));
      },
    });
    await this.#record(claimed.id, outcome, flush);
    const note = outcome.note ? ` (${outcome.note})` : "";
    say(
      `${job.name}: run ${claimed.id} ended: ${outcome.state}${note} after ${durationText(performance.now() - began)}`,
    );
    return outcome;
  }

  /** Whatever keeps the history from being written, the end of a run is tried again for a while. */
  async #record(id: number, outcome: Outcome, flush: () => void): Promise<void> {
    for (let round = 0; round < 30; round++) {
      const isDone = await this.#attempt(() => {
        flush();
        this.#history.finish(id, outcome, this.#now());
        return Promise.resolve();
      });
      if (isDone) return;
      await pause(1000);
    }
  }
}
