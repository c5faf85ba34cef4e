/** The file of the history: where it is, opening it, its schema. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The history cannot be used: the message says why, and what to do. */
export class HistoryError extends Error {
  /** The name of the class. */
  override readonly name = "HistoryError";
}

/** The schema's version, kept in the file. A change of the schema adds a step to {@linkcode STEPS}. */
const STEPS: readonly string[] = [`
  CREATE TABLE schedulers (
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, place TEXT NOT NULL, birth TEXT NOT NULL,
    started INTEGER NOT NULL, seen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE jobs (name TEXT PRIMARY KEY, timetable TEXT NOT NULL, accounted INTEGER NOT NULL) STRICT;
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, due INTEGER, attempt INTEGER NOT NULL, reason TEXT NOT NULL,
    state TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER, exit INTEGER, note TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT '', scheduler TEXT, mark TEXT, pid INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX one_running ON runs (job) WHERE state = 'running';
  CREATE UNIQUE INDEX one_each_time ON runs (job, due, attempt) WHERE due IS NOT NULL;
  CREATE INDEX runs_by_start ON runs (start);
  CREATE TABLE findings (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    diagnostic TEXT NOT NULL, title TEXT NOT NULL, json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX findings_by_run ON findings (run);
`];

/** "Latc": tells a history from any other database. */
const APPLICATION = 0x4c617463;

/** How long somebody else may keep the file locked, in milliseconds. */
const PATIENCE = 5000;

/** Where the history is if nothing else is said. */
export function historyPath(env: (name: string) => string | undefined = (name) => Deno.env.get(name)): string {
  const home = env("HOME") ?? env("USERPROFILE") ?? ".";
  if (Deno.build.os === "windows") {
    return join(env("LOCALAPPDATA") ?? join(home, "AppData", "Local"), "latch", "history.db");
  }
  return join(env("XDG_STATE_HOME") || join(home, ".local", "state"), "latch", "history.db");
}

/**
 * Opens the file, and makes it if it is not there.
 *
 * @param isReader Whether it must be there: who only reads makes no file.
 * @throws {HistoryError} that says what to do.
 */
export function openDatabase(path: string, isReader: boolean, patience: number = PATIENCE): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (!isReader) mkdirSync(dirname(path), { recursive: true });
    else Deno.statSync(path);
    database = new DatabaseSync(path, { timeout: patience });
    database.exec("PRAGMA foreign_keys = ON");
    prepare(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw historyError(error, path);
  }
}

function prepare(database: DatabaseSync, path: string): void {
  if (numberOf(database, "application_id") === 0) {
    const isOther = database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined;
    if (isOther) throw refused(path, "it is a database of something else", "name another file with --history");
    database.exec("PRAGMA journal_mode = WAL");
  }
  transaction(database, () => {
    const version = numberOf(database, "user_version");
    if (![0, APPLICATION].includes(numberOf(database, "application_id"))) {
      throw refused(path, "it is a database of something else", "name another file with --history");
    }
    if (version > STEPS.length) throw refused(path, "a newer Latch made it", "update Latch, or name another file");
    if (version === STEPS.length) return;
    for (const step of STEPS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${STEPS.length}; PRAGMA application_id = ${APPLICATION}`);
  });
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

/** Does something as one change: all of it or nothing, and nobody else between. */
export function transaction<T>(database: DatabaseSync, action: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = action();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** SQLite's codes, and what to do about each. */
const CAUSES: Readonly<Record<number, readonly [string, string]>> = {
  5: ["another program keeps it locked", "wait for that program, or end it"],
  8: ["it may not be written", "give yourself the right to write it, or name another file with --history"],
  11: ["it is damaged", "move it away, and a new one is made"],
  13: ["the disk is full", "make room"],
  14: ["it cannot be opened", "look at its folder, or name another file with --history"],
  26: ["it is no history", "move it away, and a new one is made"],
};

/** What SQLite or the system said, as an error that says what to do. */
export function historyError(error: unknown, path: string): HistoryError {
  if (error instanceof HistoryError) return error;
  if (error instanceof Deno.errors.NotFound) {
    return refused(path, "there is no such file", "run latch schedule first, or name another file with --history");
  }
  const code = codeOf(error);
  const said = error instanceof Error ? error.message.replace(/\s+/g, " ") : `${error}`;
  const [what, next] = CAUSES[code] ?? ["it cannot be used", "look at its folder, or name another file with --history"];
  return refused(path, `${what} (${said})`, next);
}

function codeOf(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  if ("errcode" in error) return Number(error.errcode) & 0xff;
  // Deno's exec tells no code.
  return error.message.includes("is locked") ? 5 : error.message.includes("malformed") ? 11 : 0;
}

function refused(path: string, what: string, next: string): HistoryError {
  return new HistoryError(`Cannot use the history ${path}: ${what}; ${next}`);
}
