/** What ran, how it ended and what it found: written by schedulers, read by `latch history`. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { historyError, openDatabase, transaction } from "./database.ts";
import type { Job } from "./job.ts";
import type { Finding } from "./output.ts";
import { birthOf, place } from "./processes.ts";
import type { Outcome } from "./run_process.ts";

/** States of runs: under way, ended in one of six ways, or never begun. */
export const STATES = [
  ...["running", "ok", "finding", "failed", "deadline", "killed", "interrupted", "missed", "skipped"] as const,
] as const;

/** In which state a run is. */
export type RunState = typeof STATES[number];

/** Why it ran: its time had come, times were missed before, the attempt before it failed, or somebody said so. */
export type RunReason = "schedule" | "missed" | "retry" | "manual";

/** A run, as the history has it. Times are milliseconds since 1970. */
export interface RunRecord {
  readonly id: number;
  readonly job: string;
  /** The time of the schedule that it belongs to; null if it has none. */
  readonly due: number | null;
  /** 1 for the first. */
  readonly attempt: number;
  readonly reason: RunReason;
  readonly state: RunState;
  readonly start: number;
  readonly end: number | null;
  readonly exit: number | null;
  readonly note: string;
  readonly output: string;
  /** Scheduler that runs it; null where nothing ran. */
  readonly scheduler: string | null;
  /** What its processes carry in their environment. */
  readonly mark: string | null;
  /** Its first process. */
  readonly pid: number | null;
}

/** What a run is to be. */
export interface RunClaim {
  readonly job: string;
  readonly due: number | null;
  readonly attempt: number;
  readonly reason: RunReason;
  readonly start: number;
}

/** A run that may begin. */
export interface Claimed extends RunClaim {
  readonly id: number;
  readonly mark: string;
}

/** A scheduler, as it entered itself. */
export interface SchedulerRecord {
  readonly id: string;
  readonly pid: number;
  readonly place: string;
  readonly birth: string;
  readonly seen: number;
}

/** Which runs are wanted. */
export interface RunFilter {
  readonly job?: string | undefined;
  readonly since?: number | undefined;
  readonly states?: readonly RunState[] | undefined;
  readonly limit?: number | undefined;
}

/** The history's file, open. */
export class History {
  /** Its path. */
  readonly path: string;
  readonly #database: DatabaseSync;

  /** Opens the file, and makes it unless it is only to be read. */
  constructor(path: string, options: { readonly isReader?: boolean; readonly patience?: number } = {}) {
    this.path = path;
    this.#database = openDatabase(path, options.isReader ?? false, options.patience);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Does several things as one change. */
  atOnce<T>(action: () => T): T {
    return this.#guard(() => transaction(this.#database, action));
  }

  /** Enters this process as a scheduler. */
  addScheduler(id: string): void {
    const { pid } = Deno;
    const now = Date.now();
    this.#write("INSERT INTO schedulers VALUES (?, ?, ?, ?, ?, ?)", id, pid, place(), birthOf(pid) ?? "", now, now);
  }

  /** A scheduler says that it lives. */
  touchScheduler(id: string): void {
    this.#write("UPDATE schedulers SET seen = ? WHERE id = ?", Date.now(), id);
  }

  /** A scheduler has left, or was found dead. */
  removeScheduler(id: string): void {
    this.#write("DELETE FROM schedulers WHERE id = ?", id);
  }

  /** All schedulers that entered themselves and did not leave. */
  schedulers(): SchedulerRecord[] {
    return this.#read<SchedulerRecord>("SELECT id, pid, place, birth, seen FROM schedulers");
  }

  /** Up to when a job's times were looked at; undefined for a job that is new, or has another timetable since. */
  accounted(job: string, timetable: string): number | undefined {
    const sql = "SELECT accounted FROM jobs WHERE name = ? AND timetable = ?";
    return this.#read<{ accounted: number }>(sql, job, timetable)[0]?.accounted;
  }

  /** A job's times up to this one were looked at. */
  setAccounted(job: string, timetable: string, time: number): void {
    this.#write("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?)", job, timetable, time);
  }

  /** Records a run before it begins; undefined if that job is under way, or the time was taken by another scheduler. */
  claim(claim: RunClaim, scheduler: string): Claimed | undefined {
    const { job, due, attempt, reason, start } = claim;
    const mark = crypto.randomUUID();
    const sql = `INSERT OR IGNORE INTO runs (job, due, attempt, reason, state, start, scheduler, mark)
      VALUES (?, ?, ?, ?, 'running', ?, ?, ?) RETURNING id`;
    const [row] = this.#read<{ id: number }>(sql, job, due, attempt, reason, start, scheduler, mark);
    return row && { ...claim, id: row.id, mark };
  }

  /** Records a time at which nothing ran. */
  addWithoutRun(job: string, due: number, state: "missed" | "skipped", start: number, note: string): void {
    const sql = `INSERT OR IGNORE INTO runs (job, due, attempt, reason, state, start, end, note)
      VALUES (?, ?, 1, 'schedule', ?, ?, ?, ?)`;
    this.#write(sql, job, due, state, start, start, note);
  }

  /** The run has a process. */
  setPid(id: number, pid: number): void {
    this.#write("UPDATE runs SET pid = ? WHERE id = ?", pid, id);
  }

  /** The run found something. */
  addFinding(id: number, { diagnostic, title, json }: Finding): void {
    this.#write("INSERT INTO findings VALUES (?, ?, ?, ?)", id, diagnostic, title, json);
  }

  /** The run is over. What is over already stays as it is: whoever was declared dead has nothing to say any more. */
  finish(id: number, outcome: Outcome, end: number): boolean {
    const { state, exit, note, output } = outcome;
    const sql = `UPDATE runs SET state = ?, exit = ?, note = ?, output = ?, end = ? WHERE id = ? AND state = 'running'
      RETURNING id`;
    return this.#read(sql, state, exit, note, output, end, id).length > 0;
  }

  /** Drops what a job is not to keep any more. */
  retain(job: string, keep: Job["keep"], now: number): void {
    this.#write(
      `DELETE FROM runs WHERE job = ?1 AND state <> 'running' AND (start < ?2 OR id <= coalesce(
        (SELECT id FROM runs WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?3), 0))`,
      ...[job, now - keep.age, keep.count],
    );
  }

  /** Runs, the latest first. */
  runs({ job, since, states, limit }: RunFilter = {}): RunRecord[] {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const where = (condition: string, ...more: SQLInputValue[]): void => {
      conditions.push(condition);
      values.push(...more);
    };
    if (job !== undefined) where("job = ?", job);
    if (since !== undefined) where("start >= ?", since);
    if (states !== undefined) where(`state IN (${states.map(() => "?").join(", ")})`, ...states);
    const filter = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    return this.#read(`SELECT * FROM runs ${filter} ORDER BY id DESC LIMIT ?`, ...values, limit ?? -1);
  }

  /** One run. */
  run(id: number): RunRecord | undefined {
    return this.#read<RunRecord>("SELECT * FROM runs WHERE id = ?", id)[0];
  }

  /** What a run found, in its order. */
  findings(id: number): Finding[] {
    return this.#read("SELECT diagnostic, title, json FROM findings WHERE run = ? ORDER BY rowid", id);
  }

  #write(sql: string, ...values: SQLInputValue[]): void {
    this.#guard(() => this.#database.prepare(sql).run(...values));
  }

  #read<T>(sql: string, ...values: SQLInputValue[]): T[] {
    // The columns are the schema's, which T repeats.
    return this.#guard(() => this.#database.prepare(sql).all(...values) as T[]);
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw historyError(error, this.path);
    }
  }
}
