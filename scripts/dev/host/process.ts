import { delimiter, join } from "node:path";

/** Where and with which environment a helper program runs. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
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
  const command = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`Cannot run ${program}: it is not installed`, { cause: error });
    }
    throw error;
  }
  const decoder = new TextDecoder();
  const stdout = decoder.decode(output.stdout);
  if (output.success) return stdout;
  const tail = (stdout + decoder.decode(output.stderr)).trim().split("\n").slice(-12).join("\n");
  throw new Error(
    `${program} ${args.slice(0, 3).join(" ")} failed with code ${output.code}:\n${tail}`,
  );
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

/** Waits for all; the first failure is thrown once every one has ended, so that no work goes on unseen. */
export async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}
