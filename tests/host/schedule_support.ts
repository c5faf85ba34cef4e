/** A schedule against live programs in the Wine host, in which anything can be killed. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { History, type RunRecord } from "../../lib/cli/schedule/history.ts";
import { isAlive, kill, remains } from "../../lib/cli/schedule/processes.ts";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";

const SCRIPTS = fileURLToPath(new URL("./scripts/", import.meta.url));
/** Latch's own diagnostics. */
const READY = fileURLToPath(new URL("../../scripts/", import.meta.url));
/** Milliseconds in which a minute of the schedule's clock passes. */
const MINUTE = 800;

/** Logs the beginning of a run; of a run of the same job that still is there as well. It becomes what it starts. */
const WRAPPER = `job=$1; log=$2; shift 2
field() { cut -d' ' -f"$2" "/proc/$1/stat" 2>/dev/null; }
if read -r pid born 2>/dev/null < "$log.$job" && [ -n "$born" ]; then
  if [ "$(field "$pid" 22)" = "$born" ] && [ "$(field "$pid" 3)" != Z ]; then echo "overlap $job $pid $$" >> "$log"; fi
fi
echo "$$ $(field $$ 22)" > "$log.$job"
echo "begin $job $$ $LATCH_SCHEDULE_RUN" >> "$log"
exec "$@"
`;

/** A job, as this schedule has it. */
interface Fields {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly rights?: readonly string[];
  readonly retries?: object;
}

/** A run, as the wrapper logged it. */
export interface Logged {
  readonly job: string;
  readonly pid: number;
  readonly mark: string;
}

/** The programs, the schedule and its schedulers. */
export class Arena implements AsyncDisposable {
  readonly #host: Host;
  readonly #folder: string;
  readonly #start = Date.now();
  readonly #targets = new Map<string, Deno.ChildProcess>();
  readonly #schedulers = new Set<Deno.ChildProcess>();
  readonly #all: Deno.ChildProcess[] = [];

