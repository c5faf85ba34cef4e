/** What the outermost calls of the library tell of their failures beside what went wrong: where the user's script made them. */
import { isWine } from "../remote/wine.ts";
import { AttachError, EngineError, StateError } from "../session/errors.ts";

/** Errors of ours: their messages tell all that their way through the library could. */
const TYPED = [AttachError, EngineError, StateError, Deno.errors.NotCapable];

/** Errors about arguments, which may also be faults of the library: then their way through it is of use. */
const ARGUMENTS = [TypeError, RangeError];
const ways = new WeakMap<Error, string>();

/**
 * Does what a function of the public API is for. The stack of what it fails with leads to who called that function: made at an answer of the
 * engine's, or deep below, it would end inside of the library.
 * @param entry The function, which awaits this.
 */
export async function called<T>(entry: (...values: never[]) => unknown, work: () => Promise<T>): Promise<T> {
  const place: { stack?: string } = {};
  Error.captureStackTrace(place, entry);
  try {
    return await work();
  } catch (error) {
    if (isOf(TYPED, error)) lead(error, entry, place.stack);
    else if (isOf(ARGUMENTS, error)) {
      const way = ways.get(error) ?? framesOf(error.stack);
      ways.set(error, way);
      lead(error, entry, place.stack);
      error.stack += `\n${way}`;
    }
    throw error;
  }
}

function isOf(types: readonly (abstract new (...values: never[]) => Error)[], error: unknown): error is Error {
  return types.some((type) => error instanceof type);
}

/** Has the stack of an error begin with who waits for it; where nobody does, with who called at that time. */
function lead(error: Error, entry: (...values: never[]) => unknown, then: string | undefined): void {
  Error.captureStackTrace(error, entry);
  if (framesOf(error.stack) === "") error.stack += `\n${framesOf(then)}`;
}

function framesOf(stack = ""): string {
  const at = stack.search(/^ {4}at /m);
  return at < 0 ? "" : stack.slice(at);
}

/** Adds to the news that a process is not there what can be seen from here at all; on other machines, other things. */
export function withSight(error: unknown, isHere: boolean): unknown {
  if (!isHere || !isWine || !(error instanceof AttachError) || error.kind !== "no-such-process") return error;
  const [, text, code = ""] = /^(.*?)( \[[^\]]*\])?$/s.exec(error.message) ?? [];
  error.message = `${text}; ${SIGHT}${code}`;
  return error;
}

const SIGHT = "on Linux only programs of Latch's own Wine prefix are seen (latch ps)";
