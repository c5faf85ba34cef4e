/**
 * Runs the tests: those that start no Windows program in one runner of this Deno, the others one process a file, in two lanes side by
 * side; files in tests/live by Windows' Deno. A line tells of each file as it ends, below what the file printed.
 *
 *     deno task test [words of file names] [--native] [--live] [--timeout=SECONDS] [--lanes=N]
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildDebuggees } from "./debuggees.ts";
import { type Place, runInLanes } from "./gates/lanes.ts";
import { type HostPlace, isLive, runHosted, runNative, type RunOptions } from "./gates/runners.ts";
import { type FileResult, resultLine, sum, type Totals, totalsLine } from "./gates/results.ts";
import { prepareHost } from "./host.ts";
import { processors } from "../../lib/cli/host/process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** How the tests went; `line` is the plain line to end with. */
export interface TestRun {
  readonly isGood: boolean;
  readonly line: string;
}

/** Runs the tests that a command line asks for. */
export async function runTests(args: readonly string[]): Promise<TestRun> {
  const { values, positionals: words } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      native: { type: "boolean" },
      live: { type: "boolean" },
      timeout: { type: "string", default: "300" },
      lanes: { type: "string", default: "2" },
    },
  });
  const files = testFiles("tests").filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .filter((file) => values.native === values.live || (isLive(file) ? values.live : values.native));
  if (files.length === 0) return { isGood: false, line: `no such test: ${words.join(" ")}` };
  const native = files.filter((file) => !isHosted(file));
  const hosted = files.filter(isHosted);

  // First, for native tests use the compiler too, and none of them should have to wait for its download.
  const lanes = hosted.length > 0 ? await prepareLanes(Math.min(laneCount(values.lanes), hosted.length)) : undefined;
  const options: RunOptions = { root: ROOT, timeout: Number(values.timeout) };
  const [nativeResults, hostedResults] = await Promise.all([
    native.length > 0 ? runNative(native, options) : [],
    lanes ? runAllHosted(hosted, lanes, options) : hosted.map(skipped),
  ]);
  return conclude(nativeResults, hostedResults);
}

/** Tests that start programs of their own, which would take the lanes' time beside them. */
const STARTERS = ["tests/host/", "tests/v8/", "tests/cli/", "tests/script/run_script", "tests/script/remote_latch"];

/** Whether a test file goes into a lane: those in tests/live run as a Windows program, others start programs. */
function isHosted(file: string): boolean {
  return isLive(file) || STARTERS.some((begin) => file.startsWith(begin));
}

/** Windows has no prefixes, so that lanes would meet there. */
function laneCount(asked: string): number {
  return Deno.build.os === "windows" ? 1 : Math.max(1, Math.floor(Number(asked)) || 1);
}

async function runAllHosted(
  files: readonly string[],
  lanes: readonly HostPlace[],
  options: RunOptions,
): Promise<FileResult[]> {
  const run = async (file: string, { lane, isAlone }: Place): Promise<FileResult> => {
    const place = lanes[lane];
    if (!place) throw new RangeError(`There is no lane ${lane}`);
    return await runHosted(file, isAlone ? { ...place, processor: undefined } : place, options);
  };
  return await runInLanes(files, lanes.length, run);
}

/** All test files below a folder, as paths from the root, sorted. */
function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return testFiles(path);
    return name.endsWith("_test.ts") ? [path] : [];
  }).sort();
}

/** A place for each lane, or nothing when Windows programs cannot run here; the reason is printed. */
async function prepareLanes(count: number): Promise<HostPlace[] | undefined> {
  try {
    await refuseStaleBundle();
    const cpus = processors();
    const places: HostPlace[] = [];
    for (let prefix = 1; prefix <= count; prefix++) {
      const host = await prepareHost(["wine", "compiler"], console.error, prefix);
      const processor = cpus.length > 1 ? cpus[(prefix - 1) % cpus.length] : undefined;
      places.push({ host, prefix, processor, debuggees: await buildDebuggees(host) });
    }
    return places;
  } catch (error) {
    console.error(`Cannot run live tests: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Live tests would otherwise prove the engine's worker as it was. */
async function refuseStaleBundle(): Promise<void> {
  const script = fileURLToPath(new URL("bundle.ts", import.meta.url));
  const args = ["run", "-A", relative(ROOT, script), "--check"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

function skipped(file: string): FileResult {
  return { file, seconds: 0, passed: 0, failed: 0, skipped: 1 };
}

function conclude(native: readonly FileResult[], hosted: readonly FileResult[]): TestRun {
  const results = [...native, ...hosted];
  console.log();
  for (const result of results) console.log(resultLine(result));
  const lucky = results.filter(({ isSecondTry, failed }) => isSecondTry && failed === 0);
  for (const { file } of lucky) console.log(`passed at the second try: ${file}`);
  const totals: Totals = sum(results);
  const missed = sum(hosted).skipped;
  if (missed > 0) console.log(`${missed} live tests did not run: that counts as a failure`);
  return { isGood: totals.failed === 0 && missed === 0, line: totalsLine(totals) };
}

if (import.meta.main) {
  const { isGood, line } = await runTests(Deno.args);
  console.log(line);
  Deno.exitCode = isGood ? 0 : 1;
}