  private constructor(host: Host, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  /** Starts the programs, and writes the schedule: five jobs, due each minute. */
  static async make(): Promise<Arena> {
    const host = await prepareHost(["wine", "compiler"], () => {});
    const built = await buildDebuggees(host, () => {});
    const arena = new Arena(host, await Deno.makeTempDir({ prefix: "latch-" }));
    const tag = crypto.randomUUID().slice(0, 8);
    for (const name of ["crash.exe", "crash.pdb"]) await Deno.copyFile(join(built, name), arena.#path(name));
    for (const name of [`one-${tag}`, `two-${tag}`]) {
      await Deno.copyFile(join(built, "heartbeat.exe"), arena.#path(`${name}.exe`));
      arena.startTarget(name);
    }
    await arena.#write([...arena.#targets.keys()]);
    return arena;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async #write([one = "", two = ""]: string[]): Promise<void> {
    const attach = `--attach=${one}.exe`;
    const rights = [`--allow-attach=${one}.exe`];
    const ready = (name: string): Pick<Fields, "name" | "script"> => ({ name, script: join(READY, `${name}.ts`) });
    const retries = { count: 1, delay: "100ms" };
    const jobs: Fields[] = [
      { ...ready("crash"), args: ["crash.exe"], rights: ["--allow-launch=crash.exe"] },
      { ...ready("hang"), args: ["--samples=2", "--interval=100", attach], rights },
      { ...ready("modules"), args: [attach], rights },
      { ...ready("tree"), args: ["crash.exe"], rights: ["--allow-launch=crash.exe"], retries },
      {
        ...ready("modules"),
        name: "modules-two",
        args: [`--attach=${two}.exe`],
        rights: [`--allow-attach=${two}.exe`],
      },
    ];
    const full = jobs.map((job) => ({ cron: "* * * * *", deadline: "30s", ...job }));
    await Deno.writeTextFile(this.#path("latch.schedule.json"), JSON.stringify({ jobs: full }));
    await Deno.writeTextFile(this.#path("wrapper.sh"), WRAPPER);
    await Deno.writeTextFile(this.#path("log"), "");
  }

  /** The programs that are looked at. */
  get targets(): string[] {
    return [...this.#targets.keys()];
  }

  /** Starts a program that is looked at. */
  startTarget(name: string): void {
    const count = this.#path(`${name}.count`);
    Deno.writeTextFileSync(count, "0");
    const args = [this.#host.windowsPath(count), "20"];
    const options = { cwd: this.#folder, stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = this.#host.command(this.#path(`${name}.exe`), args, options).spawn();
    this.#targets.set(name, child);
    this.#all.push(child);
  }

  /** Kills a program that is looked at, and starts it again. */
  async killTarget(name: string): Promise<void> {
    const child = this.#targets.get(name);
    child?.kill("SIGKILL");
    await child?.status;
    this.startTarget(name);
  }

  /** Starts a scheduler. */
  startScheduler(): void {
    const [file, path, log] = ["latch.schedule.json", "history.db", "log"].map((name) => this.#path(name));
    const words = [file, path, `${60_000 / MINUTE}`, `${this.#start}`, this.#path("wrapper.sh"), log];
    const args = ["run", "-A", "--no-check", join(SCRIPTS, "schedule_process.ts"), ...words.map(String)];
    const env = { LATCH_HOST: this.#host.deno };
    const child = new Deno.Command(Deno.execPath(), { args, env, stdin: "null", stdout: "null" }).spawn();
    this.#schedulers.add(child);
    this.#all.push(child);
  }

  /** Kills all schedulers, or tells them to end and waits for it. Gives their exit codes. */
  async endSchedulers(signal: "SIGKILL" | "SIGTERM"): Promise<number[]> {
    const ended = [...this.#schedulers].map(async (child) => {
      child.kill(signal);
      return (await child.status).code;
    });
    this.#schedulers.clear();
    return await Promise.all(ended);
  }

  /** How many schedulers run. */
  get schedulers(): number {
    return this.#schedulers.size;
  }

  /** The history's runs, the first first, without what is not a run: times that were missed or skipped. */
  runs(): RunRecord[] {
    using history = new History(this.#path("history.db"), { patience: 20_000 });
    return history.runs().filter(({ mark }) => mark !== null).reverse();
  }

  /** The findings that the history has of a run, a line of each. */
  findings(id: number): string[] {
    using history = new History(this.#path("history.db"), { patience: 20_000 });
    return history.findings(id).map(({ title }) => title);
  }

  /** What the wrapper logged, one word at the beginning of each line. */
  lines(word: "begin" | "overlap"): string[] {
    return Deno.readTextFileSync(this.#path("log")).split("\n").filter((line) => line.startsWith(`${word} `));
  }

  /** The runs that the wrapper saw begin. */
  logged(): Logged[] {
    return this.lines("begin").map((line) => {
      const [, job = "", pid, mark = ""] = line.split(" ");
      return { job, pid: Number(pid), mark };
    });
  }

  /** Kills a diagnostic, or the process that keeps it; false if it is gone already. */
  killRun(which: "script" | "keeper", choose: <T>(list: readonly T[]) => T | undefined): boolean {
    const run = choose(this.runs().filter(({ state }) => state === "running"));
    if (!run?.mark) return false;
    const pid = which === "keeper" ? run.pid : this.logged().find(({ mark }) => mark === run.mark)?.pid;
    if (!pid || !remains({ mark: run.mark, leader: undefined }).includes(pid)) return false;
    kill(pid, "SIGKILL");
    return true;
  }

  /** What is left of all runs: no process, if all is well. */
  orphans(): number[] {
    const ours = new Set(this.#all.map(({ pid }) => pid));
    const found = this.runs().flatMap(({ mark, pid }) => remains({ mark: mark ?? "", leader: pid ?? undefined }));
    return found.filter((pid) => isAlive(pid) && !ours.has(pid));
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#all) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    }
    for (const pid of this.orphans()) kill(pid, "SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }
}
