/** `latch` in a test: run natively, against programs in the Wine host that the tests use. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";

/** The root of the working tree. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const decoder = new TextDecoder();

/** What came of a command. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with programs to debug, and `latch` to be run there. */
export class Bench implements AsyncDisposable {
  readonly #host: Host;
  /** Where the programs are: the current folder of every command. */
  readonly folder: string;
  readonly #started: { readonly name: string; readonly child: Deno.ChildProcess }[] = [];

  private constructor(host: Host, folder: string) {
    this.#host = host;
    this.folder = folder;
  }

  /** Makes the folder, with copies of debuggees and their symbols. */
  static async make(...programs: readonly string[]): Promise<Bench> {
    const host = await prepareHost(["wine", "compiler"], () => {});
    const built = await buildDebuggees(host, () => {});
    const folder = await Deno.makeTempDir({ prefix: "latch-" });
    for (const stem of programs) {
      for (const ending of ["exe", "pdb"]) {
        await Deno.copyFile(join(built, `${stem}.${ending}`), join(folder, `${stem}.${ending}`));
      }
    }
    return new Bench(host, folder);
  }

  /** What commands find in their environment. */
  get env(): Record<string, string> {
    return { LATCH_HOST: this.#host.deno };
  }

  /** A copy of a program under a name that no other process has. */
  async rename(stem: string): Promise<string> {
    const name = `${stem}-${crypto.randomUUID().slice(0, 8)}.exe`;
    await Deno.copyFile(join(this.folder, `${stem}.exe`), join(this.folder, name));
    return name;
  }

  /** Starts a program of the folder without a debugger. */
  start(name: string, ...args: readonly string[]): void {
    const options = { cwd: this.folder, stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = this.#host.command(join(this.folder, name), args, options).spawn();
    this.#started.push({ name, child });
  }

  /** How Windows names a file of the folder. */
  windowsPath(name: string): string {
    return this.#host.windowsPath(join(this.folder, name));
  }

  /** `latch` with arguments, ready to spawn. */
  command(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      cwd: this.folder,
      ...options,
      args: ["run", "-A", "--no-check", join(ROOT, "lib/cli/latch.ts"), ...args],
      env: { ...this.env, ...options.env },
    });
  }

  /** Runs it to its end. */
  async latch(...args: readonly string[]): Promise<Ran> {
    const { code, stdout, stderr } = await this.command(args, { stdin: "null" }).output();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  /** Whether a process of that name is there: Windows says so, not `latch ps`, which would start a host for it. */
  async runs(name: string): Promise<boolean> {
    const { stdout } = await this.#host.command("tasklist.exe", [], { stdin: "null", stderr: "null" }).output();
    return decoder.decode(stdout).includes(name);
  }

  /** Ends what was started, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { name, child } of this.#started) {
      await this.#host.command("taskkill.exe", ["/f", "/im", name], { stdout: "null", stderr: "null" }).output();
      await child.status;
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Reads a stream by lines. */
export async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const found = (rest + part).split("\n");
    rest = found.pop() ?? "";
    yield* found;
  }
  if (rest !== "") yield rest;
}
