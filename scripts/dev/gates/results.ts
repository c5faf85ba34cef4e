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
  /** What failed, each by its name and what was said of it. */
  readonly failures?: readonly string[];
}

/** Reads `deno test --junit-path`: one result a file, steps counted as tests. */
export function readJunit(xml: string): FileResult[] {
  return xml.split("<testsuite ").slice(1).map((suite) => {
    const cases = suite.split("<testcase ").slice(1);
    const skipped = cases.filter((text) => text.includes("<skipped")).length;
    const failed = cases.filter((text) => /<(failure|error)[ >]/.test(text)).length;
    const seconds = cases.reduce((sum, text) => sum + Number(/ time="([\d.]+)"/.exec(text)?.[1] ?? 0), 0);
    const file = (/name="([^"]*)"/.exec(suite)?.[1] ?? "").replaceAll("\\", "/").replace(/^\.\//, "");
    const failures = cases.flatMap(failureOf);
    return {
      file,
      seconds,
      passed: cases.length - skipped - failed,
      failed,
      skipped,
      ...failures.length > 0 ? { failures } : {},
    };
  });
}

/** How many lines are repeated of what a test failed with. */
const LINES = 25;

function failureOf(testCase: string): string[] {
  const [, message, text] = /<(?:failure|error) message="([^"]*)"(?:\/>|>([^<]*))/.exec(testCase) ?? [];
  if (message === undefined) return [];
  const [, name = ""] = /name="([^"]*)"/.exec(testCase) ?? [];
  const lines = plain(text ?? message).trimEnd().split("\n").slice(0, LINES);
  return [[plain(name), ...lines.map((line) => `    ${line}`)].join("\n")];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(xml: string): string {
  return xml.replace(/&(\w+);/g, (entity, name) => ENTITIES[name] ?? entity);
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

/** What failed, of all files: the end of a long log is all that many a reader gets. */
export function failureLines(results: readonly FileResult[]): string[] {
  return results.filter(({ failed }) => failed > 0)
    .flatMap(({ file, failures = [] }) =>
      failures.length > 0 ? failures.map((text) => `FAILED ${file}: ${text}`) : [`FAILED ${file}`]
    );
}
