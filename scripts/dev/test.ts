/**
 * Runs the tests: those that start no Windows program in one runner of this Deno, the others one process a file, in two lanes side by
 * side; files in tests/live by Windows' Deno. A line tells of each file as it ends, below what the file printed.
 *
 *     deno task test [words of file names] [--native] [--live] [--rest] [--long] [--minutes=N] [--timeout=SECONDS]
 *         [--filter=TEXT] [--lanes=N]
 *
 * Without words it leaves some files out, to be short: `--rest` runs those. `--long` runs all, and has tests try as often as it takes (`tests/count.ts`); with `--minutes`, only those files that have long counts, and of them
 * what fits. With `--filter`, as of `deno test`, only those tests of the files whose names have the text.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDebuggees } from "./debuggees.ts";
import { type Place, runInLanes } from "./gates/lanes.ts";
import { filesThatFit, isOfTheRest, isOnlyLong, secondsOf } from "./gates/plan.ts";
import { type HostPlace, isLive, runHosted, runNative, type RunOptions } from "./gates/runners.ts";
import { failureLines, type FileResult, resultLine, sum, totalsLine } from "./gates/results.ts";
import { fetchPackages } from "./gates/setup.ts";
import { readWords, type Words } from "./gates/words.ts";
import { PREFIX, prepareHost } from "./host.ts";
import { processors } from "../../lib/cli/host/process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the tests that a command line asks for, and prints how they went. Gives whether all that should run has passed. */
async function runTests(words: Words): Promise<boolean> {
  const files = chooseFiles(words);
  const native = files.filter((file) => !isHosted(file));
  const hosted = files.filter(isHosted);
  await fetchPackages(ROOT, files.filter((file) => !isLive(file)));

  // First, for native tests use the compiler too, and none of them should have to wait for its download.
  const lanes = hosted.length > 0 ? await prepareLanes(Math.min(words.lanes, hosted.length)) : undefined;
  const { isLong, filter } = words;
  const options: RunOptions = { root: ROOT, isLong, filter, timeoutOf: (files) => timeoutOf(files, words) };
  const results = await Promise.all([
    native.length > 0 ? runNative(native, options) : [],
    lanes ? runAllHosted(hosted, lanes, options) : hosted.map(notRun),
  ]);
  return conclude(results.flat(), words);
}

/** What a command line asks for, of all that there is. */
function chooseFiles({ names, kind, isRest, isLong, minutes, lanes }: Words): string[] {
  const isMeant = (file: string): boolean =>
    names.length > 0 ? names.some((name) => file.includes(name)) : isLong || isOfTheRest(file) === isRest;
  const found = testFiles("tests").filter(isMeant)
    .filter((file) => kind === "all" || isLive(file) === (kind === "live"));
  if (found.length === 0) throw new TypeError(`There is no such test: ${names.join(" ")}`);
  const asked = found.filter((file) => isLong || !isOnlyLong(file));
  if (asked.length === 0) throw new TypeError(`Only long runs have ${found.join(" ")}: add --long`);
  if (minutes === undefined) return asked;
  const { fitting, others } = filesThatFit(asked, lanes, minutes * 60);
  for (const file of others) {
    console.log(
      `Does not fit, takes ${Math.ceil(secondsOf(file, { isLong }) / 60)} minutes: deno task test --long ${file}`,
    );
  }
  return fitting;
}

/** A file may take three times as long as it takes here, but is given some minutes in any case. */
function timeoutOf(files: readonly string[], { timeout, isLong }: Words): number {
  if (timeout !== undefined) return timeout;
  return Math.max(300, 3 * files.reduce((seconds, file) => seconds + secondsOf(file, { isLong }), 0));
}

/** Tests that start programs of their own, which would take the lanes' time beside them. */
const STARTERS = [
  "tests/host/",
  "tests/v8/",
  "tests/cli/",
  "tests/script/held",
  "tests/script/run_script",
  "tests/script/remote_latch",
];

/** Whether a test file goes into a lane: those in tests/live run as a Windows program, others start programs. */
function isHosted(file: string): boolean {
  return isLive(file) || STARTERS.some((begin) => file.startsWith(begin));
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
  return await runInLanes(files, lanes.length, run, options);
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
    const first = Number(Deno.env.get(PREFIX) ?? 1);
    const places: HostPlace[] = [];
    for (let lane = 0; lane < count; lane++) {
      const prefix = first + lane;
      const host = await prepareHost(["wine", "x86", "compiler"], console.error, prefix);
      const processor = cpus.length > 1 ? cpus[lane % cpus.length] : undefined;
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

/** A test that could not run shows nothing: it counts as failed. */
function notRun(file: string): FileResult {
  return { file: `${file} (did not run)`, seconds: 0, passed: 0, failed: 1, skipped: 0 };
}

function conclude(results: readonly FileResult[], { filter }: Words): boolean {
  console.log();
  for (const result of results) console.log(resultLine(result));
  for (const line of failureLines(results)) console.log(line);
  const totals = sum(results);
  const reason = filter === undefined
    ? "not for this system or machine"
    : `not for this system or machine, or without "${filter}"`;
  if (totals.skipped > 0) console.log(`${totals.skipped} skipped: ${reason}`);
  // A pattern with a mistake in it matches nothing, which shows nothing.
  const isMissed = filter !== undefined && totals.passed + totals.failed === 0;
  if (isMissed) console.log(`No test has run: no name has "${filter}"`);
  console.log(totalsLine(totals));
  return totals.failed === 0 && !isMissed;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await runTests(readWords(Deno.args)) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 2;
  }
}
