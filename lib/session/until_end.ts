import type { ProgramEnd } from "./contract.ts";
import { StateError } from "./errors.ts";

/** Lets a program run past every stop until it has left its session. `next`: to the next stop, or its end. */
export async function untilEnd(end: () => ProgramEnd | undefined, next: () => Promise<unknown>): Promise<ProgramEnd> {
  for (let found = end();; found = end()) {
    if (found) return found;
    try {
      await next();
    } catch (error) {
      if (!(error instanceof StateError && (error.kind === "interrupted" || end()))) throw error;
    }
  }
}
