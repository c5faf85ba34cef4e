import { Cron } from "npm:croner@11.0.1";

/** When something is due: a cron expression in a time zone. */
export interface Timetable {
  /** The first time after this one; undefined if there is none. */
  next(after: number): number | undefined;
  /** The latest `limit` times after `from` up to and with `to`, oldest first. */
  between(from: number, to: number, limit: number): number[];
}

const DAY = 86_400_000;

/** How far back is looked for times, shortest first: so a frequent job's long gap is not walked through time by time. */
const WINDOWS = [120_000, 3_600_000, DAY, 40 * DAY, 400 * DAY, 4000 * DAY];

/**
 * Reads a cron expression. Where clocks go back, an hour (or half of one) comes twice: what has one time a day is due at the first of both,
 * all else at each. Where they go forward, one is left out: what has one time a day, and has it there, is due as the clock changes, all else is not.
 *
 * @param timezone Name as in the IANA database; the system's without one.
 * @throws {Error} if the expression or the time zone cannot be understood.
 */
export function timetable(expression: string, timezone?: string): Timetable {
  const cron = new Cron(expression, { paused: true, ...timezone !== undefined && { timezone } });
  const next = (after: number): number | undefined => cron.nextRun(new Date(after))?.getTime();
  const walk = (from: number, to: number): number[] => {
    const times: number[] = [];
    for (let time = next(from); time !== undefined && time <= to; time = next(time)) times.push(time);
    return times;
  };
  const between: Timetable["between"] = (from, to, limit) => {
    for (const window of WINDOWS) {
      const times = walk(Math.max(from, to - window), to);
      if (times.length >= limit || to - window <= from) return times.slice(-limit);
    }
    return walk(Math.max(from, to - (WINDOWS.at(-1) ?? DAY)), to).slice(-limit);
  };
  return { next, between };
}

/** The system's time zone. */
export function localTimezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
