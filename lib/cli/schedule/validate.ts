/** Checks a schedule: every mistake is named with its job, its field, what is wrong and what to write. */
import { isAbsolute, resolve } from "node:path";
import { type Timetable, timetable } from "./cron.ts";
import { parseDuration } from "./duration.ts";
import type { Job } from "./job.ts";

/** What a check found: jobs that can be used if there are no mistakes. */
export interface Checked {
  readonly jobs: readonly Job[];
  readonly mistakes: readonly string[];
}

const FIELDS = ["name", "cron", "timezone", "script", "args", "rights", "deadline", "retries", "keep", "missed"];
const DAY = 86_400_000;
/** What holds where a job says nothing. */
const DEFAULTS = { deadline: 600_000, delay: 30_000, count: 1000, age: 90 * DAY };
const CRON_HINT = 'write five fields, as in "*/15 * * * *"';

/** Checks the contents of a schedule file that lies in a folder. */
export function checkJobs(value: unknown, folder: string, now: number): Checked {
  const mistakes: string[] = [];
  const say = (text: string): void => void mistakes.push(text);
  if (!isRecord(value) || !Array.isArray(value.jobs)) {
    return {
      jobs: [],
      mistakes: ['the file has no list of jobs; write {"jobs": [{"name": …, "cron": …, "script": …}]}'],
    };
  }
  unknownFields(value, ["$schema", "jobs"], "the file", say);
  if (value.jobs.length === 0) say("jobs: the list is empty; write one job at least");
  const names = new Set<string>();
  const jobs = value.jobs.map((entry: unknown, index: number) => {
    const named = isRecord(entry) && typeof entry.name === "string" && entry.name !== "";
    const label = named ? `job "${entry.name}"` : `job ${index + 1}`;
    if (!isRecord(entry)) {
      say(`${label}: it is ${JSON.stringify(entry)}; write an object with name, cron and script`);
      return undefined;
    }
    if (named && names.has(`${entry.name}`)) say(`${label}: name: another job has it too; write one of its own`);
    names.add(`${entry.name}`);
    return new JobCheck(entry, label, say).job(folder, now);
  });
  return { jobs: jobs.filter((job) => job !== undefined), mistakes };
}

/** Reads one job's fields; a wrong one is reported, and something takes its place so that the others are looked at as well. */
class JobCheck {
  readonly #entry: Record<string, unknown>;
  readonly #label: string;
  readonly #say: (text: string) => void;

  constructor(entry: Record<string, unknown>, label: string, say: (text: string) => void) {
    this.#entry = entry;
    this.#label = label;
    this.#say = say;
  }

  job(folder: string, now: number): Job {
    unknownFields(this.#entry, FIELDS, this.#label, this.#say);
    const timezone = this.#timezone();
    const missed = this.#entry.missed ?? "skip";
    if (missed !== "run" && missed !== "skip") this.#wrong("missed", 'write "run" or "skip"');
    return {
      name: this.#name(),
      cron: `${this.#entry.cron}`,
      timezone,
      timetable: this.#timetable(timezone, now),
      script: this.#script(folder),
      args: this.#texts("args", () => true, 'write a list of texts, as in ["shop.exe"]'),
      rights: this.#texts(
        "rights",
        (text) => /^--(allow|deny)-[a-z]+(-[a-z]+)*(=.+)?$/.test(text),
        'write options of latch run, as in ["--allow-attach=shop.exe"]',
      ),
      deadline: this.#duration(this.#entry, "deadline", DEFAULTS.deadline, '"10m"'),
      retries: this.#pair("retries", "delay", 0, DEFAULTS.delay, '"30s"', 0),
      keep: this.#pair("keep", "age", DEFAULTS.count, DEFAULTS.age, '"30d"', 1),
      missed: missed === "run" ? "run" : "skip",
    };
  }

