/** What is known of a test file before it runs: how long it takes here, in seconds. */
interface Duration {
  readonly short: number;
  /** With the counts of `--long`. Only a file that asks `tests/count.ts` for one has it. */
  readonly long?: number;
}

/** Files that take more than a few seconds, on two cores. */
const DURATIONS: Readonly<Record<string, Duration>> = {};

/**
 * Files that measure time, bring the engine to its limits, or need what there is once (the inspector's usual port): beside
 * others they would prove nothing, or disturb them, or be too slow.
 */
const ALONE = [
  ...["tests/live/interrupt_test.ts", "tests/live/attach_cycles_test.ts", "tests/live/inspect_test.ts"],
  ...["tests/v8/attach_test.ts", "tests/v8/port_test.ts", "tests/host/schedule_test.ts"],
];

/** The files that the plan knows. */
export const PLANNED: readonly string[] = Object.keys(DURATIONS);

/** Whether the long counts are asked for. */
export interface Counts {
  readonly isLong: boolean;
}

/** How long a file takes, in seconds; a few where nothing is known. */
export function secondsOf(file: string, { isLong }: Counts): number {
  const { short, long } = DURATIONS[file] ?? { short: 3 };
  return isLong ? long ?? short : short;
}

/** Whether a file has other counts with `--long`. */
export function hasLong(file: string): boolean {
  return DURATIONS[file]?.long !== undefined;
}

/**
 * The files that can run beside others and those that cannot, each the longest first: begun last, a long one would run on while
 * the other lanes have nothing left.
 */
export function planFiles(files: readonly string[], counts: Counts): { beside: string[]; alone: string[] } {
  const sorted = files.toSorted((a, b) => secondsOf(b, counts) - secondsOf(a, counts));
  const { beside = [], alone = [] } = Object.groupBy(sorted, (file) => ALONE.includes(file) ? "alone" : "beside");
  return { beside, alone };
}

/** What can be run in some seconds of the files that have long counts, as many as possible, and what cannot. */
export function filesThatFit(
  files: readonly string[],
  lanes: number,
  seconds: number,
): { fitting: string[]; others: string[] } {
  const costOf = (file: string): number => secondsOf(file, { isLong: true }) / (ALONE.includes(file) ? 1 : lanes);
  let left = seconds;
  const long = files.filter(hasLong).toSorted((a, b) => costOf(a) - costOf(b));
  const { fitting = [], others = [] } = Object.groupBy(long, (file) => {
    left -= costOf(file);
    return left >= 0 ? "fitting" : "others";
  });
  return { fitting, others };
}
