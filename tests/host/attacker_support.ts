/** Two programs that nobody is to harm, and a host that runs confined scripts against them: both looked at from outside. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";
import { makeWorld, type World } from "../script/attacker/world.ts";
import type { Task, Told } from "./attacker_host.ts";
import { ROOT } from "./latch_support.ts";

/** How long programs may take to be there or gone, in milliseconds. */
const PATIENCE = 10_000;

/** Resolves when a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; !await condition();) {
    if (performance.now() > end) throw new Error(`Timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The programs that are attacked, and a folder with what scripts may have of it and what they may not. */
export class Ground implements AsyncDisposable {
  readonly folder: string;
  readonly #host: Host;
  readonly #mark = crypto.randomUUID().slice(0, 8);
  readonly #children = new Map<string, Deno.ChildProcess>();

  private constructor(host: Host, folder: string) {
    this.#host = host;
    this.folder = folder;
  }

  /** Makes the folder, and starts both programs. */
  static async make(): Promise<Ground> {
    const host = await prepareHost(["wine", "compiler"], () => {});
    const ground = new Ground(host, await Deno.makeTempDir({ prefix: "latch-" }));
    const built = await buildDebuggees(host, () => {});
    for (const name of ["dumps", "outside", "pdb"]) await Deno.mkdir(join(ground.folder, name));
    for (const stem of ["beat", "rest", "run", "evil"]) {
      await Deno.copyFile(join(built, "heartbeat.exe"), join(ground.folder, ground.image(stem)));
    }
    await Deno.writeTextFile(join(ground.folder, "run.bat"), "exit\r\n");
    await Promise.all([ground.#start("beat"), ground.#start("rest")]);
    return ground;
  }

  /** The path of the host's Deno: `LATCH_HOST`. */
  get latchHost(): string {
    return this.#host.deno;
  }

  /** The file name of one of its programs. */
  image(stem: string): string {
    return `${stem}-${this.#mark}.exe`;
  }

  /** What it is to an attack. */
  async world(): Promise<World> {
    const all = await this.#processes();
    const [mine, other] = ["beat", "rest"].map((stem) => all.get(this.image(stem)) ?? assert.fail(`${stem} is gone`));
    const strangers = [...all.values()].filter((id) => id !== mine && id !== other);
    const counts = (stem: string): string => `${this.#windowsPath(`${stem}.txt`)} 10`;
    return makeWorld({
      ...{ mine: mine as number, other: other as number, strangers: [...strangers, 0xffff_fff0] },
      ...{ mark: this.#mark, folder: this.#windowsPath(""), counts: [counts("run"), counts("evil")] },
    });
  }

  /** Both count on; of the first only if it has to. */
  async runsOn(stem: "beat" | "rest"): Promise<void> {
    const before = this.#count(stem);
    await until(() => this.#count(stem) >= before + 3, `${stem} counts on`);
  }

  /** Ends the first one and starts it again: a script that had the right to may have ended or suspended it. */
  async startAgain(): Promise<void> {
    await this.#end("beat");
    await this.#start("beat");
  }

  /** Resolves when no program is there that scripts have launched. */
  async launchedAreGone(): Promise<void> {
    await until(() => this.#launched().length === 0, "what was launched is gone");
  }

  /** Ends what scripts have launched and let go. */
  async endLaunched(): Promise<void> {
    for (const pid of this.#launched()) Deno.kill(pid, "SIGKILL");
    await this.launchedAreGone();
  }

  /** The files that scripts have made, which are removed by that. */
  takeFiles(): string[] {
    const made = ["dumps", "outside", "."].flatMap((folder) =>
      [...Deno.readDirSync(join(this.folder, folder))].map(({ name }) => join(folder, name))
    ).filter((name) => /(?:\.dmp|run\.txt|evil\.txt)$/.test(name));
    for (const name of made) Deno.removeSync(join(this.folder, name));
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(["beat", "rest"].map((stem) => this.#end(stem)));
    await this.endLaunched();
    await Deno.remove(this.folder, { recursive: true });
  }

  #launched(): number[] {
    return processes([this.image("run"), this.image("evil")]);
  }

  async #start(stem: string): Promise<void> {
    await Deno.writeTextFile(join(this.folder, `${stem}.count`), "0");
    const args = [this.#windowsPath(`${stem}.count`), "10", ...stem === "beat" ? ["--raise"] : []];
    const options = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#children.set(stem, this.#host.command(join(this.folder, this.image(stem)), args, options).spawn());
    await until(() => this.#count(stem) > 3, `${stem} begins to count`);
  }

  async #end(stem: string): Promise<void> {
    await this.#taskkill(stem);
    await this.#children.get(stem)?.status;
  }

  async #taskkill(stem: string): Promise<void> {
    const options = { stdin: "null", stdout: "null", stderr: "null" } as const;
    await this.#host.command("taskkill.exe", ["/f", "/im", this.image(stem)], options).output();
  }

  #count(stem: string): number {
    return Number(Deno.readTextFileSync(join(this.folder, `${stem}.count`)).trim());
  }

  #windowsPath(name: string): string {
    return this.#host.windowsPath(join(this.folder, name)).replace(/\\$/, "");
  }

  /** What Windows says: ids by image names. */
  async #processes(): Promise<Map<string, number>> {
    const { stdout } = await this.#host.command("tasklist.exe", [], { stdin: "null", stderr: "null" }).output();
    const rows = new TextDecoder().decode(stdout).replaceAll("\0", "").split("\n");
    const found = rows.map((row) => /^(\S+\.exe)\s+(\d+)\s/.exec(row)).filter((row) => row !== null);
    return new Map(found.filter(([, name]) => name !== "tasklist.exe").map(([, name = "", id]) => [name, Number(id)]));
  }
}

/** A process that runs confined scripts, one after another. */
export class ScriptHost {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(latchHost: string) {
    const args = ["run", "-A", "--no-check", join(ROOT, "tests/host/attacker_host.ts")];
    const streams = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    this.#child = new Deno.Command(Deno.execPath(), { args, env: { LATCH_HOST: latchHost }, ...streams }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  /** The most memory that it has taken so far, in megabytes. */
  get peak(): number {
    return Number(/^VmHWM:\s*(\d+)/m.exec(this.#status)?.[1]) / 1024;
  }

  /** How many files it has open. */
  get files(): number {
    return [...Deno.readDirSync(`/proc/${this.#child.pid}/fd`)].length;
  }

  /** How many processes are its children. */
  get children(): number {
    const { pid } = this.#child;
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter((id) => id !== "")
      .length;
  }

  get #status(): string {
    return Deno.readTextFileSync(`/proc/${this.#child.pid}/status`);
  }

  /** Runs a script; undefined where the host ended before it had. */
  async run(task: Task): Promise<Told | undefined> {
    await this.#say(JSON.stringify(task));
    for (let line = "";;) {
      const { value } = await this.#lines.read();
      if (value === undefined) return undefined;
      line += value;
      if (line.endsWith("\n")) return JSON.parse(line);
    }
  }

  /** Ends the script that runs. */
  async abort(): Promise<void> {
    await this.#say("abort");
  }

  /** Ends the host, with no chance to do anything. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async #say(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }
}

/** The processes that are there with one of some names in their command lines. */
function processes(names: readonly string[]): number[] {
  const ids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
  return ids.filter((pid) => {
    try {
      const line = Deno.readTextFileSync(`/proc/${pid}/cmdline`).toLowerCase();
      return names.some((name) => line.includes(name));
    } catch {
      return false; // it has ended meanwhile
    }
  });
}
