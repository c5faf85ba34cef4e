/** Every measurement once a round, one after the other: what slows the machine down for a while meets all of them. */
import { reasonOf } from "./against.ts";
import type { Measurement } from "./measurements.ts";
import { Interrupted } from "./run.ts";
import type { Figures, Round } from "./sections.ts";

/** What was measured. */
export interface Measured {
  readonly rounds: readonly Round[];
  /** Why another commit's library could not be measured, by measurement. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * Measures round by round; but where all `isWarm`, a first round is not counted.
 * @param others Measurements of another commit's library: each runs right behind ours of the same name. What fails there is told, and not tried again.
 */
export async function measure(
  chosen: readonly Measurement[],
  others: readonly Measurement[],
  { rounds, isWarm }: { readonly rounds: number; readonly isWarm: boolean },
  log: (line: string) => void,
): Promise<Measured> {
  const results: Round[] = [];
  const reasons = new Map<string, string>();
  for (let round = isWarm ? 1 : 0; round <= rounds; round++) {
    const start = performance.now();
    const own = new Map<string, Figures>();
    const other = new Map<string, Figures>();
    for (const { name, run } of chosen) {
      own.set(name, await run());
      const match = others.find((each) => each.name === name);
      const figures = match && !reasons.has(name) ? await tryRun(match, reasons, log) : undefined;
      if (figures) other.set(name, figures);
    }
    if (round > 0) results.push({ own, other });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    log(`${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}: ${own.size + other.size} runs, ${seconds} s`);
  }
  return { rounds: results, reasons };
}

async function tryRun(
  { name, run }: Measurement,
  reasons: Map<string, string>,
  log: (line: string) => void,
): Promise<Figures | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Interrupted) throw error;
    log(`the other commit's ${name}: ${error.message}`);
    reasons.set(name, reasonOf(error.message));
    return undefined;
  }
}
