import { type FileResult, resultOf } from "./results.ts";

/** Where a file runs: in which lane, and whether the other lanes rest meanwhile. */
export interface Place {
  readonly lane: number;
  readonly isAlone: boolean;
}

/** Runs one test file. */
export type RunFile = (file: string, place: Place) => Promise<FileResult>;

/** Files that take long, the longest first: begun last, one of them would run on while the other lanes have nothing left. */
const LONG = [
  ...["live/endurance_test.ts", "live/process_server_test.ts", "live/lost_server_test.ts", "live/examples_test.ts"],
  ...["v8/conformance_deno_test.ts", "live/oracle_test.ts", "v8/conformance_node_test.ts", "live/races_test.ts"],
  ...["host/conformance_remote_test.ts", "host/native_test.ts", "host/native_lost_test.ts", "host/killed_test.ts"],
  ...["host/cli_test.ts", "live/diagnostic_hang_test.ts"],
  ...["host/diagnostic_confined_test.ts", "host/script_rights_test.ts", "host/hostile_target_test.ts"],
  ...["live/launch_test.ts", "live/engine_test.ts", "live/conformance_server_test.ts"],
];

/**
 * Files that measure time, bring the engine to its limits, or need what there is once (the inspector's usual port): beside
 * others they would prove nothing, or disturb them, or be too slow.
 */
const ALONE = [
  ...["live/interrupt_test.ts", "live/attach_cycles_test.ts", "live/inspect_test.ts"],
  ...["v8/attach_test.ts", "v8/port_test.ts", "host/schedule_test.ts"],
];

/** How many failed files get a second try. */
const SECOND_TRIES = 5;

/** The files that can run beside others, in the best order, and those that cannot. */
export function planFiles(files: readonly string[]): { beside: string[]; alone: string[] } {
  const isAlone = (file: string): boolean => ALONE.some((name) => file.endsWith(name));
  const isLong = (file: string): boolean => LONG.some((name) => file.endsWith(name));
  const long = LONG.flatMap((name) => files.filter((file) => file.endsWith(name)));
  const others = files.filter((file) => !isLong(file) && !isAlone(file));
  return { beside: [...long, ...others], alone: files.filter(isAlone) };
}

/**
 * Runs files in lanes side by side, then those that must be alone, then once more what failed.
 *
 * @param say Prints a line.
 */
export async function runInLanes(
  files: readonly string[],
  lanes: number,
  run: RunFile,
  say: (line: string) => void = console.log,
): Promise<FileResult[]> {
  const { beside, alone } = planFiles(files);
  const ran: Ran[] = [];
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
      ran.push({ lane, result: await attempt(file, { lane, isAlone: false }) });
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  for (const file of alone) ran.push({ lane: 0, result: await attempt(file, { lane: 0, isAlone: true }) });
  return await tryAgain(ran, (file, lane) => attempt(file, { lane: (lane + 1) % lanes, isAlone: true }), say);
}

interface Ran {
  readonly lane: number;
  readonly result: FileResult;
}

/**
 * A second try for a few files. Under Wine on a loaded machine a program stalls now and then, or a process ends at the one moment
 * where Wine loses an event: such a failure does not come twice, least of all alone and in another prefix, whose Wine server the
 * first try has not touched. A fault of ours that every run meets fails again, and many failures at once are no accident.
 */
async function tryAgain(
  ran: readonly Ran[],
  run: (file: string, lane: number) => Promise<FileResult>,
  say: (line: string) => void,
): Promise<FileResult[]> {
  const failed = ran.filter(({ result }) => result.failed > 0);
  if (failed.length > SECOND_TRIES) say(`${failed.length} files failed: too many for a second try`);
  const results: FileResult[] = [];
  for (const { lane, result } of ran) {
    if (result.failed === 0 || failed.length > SECOND_TRIES) {
      results.push(result);
      continue;
    }
    say(`second try, alone: ${result.file}`);
    const second = { ...await run(result.file, lane), isSecondTry: true };
    say(`${second.failed === 0 ? "passed" : "failed"} at the second try: ${result.file}`);
    results.push(second);
  }
  return results;
}
