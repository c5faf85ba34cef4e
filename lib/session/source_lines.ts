/**
 * Source lines and the code that was made of them: plain records.
 * @module
 */

import { requireInteger, requireOptions, requireText } from "./arguments.ts";

/** A line of a source file. */
export interface SourcePlace {
  /** Path of the file, or the end of it, for example `orders.cpp`; upper and lower case are the same. */
  readonly file: string;
  /** The line, counted from 1. */
  readonly line: number;
}

/** A piece of code that a source line has become. */
export interface SourceLine extends SourcePlace {
  /** Path of the file, as the compiler wrote it. */
  readonly file: string;
  /** Where its code begins. */
  readonly address: bigint;
  /** How many bytes it has. */
  readonly size: number;
}

/** Where a thread is. */
export interface Position {
  /** The instruction that it executes next. */
  readonly address: bigint;
  /** The line that this is in; null where symbols tell of none. */
  readonly line: SourceLine | null;
  /** Whether a function begins there. */
  readonly isEntry: boolean;
}

/** A place as it is asked for. @throws {TypeError | RangeError} for what is none. */
export function requirePlace(action: string, place: SourcePlace): SourcePlace {
  requireOptions(action, place);
  const { file, line } = place;
  requireText(action, "its file", file, false);
  requireInteger(action, "line", line, 1, 2 ** 31 - 1);
  return { file, line };
}
