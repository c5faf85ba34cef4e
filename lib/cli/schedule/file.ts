/** The schedule file: what it holds, and reading it. */
import { dirname, resolve } from "node:path";
import type { Job } from "./job.ts";
import { checkJobs } from "./validate.ts";

/** A schedule file that was read. */
export interface Schedule {
  /** Its full path. */
  readonly file: string;
  /** Folder that it is in: scripts are found from there, and run there. */
  readonly folder: string;
  /** Its jobs, in the file's order. */
  readonly jobs: readonly Job[];
}

/** Name of the schedule file where none is given. */
export const SCHEDULE_FILE = "latch.schedule.json";

/** A schedule file is wrong or not there. The message has a line for each mistake. */
export class ScheduleError extends Error {
  /** The name of the class. */
  override readonly name = "ScheduleError";
}

/**
 * Reads a schedule file and checks it.
 *
 * @throws {ScheduleError} that names every mistake.
 */
export async function readSchedule(file: string, now: number = Date.now()): Promise<Schedule> {
  const path = resolve(file);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error; // it says the right, which has an exit code of its own
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : oneLine(error);
    throw new ScheduleError(`Cannot read the schedule ${file}: ${why}; name it, or write a ${SCHEDULE_FILE} here`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScheduleError(`Cannot read the schedule ${file}: it is no JSON (${oneLine(error)}); correct that place`);
  }
  const folder = dirname(path);
  const { jobs, mistakes } = checkJobs(value, folder, now);
  if (mistakes.length > 0) {
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    throw new ScheduleError([`Cannot use the schedule ${file}: ${count}`, ...mistakes].join("\n  "));
  }
  return { file: path, folder, jobs };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
}