  #wrong(field: string, hint: string, value: unknown = this.#entry[field]): void {
    const what = value === undefined ? "it is missing" : `it is ${JSON.stringify(value)}`;
    this.#say(`${this.#label}: ${field}: ${what}; ${hint}`);
  }

  #name(): string {
    const { name } = this.#entry;
    if (typeof name === "string" && /^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return name;
    this.#wrong("name", "write up to 64 letters, digits, points, hyphens and underscores");
    return "";
  }

  #timezone(): string | undefined {
    const { timezone } = this.#entry;
    if (timezone === undefined) return undefined;
    try {
      if (typeof timezone === "string") return new Intl.DateTimeFormat("en", { timeZone: timezone }) && timezone;
    } catch {
      // Said below.
    }
    this.#wrong("timezone", 'write a name of the IANA database, as in "Europe/Berlin"');
    return undefined;
  }

  #timetable(timezone: string | undefined, now: number): Timetable {
    const { cron } = this.#entry;
    const never: Timetable = { next: () => undefined, between: () => [] };
    if (typeof cron !== "string" || cron.trim() === "") {
      this.#wrong("cron", CRON_HINT);
      return never;
    }
    try {
      const times = timetable(cron, timezone);
      if (times.next(now) === undefined) this.#wrong("cron", `it is never due; ${CRON_HINT}`);
      return times;
    } catch (error) {
      const why = error instanceof Error
        ? error.message.replace(/^CronPattern: /, "").replace(/\s+/g, " ")
        : `${error}`;
      this.#wrong("cron", `${why.replace(/\.$/, "")}; ${CRON_HINT}`);
      return never;
    }
  }

  #script(folder: string): string {
    const { script } = this.#entry;
    const hint = 'write a path from the schedule\'s folder, or a URL, as in "scripts/crash.ts"';
    if (typeof script !== "string" || script === "") {
      this.#wrong("script", hint);
      return "";
    }
    if (/^[a-z]{2,}:/i.test(script)) return script;
    const path = isAbsolute(script) ? script : resolve(folder, script);
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // Said below.
    }
    this.#say(`${this.#label}: script: there is no file ${JSON.stringify(script)}; ${hint}`);
    return path;
  }

  #texts(field: "args" | "rights", isGood: (text: string) => boolean, hint: string): string[] {
    const list = this.#entry[field] ?? [];
    const isText = (item: unknown): item is string => typeof item === "string" && isGood(item);
    if (Array.isArray(list) && list.every(isText)) return list;
    const wrong = Array.isArray(list) ? list.find((item) => !isText(item)) : list;
    this.#wrong(field, hint, wrong);
    return [];
  }

  #duration(from: Record<string, unknown>, field: string, otherwise: number, example: string, path = field): number {
    const value = from[field];
    if (value === undefined) return otherwise;
    const ms = typeof value === "string" ? parseDuration(value) : undefined;
    if (ms !== undefined && ms > 0 && ms < Infinity) return ms;
    this.#wrong(path, `write a length of time in ms, s, m, h or d, as in ${example}`, value);
    return otherwise;
  }

  /** `{"count": 2, "delay": "30s"}`, or the same with `age`. */
  #pair<F extends string>(
    field: string,
    second: F,
    count: number,
    otherwise: number,
    example: string,
    least: number,
  ): { count: number } & Record<F, number> {
    const value = this.#entry[field] ?? {};
    const hint = `write {"count": 2, "${second}": ${example}}`;
    if (!isRecord(value)) {
      this.#wrong(field, hint);
      return { count, [second]: otherwise } as { count: number } & Record<F, number>;
    }
    unknownFields(value, ["count", second], `${this.#label}: ${field}`, this.#say);
    const number = value.count ?? count;
    const isCount = typeof number === "number" && Number.isInteger(number) && number >= least && number <= 1_000_000;
    if (!isCount) this.#wrong(`${field}.count`, `write a whole number from ${least} to 1000000`, number);
    const length = this.#duration(value, second, otherwise, example, `${field}.${second}`);
    return { count: isCount ? number : count, [second]: length } as { count: number } & Record<F, number>;
  }
}

function unknownFields(
  record: Record<string, unknown>,
  known: readonly string[],
  label: string,
  say: (text: string) => void,
): void {
  for (const field of Object.keys(record)) {
    if (known.includes(field)) continue;
    const alike = known.find((name) => name.slice(0, 3) === field.slice(0, 3).toLowerCase());
    say(`${label}: ${field}: there is no such field; write ${alike ?? `one of ${known.join(", ")}`}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
