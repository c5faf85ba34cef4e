import { join } from "node:path";
import { readTotals } from "../gates/results.ts";
import { GENERATED } from "../bundle.ts";
import { isBundled, mutated, type Mutation } from "./mutation.ts";

/** What came of a run of tests. */
export type Verdict = "passed" | "failed" | "expired" | "broken";

/** How a run ended, and what it printed. */
export interface Run {
  readonly verdict: Verdict;
  readonly output: string;
}

/** What is not needed to run tests. */
const LEFT_OUT = new Set([".git", "node_modules", "coverage"]);

/** A copy of the working tree: what is changed here, and what tests write here, is gone with it. */
export class Copy implements AsyncDisposable {
  /** Where it is. */
  readonly folder: string;
  readonly #signal: AbortSignal;
  /** How long a run may take, in seconds; without it, as the plan has it. */
  readonly #timeout: number | undefined;

  private constructor(folder: string, signal: AbortSignal, timeout: number | undefined) {
    this.folder = folder;
    this.#signal = signal;
    this.#timeout = timeout;
  }

  /** Copies a tree. The signal ends what runs there. */
  static async of(root: string, signal: AbortSignal, timeout?: number): Promise<Copy> {
    const copy = new Copy(await Deno.makeTempDir({ prefix: "latch-mutate-" }), signal, timeout);
    try {
      await copyFolder(root, copy.folder);
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs tests, by words of their names. */
  async test(words: readonly string[]): Promise<Run> {
    const timeout = this.#timeout === undefined ? [] : [`--timeout=${this.#timeout}`];
    const { code, output } = await this.#deno("scripts/dev/test.ts", "--lanes=1", ...timeout, ...words);
    return { verdict: verdictOf(code, output), output };
  }

  /** Does the same with a mutation in the code, which is taken out again. */
  async testWith(mutation: Mutation): Promise<Run> {
    const changed = [mutation.file, ...(isBundled(mutation) ? GENERATED : [])].map((file) => join(this.folder, file));
    const before = await Promise.all(changed.map((file) => Deno.readTextFile(file)));
    try {
      await Deno.writeTextFile(join(this.folder, mutation.file), mutated(before[0] ?? "", mutation));
      if (isBundled(mutation)) {
        const { code, output } = await this.#deno("scripts/dev/bundle.ts");
        if (code !== 0) return { verdict: "broken", output };
      }
      return await this.test(mutation.tests);
    } finally {
      for (const [index, file] of changed.entries()) await Deno.writeTextFile(file, before[index] ?? "");
    }
  }

  async #deno(...words: readonly string[]): Promise<{ code: number; output: string }> {
    this.#signal.throwIfAborted();
    const options = { cwd: this.folder, stdin: "null", stdout: "piped", stderr: "piped" } as const;
    const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", ...words], ...options });
    // Aborted, it is told to end, and ends what it has started.
    const { code, stdout, stderr } = await abortable(child, this.#signal);
    this.#signal.throwIfAborted();
    const text = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes));
    return { code, output: text.join("") };
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function abortable(command: Deno.Command, signal: AbortSignal): Promise<Deno.CommandOutput> {
  const child = command.spawn();
  const end = (): void => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
  };
  signal.addEventListener("abort", end);
  try {
    return await child.output();
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** A test file that did not load, or had nothing to say, has noticed nothing. */
function verdictOf(code: number, output: string): Verdict {
  if (code === 0) return "passed";
  const totals = readTotals(output);
  if (!totals || / reported no test$|\(did not run\)|\(uncaught error\)$/m.test(output)) return "broken";
  return /which is too long$/m.test(output) ? "expired" : "failed";
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (LEFT_OUT.has(name)) continue;
    if (isDirectory) {
      await Deno.mkdir(join(to, name));
      await copyFolder(join(from, name), join(to, name));
    } else if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
}
