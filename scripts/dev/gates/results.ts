/** How many tests passed, failed and were skipped. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** What one test file came to. */
export interface FileResult extends Totals {
  readonly file: string;
  readonly seconds: number;
}

/** Reads `deno test --junit-path`: one result a file, steps counted as tests. */
export function readJunit(xml: string): FileResult[] {
  return xml.split("<testsuite ").slice(1).map((suite) => {
    const cases = suite.split("<testcase ").slice(1);
    const skipped = cases.filter((text) => text.includes("<skipped")).length;
    const failed = cases.filter((text) => /<(failure|error)[ >]/.test(text)).length;
    const seconds = cases.reduce((sum, text) => sum + Number(/ time="([\d.]+)"/.exec(text)?.[1] ?? 0), 0);
    const file = (/name="([^"]*)"/.exec(suite)?.[1] ?? "").replaceAll("\\", "/").replace(/^\.\//, "");
    return { file, seconds, passed: cases.length - skipped - failed, failed, skipped };
  });
}

/** The result of one file. One that reported nothing failed: its runner crashed, it did not load, or it holds no test. */
export function resultOf(file: string, reported: readonly FileResult[]): FileResult {
  return reported.find((result) => result.file === file) ?? { file, seconds: 0, passed: 0, failed: 1, skipped: 0 };
}

/** Adds results up. */
export function sum(results: readonly Totals[]): Totals {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of results) {
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  }
  return totals;
}

/** The line that every run ends with. */
export function totalsLine({ passed, failed }: Totals): string {
  return `${passed} passed, ${failed} failed`;
}

/** Reads such a line, the last of what a run has printed; nothing where there is none. */
export function readTotals(output: string): Totals | undefined {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split("\n").at(-1) ?? "") ?? [];
  return passed === undefined ? undefined : { passed: Number(passed), failed: Number(failed), skipped: 0 };
}

/** The line about one file. */
export function resultLine(result: FileResult): string {
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  return `${result.seconds.toFixed(1).padStart(7)} s  ${result.file}: ${totalsLine(result)}${skipped}`;
}
