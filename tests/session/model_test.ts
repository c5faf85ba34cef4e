/**
 * Random histories of a session: a million others in each long run, and in a short one always the same, so that no change is refused for what
 * another one did. A history that fails prints a seed, and LATCH_SEED=SEED:PATH goes through that one again.
 */
import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { count, isLong } from "../count.ts";
import { History } from "./model_history.ts";

const SEED = 20261129;
const HISTORIES = count(10_000, 1_000_000);

async function goThrough(numbers: readonly number[]): Promise<void> {
  const history = new History();
  const unhandled = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    history.fault(`nobody takes ${event.reason?.stack ?? event.reason}`);
  };
  const uncaught = (event: ErrorEvent): void => {
    event.preventDefault();
    history.fault(`nobody catches ${event.error?.stack ?? event.message}`);
  };
  globalThis.addEventListener("unhandledrejection", unhandled);
  globalThis.addEventListener("error", uncaught);
  try {
    await history.run(numbers);
  } finally {
    globalThis.removeEventListener("unhandledrejection", unhandled);
    globalThis.removeEventListener("error", uncaught);
  }
}

Deno.test(`${HISTORIES.toLocaleString("en")} histories of a session: everybody is told what they are to be told`, async () => {
  const numbers = fc.array(fc.noShrink(fc.nat(0x3fffffff)), { maxLength: 50, size: "max" });
  const [seed, path] = (Deno.env.get("LATCH_SEED") ?? "").split(/:(.*)/s);
  const again = seed
    ? { seed: Number(seed), ...(path ? { path, endOnFailure: true } : {}) }
    : isLong
    ? {}
    : { seed: SEED };
  const result = await fc.check(fc.asyncProperty(numbers, goThrough), { numRuns: HISTORIES, ...again });
  if (!result.failed) return;
  const replay = `LATCH_SEED=${result.seed}:${result.counterexamplePath}`;
  assert.fail(`${(result.errorInstance as Error)?.message}\nAgain: ${replay} (after ${result.numRuns} histories)`);
});
