import { stripVTControlCharacters } from "node:util";
import { endMarked } from "./processes.ts";

/** A test runner that has started; what it starts in turn carries the same mark. */
export interface Runner {
  readonly name: string;
  readonly child: Deno.ChildProcess;
  readonly mark: string;
}

/** How a runner ended. */
export interface RunnerEnd {
  readonly code: number;
  /** Whether it took too long and was ended for that. */
  readonly isExpired: boolean;
  /** All that it printed, in the order in which it came. */
  readonly output: string;
}

/** Waits for the end of a runner whose output is piped, or ends it with all that it started. */
export async function watch(runner: Runner, timeout: number): Promise<RunnerEnd> {
  let isExpired = false;
  const timer = setTimeout(() => {
    isExpired = true;
    endMarked(runner.child, runner.mark);
  }, timeout * 1000);
  const output = new Output();
  const progress = tellProgress(runner.name, output);
  const stopSignals = onSignals(runner, output);
  const ends = [output.take(runner.child.stdout), output.take(runner.child.stderr)];
  const { code } = await runner.child.status;
  clearTimeout(timer);
  clearInterval(progress);
  await Promise.all(ends.map((end) => end()));
  stopSignals();
  return { code, isExpired, output: output.text };
}

/** How often a word is said of what takes long, in milliseconds. */
const PROGRESS_MS = 30_000;

/** Tells how long a runner has been running, and what it printed last. */
function tellProgress(name: string, output: Output): ReturnType<typeof setInterval> {
  const start = performance.now();
  return setInterval(() => {
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`${`${seconds}`.padStart(7)} s  ${name} runs: ${output.lastLine}`);
  }, PROGRESS_MS);
}

/** How long output is still taken after a runner's end, in milliseconds: Wine's background programs hold it open. */
const LINGER_MS = 300;

/** What a runner prints, kept together: lanes would print into each other's. */
class Output {
  text = "";

  /** What was printed last, without its colours. */
  get lastLine(): string {
    return stripVTControlCharacters(this.text).trimEnd().split("\n").at(-1) ?? "";
  }

  /** Takes what comes; the returned function takes the last of it without waiting for others that hold it open. */
  take(stream: ReadableStream<Uint8Array>): () => Promise<void> {
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    const copy = async (): Promise<void> => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        this.text += decoder.decode(part.value, { stream: true });
      }
    };
    const copying = copy();
    return async (): Promise<void> => {
      const timer = setTimeout(() => reader.cancel(), LINGER_MS);
      await copying;
      clearTimeout(timer);
    };
  }
}

const running = new Map<Runner, Output>();

/** Whoever ends the tests ends the programs under test too, of all lanes, and sees what they had printed. */
function onSignals(runner: Runner, output: Output): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  if (running.size === 0) { for (const signal of signals) Deno.addSignalListener(signal, leave); }
  running.set(runner, output);
  return () => {
    running.delete(runner);
    if (running.size === 0) { for (const signal of signals) Deno.removeSignalListener(signal, leave); }
  };
}

async function leave(): Promise<never> {
  const left = [...running];
  await Promise.all(left.map(([{ child, mark }]) => endMarked(child, mark)));
  for (const [, { text }] of left) console.log(text.trimEnd());
  Deno.exit(130);
}
