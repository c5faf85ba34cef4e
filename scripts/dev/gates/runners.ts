import { join } from "node:path";
import { type Host, PREFIX } from "../host.ts";
import { prefixFolder } from "../../../lib/cli/host/host.ts";
import { pinned, processors } from "../../../lib/cli/host/process.ts";
import { endLeft, MARK, pinServer } from "./processes.ts";
import { type FileResult, readJunit, resultLine, resultOf, sum } from "./results.ts";
import { type RunnerEnd, watch } from "./watch.ts";

/** What every runner needs. */
export interface RunOptions {
  readonly root: string;
  /** How long the runner of some files may take, in seconds. */
  timeoutOf(files: readonly string[]): number;
  /** Whether tests try as often as `--long` has it. */
  readonly isLong: boolean;
  /** Which tests of the files: all without it. */
  readonly filter: string | undefined;
}

/** Variable that asks tests for their long counts. */
const LONG = "LATCH_LONG";

/** What a test opens or starts it has to close or await: Deno does not look by itself. */
const SANITIZERS = ["--sanitize-ops", "--sanitize-resources"];

/** Runs tests that start no Windows program, all files in one runner of this Deno. */
export async function runNative(files: readonly string[], options: RunOptions): Promise<FileResult[]> {
  const name = "native tests";
  const timeout = options.timeoutOf(files);
  const ran = await withReport({ name, timeout }, (mark, report) => {
    const args = [...testArgs(options), ...SANITIZERS, `--junit-path=${report}`, ...files];
    const env = environment(options, mark);
    return new Deno.Command(Deno.execPath(), { args, cwd: options.root, env, ...PIPED }).spawn();
  });
  const results = files.map((file) => resultOf(file, ran.reported));
  const remarks = faultsOf(ran, { name, timeout });
  if (remarks.length > 0 && sum(results).failed === 0) {
    results.push({ file: name, seconds: 0, passed: 0, failed: 1, skipped: 0, failures: remarks });
  }
  show([ran.end.output, ...remarks, ...results.map(resultLine)]);
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
  const start = performance.now();
  const timeout = options.timeoutOf([file]);
  const command = isLive(file) ? liveCommand : nativeCommand;
  const { host, prefix, processor } = place;
  const cpus = processors();
  if (cpus.length > 0) await pinServer(prefixFolder(host.cache, prefix), processor === undefined ? cpus : [processor]);
  const ran = await withReport({ name: file, timeout }, (mark, report) => {
    const env = environment(options, mark);
    return command([...testArgs(options), file], place, { cwd: options.root, env, ...PIPED }, report).spawn();
  });
  const reported = resultOf(file, ran.reported);
  const remarks = faultsOf(ran, { name: file, timeout });
  const result = {
    ...reported,
    seconds: (performance.now() - start) / 1000,
    failed: Math.max(reported.failed, Number(remarks.length > 0)),
    failures: [...reported.failures ?? [], ...remarks],
  };
  show([ran.end.output, ...remarks, resultLine(result)]);
  return result;
}

function testArgs({ filter }: RunOptions): string[] {
  return ["test", "-A", "--no-check", ...(filter === undefined ? [] : [`--filter=${filter}`])];
}

function environment({ isLong }: RunOptions, mark: string): Record<string, string> {
  return { [MARK]: mark, ...(isLong ? { [LONG]: "1" } : {}) };
}

/** What is wrong with a run beside tests that failed: each is a failure. */
function faultsOf({ reported, end, left }: Reported, { name, timeout }: Named): string[] {
  const faults: string[] = [];
  if (end.isExpired) faults.push(`${name}: ended after ${timeout} s, which is too long`);
  else if (reported.length === 0) faults.push(`${name}: its runner ended with code ${end.code} and reported no test`);
  else if (end.code !== 0 && sum(reported).failed === 0) {
    faults.push(`${name}: its runner ended with code ${end.code}`);
  }
  if (left.length > 0) {
    faults.push(
      `${name}: left ${left.length} programs behind, which were ended:`,
      ...left.map((line) => `    ${line}`),
    );
  }
  return faults;
}

/** Whether Windows' Deno runs a test file, not this one. */
export function isLive(file: string): boolean {
  return file.startsWith("tests/live/");
}

const PIPED = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

/** The arguments begin with those of Deno and end with the file. */
type CommandMaker = (args: string[], place: HostPlace, options: Deno.CommandOptions, report: string) => Deno.Command;

const liveCommand: CommandMaker = (given, { host, debuggees, processor }, options, report) => {
  const args = [...given, `--junit-path=${host.windowsPath(report)}`];
  const env = {
    ...{ LATCH_DEBUGGEES: host.windowsPath(debuggees), LATCH_TEST_ENGINE: host.windowsPath(host.engine) },
    ...options.env,
  };
  return host.command("deno.exe", args, { ...options, env, processor });
};

const nativeCommand: CommandMaker = (given, { host, prefix, processor }, options, report) => {
  // In tests/host tests of one file share programs.
  const sanitizers = given.at(-1)?.startsWith("tests/host/") ? [] : SANITIZERS;
  const [program, ...args] = pinned([Deno.execPath(), ...given, ...sanitizers, `--junit-path=${report}`], processor);
  const env = { [PREFIX]: `${prefix}`, LATCH_HOST: host.deno, ...options.env };
  return new Deno.Command(program, { ...options, args, env });
};

/** Prints what belongs together as one piece. */
function show(texts: readonly string[]): void {
  console.log(texts.map((text) => text.trimEnd()).filter((text) => text !== "").join("\n"));
}

interface Named {
  readonly name: string;
  /** How long it may take, in seconds. */
  readonly timeout: number;
}

interface Reported {
  readonly reported: FileResult[];
  readonly end: RunnerEnd;
  /** The command lines of programs that were still there after it; they were ended. */
  readonly left: readonly string[];
}

/** Runs something that writes a report, and reads it; a runner that crashed has written none. */
async function withReport(
  { name, timeout }: Named,
  spawn: (mark: string, report: string) => Deno.ChildProcess,
): Promise<Reported> {
  const folder = await Deno.makeTempDir({ prefix: "latch-test-" });
  try {
    const report = join(folder, "report.xml");
    const mark = crypto.randomUUID();
    const child = spawn(mark, report);
    const end = await watch({ name, child, mark }, timeout);
    const left = Deno.build.os === "windows" || end.isExpired ? [] : await endLeft(child, mark);
    return { reported: readJunit(await Deno.readTextFile(report).catch(() => "")), end, left };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
