/**
 * Runs the tests: those that need no engine by this Deno, those in tests/live by Windows' Deno, one process a file.
 *
 *     deno task test [words of file names] [--native] [--live] [--timeout=SECONDS]
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildDebuggees } from "./debuggees.ts";
import { type LiveOptions, runLive, runNative } from "./gates/runners.ts";
import { type FileResult, sum, type Totals, totalsLine } from "./gates/results.ts";
import { prepareHost } from "./host.ts";

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
    options: { native: { type: "boolean" }, live: { type: "boolean" }, timeout: { type: "string", default: "240" } },
  });
  const files = testFiles("tests").filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  const isLive = (file: string): boolean => file.startsWith("tests/live/");
  const native = values.live && !values.native ? [] : files.filter((file) => !isLive(file));
  const live = values.native && !values.live ? [] : files.filter(isLive);
  if (native.length + live.length === 0) return { isGood: false, line: `no such test: ${words.join(" ")}` };

  // First, for native tests use the compiler too, and none of them should have to wait for its download.
  const host = live.length > 0 ? await prepareLive(Number(values.timeout)) : undefined;
  const [nativeResults, liveResults] = await Promise.all([
    native.length > 0 ? runNative(native, ROOT) : [],
    runAllLive(live, host),
  ]);
  return conclude(nativeResults, liveResults);
}

/** The long one first: it prints little and heeds nothing but its own process, so that native tests can run beside it. */
async function runAllLive(files: readonly string[], host: LiveOptions | undefined): Promise<FileResult[]> {
  const isLong = (file: string): boolean => file.includes("endurance");
  const results: FileResult[] = [];
  for (const file of files.toSorted((one, other) => Number(isLong(other)) - Number(isLong(one)))) {
    results.push(host ? await runLive(file, host) : skipped(file));
  }
  return results;
}

/** All test files below a folder, as paths from the root, sorted. */
function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return testFiles(path);
    return name.endsWith("_test.ts") ? [path] : [];
  }).sort();
}

/** What live tests need, or nothing when they cannot run here; the reason is printed. */
async function prepareLive(timeout: number): Promise<LiveOptions | undefined> {
  try {
    await refuseStaleBundle();
    const host = await prepareHost(["wine", "compiler"]);
    return { host, root: ROOT, debuggees: await buildDebuggees(host), timeout };
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

function conclude(native: readonly FileResult[], live: readonly FileResult[]): TestRun {
  console.log();
  for (const result of [...native, ...live]) {
    console.log(`${result.seconds.toFixed(1).padStart(7)} s  ${result.file}: ${totalsLine(result)}`);
  }
  const totals: Totals = sum([...native, ...live]);
  const missed = sum(live).skipped;
  if (missed > 0) console.log(`${missed} live tests did not run: that counts as a failure`);
  return { isGood: totals.failed === 0 && missed === 0, line: totalsLine(totals) };
}

if (import.meta.main) {
  const { isGood, line } = await runTests(Deno.args);
  console.log(line);
  Deno.exitCode = isGood ? 0 : 1;
}
