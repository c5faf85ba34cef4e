/** Memory of all processes of a run. */
import { MARK, processesOf } from "../gates/processes.ts";
import { RUN_MARK, type Watch } from "./run.ts";

/** How often is looked if nothing else is said, in milliseconds: the kernel keeps each process's peak, only what it took at its very end is missed. */
const INTERVAL_MS = 50;

/** The most memory that each process of a tree had resident. */
export class PeakMemory implements Watch {
  readonly #peaks = new Map<number, number>();
  readonly #interval: number;
  #root = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `interval`: to look takes some milliseconds, which whoever measures time will not have often. */
  constructor(interval: number = INTERVAL_MS) {
    this.#interval = interval;
  }

  begin(root: number): void {
    this.#root = root;
    this.#timer = setInterval(() => this.look(), this.#interval);
  }

  look(): void {
    for (const pid of processesOf(this.#root, RUN_MARK[MARK] ?? "")) {
      this.#peaks.set(pid, Math.max(this.#peaks.get(pid) ?? 0, peakOf(pid)));
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** All peaks added up, in megabytes. */
  get megabytes(): number {
    return [...this.#peaks.values()].reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
  }
}

/** In kilobytes; 0 of one that is gone. */
function peakOf(pid: number): number {
  try {
    return parsePeak(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return 0;
  }
}

/** The peak of resident memory in Linux' status of a process, in kilobytes. */
export function parsePeak(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0);
}
