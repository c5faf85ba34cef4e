import { join } from "node:path";
import type { Host } from "../host.ts";
import { endMarked, MARK } from "./processes.ts";
import { type FileResult, readJunit, resultOf, sum } from "./results.ts";

/** Runs tests that need no engine, all files in one runner of this Deno. */
export async function runNative(files: readonly string[], root: string): Promise<FileResult[]> {
  const { reported, result: code } = await withReport(async (report) => {
    const args = ["test", "-A", "--no-check", `--junit-path=${report}`, ...files];
    return (await new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" }).spawn().status).code;
  });
  const results = files.map((file) => resultOf(file, reported));
  if (code === 0 || sum(results).failed > 0) return results;
  return [...results, { file: `runner (code ${code})`, seconds: 0, passed: 0, failed: 1, skipped: 0 }];
}

/** What a live test needs. */
export interface LiveOptions {
  readonly host: Host;
  readonly root: string;
  /** Folder of the debuggees. */
  readonly debuggees: string;
  /** How long a file may take, in seconds. */
  readonly timeout: number;
}

/** Runs one live test file by Windows' Deno in a process of its own: a process can have one engine. */
export async function runLive(file: string, options: LiveOptions): Promise<FileResult> {
  const start = performance.now();
  const { reported, result: end } = await withReport((report) => watch(startLive(file, options, report), options));
  const seconds = (performance.now() - start) / 1000;
  const result = { ...resultOf(file, reported), seconds };
  if (end.code !== 0 && result.failed === 0) result.failed = 1;
  if (end.isExpired) console.error(`${file}: ended after ${options.timeout} s, which is too long`);
  else if (reported.length === 0) console.error(`${file}: its runner ended with code ${end.code} and reported no test`);
  if (end.left > 0) console.error(`${file}: left ${end.left} programs behind, which were ended`);
  return result;
}

interface Runner {
  readonly child: Deno.ChildProcess;
  readonly mark: string;
}

function startLive(file: string, { host, root, debuggees }: LiveOptions, report: string): Runner {
  const mark = crypto.randomUUID();
  const args = ["test", "-A", "--no-check", `--junit-path=${host.windowsPath(report)}`, file];
  const child = host.command("deno.exe", args, {
    cwd: root,
    env: {
      LATCH_DEBUGGEES: host.windowsPath(debuggees),
      LATCH_TEST_ENGINE: host.windowsPath(host.engine),
      [MARK]: mark,
    },
    stdin: "null",
    // Wine's background programs would keep our own output open after our end.
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return { child, mark };
}

interface RunnerEnd {
  readonly code: number;
  readonly isExpired: boolean;
  /** How many programs were still there after it. */
  readonly left: number;
}

async function watch({ child, mark }: Runner, { host, timeout }: LiveOptions): Promise<RunnerEnd> {
  let isExpired = false;
  const timer = setTimeout(() => {
    isExpired = true;
    endMarked(child, mark);
  }, timeout * 1000);
  const stopSignals = onSignals(() => endMarked(child, mark));
  const outputs = [relay(child.stdout, Deno.stdout), relay(child.stderr, Deno.stderr)];
  const { code } = await child.status;
  clearTimeout(timer);
  stopSignals();
  const left = host.kind === "wine" && !isExpired ? await endMarked(child, mark) : 0;
  await Promise.all(outputs.map((end) => end()));
  return { code, isExpired, left };
}

/** Whoever ends the tests ends the programs under test too. */
function onSignals(end: () => Promise<number>): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const leave = async (): Promise<never> => {
    await end();
    Deno.exit(130);
  };
  for (const signal of signals) Deno.addSignalListener(signal, leave);
  return () => signals.forEach((signal) => Deno.removeSignalListener(signal, leave));
}

const LINGER_MS = 100;

/** Shows output as it comes; the returned function shows the last of it without waiting for others that hold it open. */
function relay(
  from: ReadableStream<Uint8Array>,
  to: { write(part: Uint8Array): Promise<number> },
): () => Promise<void> {
  const reader = from.getReader();
  const copy = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (let rest = part.value; rest.length > 0;) rest = rest.subarray(await to.write(rest));
    }
  };
  const copying = copy();
  return async (): Promise<void> => {
    const timer = setTimeout(() => reader.cancel(), LINGER_MS);
    await copying;
    clearTimeout(timer);
  };
}

/** Runs something that writes a report, and reads it; a runner that crashed has written none. */
async function withReport<T>(run: (report: string) => Promise<T>): Promise<{ reported: FileResult[]; result: T }> {
  const folder = await Deno.makeTempDir({ prefix: "latch-test-" });
  try {
    const report = join(folder, "report.xml");
    const result = await run(report);
    return { reported: readJunit(await Deno.readTextFile(report).catch(() => "")), result };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
