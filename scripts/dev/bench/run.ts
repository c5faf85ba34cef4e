/** Runs one Windows program and tells what it printed and when. */
import { endMarked, MARK } from "../gates/processes.ts";

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

/** What the environment of all that this process runs says: they can be told from others' programs by it. */
export const RUN_MARK: Readonly<Record<string, string>> = { [MARK]: `bench-${Deno.pid}` };

/** What is under way. */
let running: Deno.ChildProcess | undefined;
let isInterrupted = false;

/** What was under way when Ctrl-C came. */
export class Interrupted extends Error {}

/** From now on Ctrl-C ends what runs, and `runOnce` throws {@linkcode Interrupted}: so that what was made for the runs is removed. */
export function stopOnInterrupt(): void {
  const stop = async (): Promise<void> => {
    isInterrupted = true;
    if (running) await endMarked(running, RUN_MARK[MARK] ?? "");
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
}

/** @throws {Interrupted} after Ctrl-C. */
export function refuseIfInterrupted(): void {
  if (isInterrupted) throw new Interrupted("interrupted");
}

/** How to run. */
export interface RunOptions {
  /** Milliseconds after which it hangs. */
  readonly limit?: number;
  /** Looks on. */
  readonly watch?: Watch;
}

/** Who looks on at the processes of a run. */
export interface Watch {
  /** It has begun with this process. */
  begin(root: number): void;
  /** It has printed: it will end. */
  look(): void;
  /** It has ended. */
  end(): void;
}

/**
 * Runs a program to its end.
 * @param command Its options have `stdout` and `stderr` piped.
 * @throws {Error} with what it said when it fails or hangs.
 */
export async function runOnce(command: Deno.Command, title: string, options: RunOptions = {}): Promise<Run> {
  refuseIfInterrupted();
  const { limit = LIMIT_MS, watch } = options;
  const start = performance.now();
  const child = running = command.spawn();
  watch?.begin(child.pid);
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const output = collect(child.stdout, () => watch?.look());
  const errors = collect(child.stderr);
  const { success, code } = await child.status;
  const end = performance.now() - start;
  clearTimeout(timer);
  watch?.end();
  running = undefined;
  const [text, complaint] = await Promise.all([output.end(), errors.end()]);
  refuseIfInterrupted();
  if (!success) throw new Error(`Cannot measure ${title}: it ended with code ${code} and said ${complaint.trim()}`);
  const line = text.trim().split("\n").at(-1) ?? "";
  return { line, firstOutput: output.first() - start, end };
}

function collect(
  stream: ReadableStream<Uint8Array>,
  begun = (): void => {},
): { first(): number; end(): Promise<string> } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let first = NaN;
  const readAll = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (text === "") {
        first = performance.now();
        begun();
      }
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
