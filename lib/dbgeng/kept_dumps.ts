import type { DebugEventMap, Program } from "../session/program.ts";

type ExceptionEvent = DebugEventMap["exception"];

/** Dumps that are written ahead of the last error of a program, at most: what handles errors all day is not to be held up for each. */
const MOST = 5;

interface Kept {
  count: number;
  /** The error that the file is of. */
  event?: ExceptionEvent;
}

/**
 * Dumps of errors that may turn out to be crashes: where a program ends, what led to it is gone. There is one file for each program, of the
 * newest error; the same error of the same place is not written again.
 */
export class KeptDumps {
  readonly #kept = new WeakMap<Program, Kept>();

  /** Has the dump of an error written. */
  async keep(event: ExceptionEvent, write: () => Promise<unknown>): Promise<void> {
    const kept = this.#kept.get(event.program) ?? { count: 0 };
    this.#kept.set(event.program, kept);
    if (kept.event && isSamePlace(kept.event, event)) kept.event = event;
    else if (kept.count < MOST) {
      kept.count++;
      delete kept.event; // the file may be gone when this fails
      await write();
      kept.event = event;
    }
  }

  /** Whether a program's file is of that error. */
  isOf(event: ExceptionEvent | undefined): boolean {
    return event !== undefined && this.#kept.get(event.program)?.event === event;
  }

  /** Takes a program's file; whether there is one. */
  take(program: Program): boolean {
    const kept = this.#kept.get(program);
    const hasFile = kept?.event !== undefined;
    delete kept?.event;
    return hasFile;
  }
}

function isSamePlace(one: ExceptionEvent, other: ExceptionEvent): boolean {
  return one.code === other.code && one.address === other.address && one.threadId === other.threadId;
}
