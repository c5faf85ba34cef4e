import { EngineError } from "../../session/errors.ts";
import { type LoadedEngine, loadEngine } from "./library.ts";
import { releaseName, takeName } from "./windows.ts";

/** The right to be the one user of the engine in this process, whose state all its clients share. Disposal gives it up. */
export interface EngineLease extends Disposable {
  /** Makes clients. */
  readonly engine: LoadedEngine;
  /** The right itself, as a handle of this process. */
  readonly handle: bigint;
}

/**
 * Loads the engine for one user. Other threads and other copies of this module count too: the right is a name that Windows
 * gives out once.
 * @throws {EngineError} kind `in-use`.
 */
export function leaseEngine(folder?: string): EngineLease {
  const name = takeName(`Local\\latch-engine-${Deno.pid}`);
  if (name === null) {
    throw new EngineError(
      "in-use",
      "Cannot open a second engine in this process: dispose the other session first, or use another process",
    );
  }
  try {
    return { engine: loadEngine(folder), handle: name, [Symbol.dispose]: () => releaseName(name) };
  } catch (error) {
    releaseName(name);
    throw error;
  }
}
