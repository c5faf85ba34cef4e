import { delimiter, join } from "node:path";

/** Where and with which environment a helper program runs. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Whether it gets nothing but `env`. */
  readonly clearEnv?: boolean;
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {Error} with the end of its output when it fails or is not there.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = start(program, args, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const status = await child.status;
  const texts = await Promise.all([stdout.end(), stderr.end()]);
  if (status.success) return texts[0];
  const tail = texts.join("").trim().split("\n").slice(-12).join("\n");
  throw new Error(
    `${program} ${args.slice(0, 3).join(" ")} failed with code ${status.code}:\n${tail}`,
  );
}

type PipedChild = Pick<Deno.ChildProcess, "stdout" | "stderr" | "status">;

function start(program: string, args: readonly string[], options: RunOptions): PipedChild {
  try {
    return new Deno.Command(program, {
      ...options,
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot run ${program}: it is not installed`, { cause: error });
  }
}

/** Background processes keep a pipe open after the program itself has ended: Wine's do so for 8 s. */
const LINGER_MS = 100;

function collect(stream: ReadableStream<Uint8Array>): { end(): Promise<string> } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const readAll = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
    }
  };
  const reading = readAll();
  return {
    async end(): Promise<string> {
      const timer = setTimeout(() => reader.cancel(), LINGER_MS);
      await reading;
      clearTimeout(timer);
      return text;
    },
  };
}

/** The full path of a program on PATH, or nothing. */
export function findProgram(
  name: string,
  path: string = Deno.env.get("PATH") ?? "",
): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    const candidate = join(folder, name);
    try {
      if (Deno.statSync(candidate).isFile) return candidate;
    } catch {
      // An unreadable or missing folder on PATH is simply not the place.
    }
  }
  return undefined;
}

/** A command line that keeps its program, and all that this starts, to one processor; unchanged without a number. */
export function pinned(
  command: readonly [string, ...string[]],
  processor: number | undefined,
): readonly [string, ...string[]] {
  return processor === undefined ? command : ["taskset", "-c", `${processor}`, ...command];
}

/** The processors that this process may use, as numbers for `pinned`; none where programs cannot be kept to one. */
export function processors(): number[] {
  if (Deno.build.os !== "linux" || !findProgram("taskset")) return [];
  return readCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "");
}

/** Reads a list of processors as Linux writes it: `0-1,4`. */
export function readCpuList(text: string): number[] {
  return text.split(",").filter((range) => range !== "").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** Waits for all; the first failure is thrown once every one has ended, so that no work goes on unseen. */
export async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}
