/** A folder with a schedule of fake diagnostics and a history, for the tests of schedules. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, clockOf } from "../../lib/cli/schedule/clock.ts";
import { readSchedule, type Schedule } from "../../lib/cli/schedule/file.ts";
import { History, type RunRecord } from "../../lib/cli/schedule/history.ts";
import { isAlive } from "../../lib/cli/schedule/processes.ts";
import type { CommandOf } from "../../lib/cli/schedule/run_process.ts";
import { Scheduler } from "../../lib/cli/schedule/scheduler.ts";

/** How long runs have to leave, in the tests. */
export const GRACE = 3000;
/** A minute of the tests' clock passes in 100 ms: however loaded the machine, nothing comes too late. */
export const TOLERANCE = 365 * 86_400_000;

const FAKE = fileURLToPath(new URL("./schedule_fake.ts", import.meta.url));
const PROCESS = fileURLToPath(new URL("./schedule_process.ts", import.meta.url));

/** Starts a script as it is, without `latch run`. */
export const plainCommand: CommandOf = ({ script, args }) => {
  return [Deno.execPath(), "run", "-A", "--no-check", "--no-config", "--no-lock", script, "--json", ...args];
};

/** What a test has at hand. */
export class Bench {
  readonly folder = Deno.makeTempDirSync({ prefix: "latch-schedule-" });
  readonly file = join(this.folder, "latch.schedule.json");
  readonly path = join(this.folder, "state", "history.db");
  readonly said: string[] = [];
  /** Where the fast clock begins. */
  readonly start = Date.now();
  readonly #children: Deno.ChildProcess[] = [];

  /** Writes the schedule: a job is the fake diagnostic's act, every minute, with more fields. */
  async write(jobs: Record<string, Record<string, unknown>>): Promise<Schedule> {
    const list = Object.entries(jobs).map(([name, { act = name, ...fields }]) => {
      return { name, cron: "* * * * *", script: FAKE, args: [act, join(this.folder, `${name}.log`)], ...fields };
    });
    await Deno.writeTextFile(this.file, JSON.stringify({ jobs: list }));
    return await readSchedule(this.file);
  }

  history(): History {
    return new History(this.path);
  }

  /** The history's runs, the first first. */
  runs(): RunRecord[] {
    using history = this.history();
    return history.runs().reverse();
  }

  /** A clock in which a minute passes in so many milliseconds. */
  clock(minute = 100): Clock {
    return clockOf(60_000 / minute, this.start);
  }

  scheduler(schedule: Schedule, history: History, clock: Clock = this.clock()): Scheduler {
    const say = (line: string): void => void this.said.push(line);
    return new Scheduler(schedule, history, {
      clock,
      commandOf: plainCommand,
      grace: GRACE,
      tolerance: TOLERANCE,
      say,
    });
  }

  /** Runs a scheduler until the condition holds. */
  async runUntil(schedule: Schedule, condition: (runs: RunRecord[]) => boolean, clock?: Clock): Promise<RunRecord[]> {
    using history = this.history();
    const stop = new AbortController();
    const running = this.scheduler(schedule, history, clock).run(stop.signal);
    try {
      await until(
        () => condition(history.runs().reverse()),
        () => JSON.stringify(history.runs()) + this.said.join("\n"),
      );
    } finally {
      stop.abort();
      await running;
    }
    return this.runs();
  }

  /** A scheduler in a process of its own. */
  spawn(minute = 100): Deno.ChildProcess {
    const args = ["run", "-A", "--no-check", PROCESS, this.file, this.path, `${60_000 / minute}`, `${this.start}`];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null" }).spawn();
    this.#children.push(child);
    return child;
  }

  /** What the diagnostics wrote, of one kind: the numbers of processes. */
  logged(word: string): number[] {
    return [...this.logText().matchAll(new RegExp(`^${word} (\\d+)`, "gm"))].map((match) => Number(match[1]));
  }

  logText(): string {
    const logs = [...Deno.readDirSync(this.folder)].filter(({ name }) => name.endsWith(".log"));
    return logs.map(({ name }) => Deno.readTextFileSync(join(this.folder, name))).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
      await child.status;
    }
    for (const pid of [...this.logged("begin"), ...this.logged("leaves")]) if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: () => string, seconds = 60): Promise<void> {
  for (const end = performance.now() + seconds * 1000; !condition();) {
    if (performance.now() > end) throw new Error(`Timed out: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A test that needs signals and processes as other systems than Windows have them. */
export function posixTest(name: string, fn: () => Promise<void>): Deno.TestDefinition {
  return { name, ignore: Deno.build.os === "windows", fn };
}
