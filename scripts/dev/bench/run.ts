/** Runs one Windows program and tells what it printed and when. */

/** How one run went. Milliseconds count from the moment before its start. */
export interface Run {
  /** The last line of its output. */
  readonly line: string;
  /** When its first output was there. */
  readonly firstOutput: number;
  /** When it had ended. */
  readonly end: number;
}

/** A run that takes longer hangs. */
const LIMIT_MS = 120_000;
/** Background programs of Wine can keep a pipe open after the program itself has ended. */
const LINGER_MS = 100;

/**
 * Runs a program to its end.
 * @param command Its options have `stdout` and `stderr` piped.
 * @throws {Error} with what it said when it fails or hangs.
 */
export async function runOnce(command: Deno.Command, title: string): Promise<Run> {
  const start = performance.now();
  const child = command.spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const { success, code } = await child.status;
  const end = performance.now() - start;
  clearTimeout(timer);
  const [text, complaint] = await Promise.all([output.end(), errors.end()]);
  if (!success) throw new Error(`Cannot measure ${title}: it ended with code ${code} and said ${complaint.trim()}`);
  const line = text.trim().split("\n").at(-1) ?? "";
  return { line, firstOutput: output.first() - start, end };
}

function collect(stream: ReadableStream<Uint8Array>): { first(): number; end(): Promise<string> } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let first = NaN;
  const readAll = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (text === "") first = performance.now();
      text += decoder.decode(part.value, { stream: true });
    }
  };
  const reading = readAll();
  return {
    first: () => first,
    async end(): Promise<string> {
      const timer = setTimeout(() => reader.cancel(), LINGER_MS);
      await reading;
      clearTimeout(timer);
      return text;
    },
  };
}
