import { type Counts, planFiles } from "./plan.ts";
import { type FileResult, resultOf } from "./results.ts";

/** Where a file runs: in which lane, and whether the other lanes rest meanwhile. */
export interface Place {
  readonly lane: number;
  readonly isAlone: boolean;
}

/** Runs one test file. */
export type RunFile = (file: string, place: Place) => Promise<FileResult>;

/**
 * Runs files in lanes side by side, then those that must be alone. Each runs once: a file that needs a second try has a fault.
 *
 * @param say Prints a line.
 */
export async function runInLanes(
  files: readonly string[],
  lanes: number,
  run: RunFile,
  counts: Counts = { isLong: false },
  say: (line: string) => void = console.log,
): Promise<FileResult[]> {
  const { beside, alone } = planFiles(files, counts);
  const results: FileResult[] = [];
  const attempt: RunFile = async (file, place) => {
    try {
      return await run(file, place);
    } catch (error) {
      // The runner could not even start or be cleared away: one file's failure, the others go on.
      say(`${file}: ${error}`);
      return resultOf(file, []);
    }
  };
  const work = async (lane: number): Promise<void> => {
    for (let file = beside.shift(); file !== undefined; file = beside.shift()) {
      results.push(await attempt(file, { lane, isAlone: false }));
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  for (const file of alone) results.push(await attempt(file, { lane: 0, isAlone: true }));
  return results;
}
