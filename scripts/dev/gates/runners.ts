import { join } from "node:path";
import { type Host, PREFIX } from "../host.ts";
import { prefixFolder } from "../../../lib/cli/host/host.ts";
import { pinned, processors } from "../../../lib/cli/host/process.ts";
import { endMarked, MARK, pinServer } from "./processes.ts";
import { type FileResult, readJunit, resultLine, resultOf, sum } from "./results.ts";
import { type RunnerEnd, watch } from "./watch.ts";

/** What every runner needs. */
export interface RunOptions {
  readonly root: string;
  /** How long a runner may take, in seconds. */
  readonly timeout: number;
}

/** Runs tests that start no Windows program, all files in one runner of this Deno. */
export async function runNative(files: readonly string[], { root, timeout }: RunOptions): Promise<FileResult[]> {
  const { reported, end } = await withReport(timeout, (mark, report) => {
    const args = ["test", "-A", "--no-check", `--junit-path=${report}`, ...files];
    return new Deno.Command(Deno.execPath(), { args, cwd: root, env: { [MARK]: mark }, ...PIPED }).spawn();
  });
  const results = files.map((file) => resultOf(file, reported));
  if (end.code !== 0 && sum(results).failed === 0) {
    results.push({ file: `runner (code ${end.code})`, seconds: 0, passed: 0, failed: 1, skipped: 0 });
  }
  const remark = end.isExpired ? `native tests: ended after ${timeout} s, which is too long` : "";
  show([end.output, remark, ...results.map(resultLine)]);
  return results;
}

/** Where a test file runs that starts Windows programs. */
export interface HostPlace {
  readonly host: Host;
  /** Number of the host's Wine prefix. */
  readonly prefix: number;
  /** Folder of the debuggees. */
  readonly debuggees: string;
  /**
   * The processor that all programs are kept to. The engine and its target take turns and never run at once; on one processor
   * a turn costs less than half of what it costs across two.
   */
  readonly processor: number | undefined;
}

/** Runs one test file that starts Windows programs in a process of its own: a process can have one engine. */
export async function runHosted(file: string, place: HostPlace, options: RunOptions): Promise<FileResult> {
  const { timeout } = options;
  const start = performance.now();
  const command = isLive(file) ? liveCommand : nativeCommand;
  const { host, prefix, processor } = place;
  const cpus = processors();
  if (cpus.length > 0) await pinServer(prefixFolder(host.cache, prefix), processor === undefined ? cpus : [processor]);
  const { reported, end, left } = await withReport(
    timeout,
    (mark, report) => command(file, place, { cwd: options.root, env: { [MARK]: mark }, ...PIPED }, report).spawn(),
  );
  const result = { ...resultOf(file, reported), seconds: (performance.now() - start) / 1000 };
  if (end.code !== 0 && result.failed === 0) result.failed = 1;
  const remarks: string[] = [];
  if (end.isExpired) remarks.push(`${file}: ended after ${timeout} s, which is too long`);
  else if (reported.length === 0) remarks.push(`${file}: its runner ended with code ${end.code} and reported no test`);
  if (left > 0) remarks.push(`${file}: left ${left} programs behind, which were ended`);
  show([end.output, ...remarks, resultLine(result)]);
  return result;
}

/** Whether Windows' Deno runs a test file, not this one. */
export function isLive(file: string): boolean {
  return file.startsWith("tests/live/");
}

const PIPED = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

type CommandMaker = (file: string, place: HostPlace, options: Deno.CommandOptions, report: string) => Deno.Command;

const liveCommand: CommandMaker = (file, { host, debuggees, processor }, options, report) => {
  const args = ["test", "-A", "--no-check", `--junit-path=${host.windowsPath(report)}`, file];
  const env = {
    ...{ LATCH_DEBUGGEES: host.windowsPath(debuggees), LATCH_TEST_ENGINE: host.windowsPath(host.engine) },
    ...options.env,
  };
  return host.command("deno.exe", args, { ...options, env, processor });
};

const nativeCommand: CommandMaker = (file, { host, prefix, processor }, options, report) => {
  const line = [Deno.execPath(), "test", "-A", "--no-check", `--junit-path=${report}`, file] as const;
  const [program, ...args] = pinned(line, processor);
  const env = { [PREFIX]: `${prefix}`, LATCH_HOST: host.deno, ...options.env };
  return new Deno.Command(program, { ...options, args, env });
};

/** Prints what belongs together as one piece. */
function show(texts: readonly string[]): void {
  console.log(texts.map((text) => text.trimEnd()).filter((text) => text !== "").join("\n"));
}

interface Reported {
  readonly reported: FileResult[];
  readonly end: RunnerEnd;
  /** How many programs were still there after it; they were ended. */
  readonly left: number;
}

/** Runs something that writes a report, and reads it; a runner that crashed has written none. */
async function withReport(
  timeout: number,
  spawn: (mark: string, report: string) => Deno.ChildProcess,
): Promise<Reported> {
  const folder = await Deno.makeTempDir({ prefix: "latch-test-" });
  try {
    const report = join(folder, "report.xml");
    const mark = crypto.randomUUID();
    const child = spawn(mark, report);
    const end = await watch({ child, mark }, timeout);
    const left = Deno.build.os === "windows" || end.isExpired ? 0 : await endMarked(child, mark);
    return { reported: readJunit(await Deno.readTextFile(report).catch(() => "")), end, left };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
