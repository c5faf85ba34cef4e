import type { EventName } from "./engine.ts";
import type { EventHandler, EventHandlers } from "./events.ts";
import type { Handlers, Scope } from "./handlers.ts";
import { newOpening, type Opening, type OpeningShape } from "./opening.ts";
import type { OpenOptions } from "./options.ts";
import type { Program } from "./program.ts";
import { asItCame, releaseProgram } from "./release.ts";
import type { Runner } from "./runner.ts";

/** Opens programs, one after another: the engine tells a launch's process only by its being the next. */
export class Opener {
  readonly #handlers: Handlers;
  #last: Promise<void> = Promise.resolve();

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  /** Carries one opening out; `ask` tells the engine of it. */
  async open(runner: Runner, shape: OpeningShape, options: OpenOptions, ask: () => Promise<void>): Promise<Program> {
    runner.refuseWhileHeld(shape.action);
    const previous = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await previous;
    try {
      return await this.#carryOut(runner, newOpening(shape), options, ask);
    } finally {
      turn.resolve();
    }
  }

  async #carryOut(runner: Runner, opening: Opening, options: OpenOptions, ask: () => Promise<void>): Promise<Program> {
    const { signal, on = {} } = options;
    const removals: (() => void)[] = [];
    const abort = (): void => void giveUp(runner, opening, signal);
    try {
      listenAll(this.#handlers, on, opening, removals);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort, { once: true });
      return await runner.open(opening, ask);
    } catch (error) {
      for (const remove of removals) remove();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** Undoes an opening whose signal aborted: its process may come up yet, and must not stay. */
async function giveUp(runner: Runner, opening: Opening, signal: AbortSignal | undefined): Promise<void> {
  if (opening.settled) return;
  opening.settled = true;
  try {
    const program = await opening.appeared.promise;
    if (program) await runner.whileStopped(() => releaseProgram(runner, program, asItCame(program)));
  } finally {
    opening.done.reject(signal?.reason);
  }
}

function listenAll(handlers: Handlers, listeners: EventHandlers, scope: Scope, removals: (() => void)[]): void {
  for (const [name, handler] of Object.entries(listeners)) {
    if (handler) removals.push(handlers.add(name as EventName, handler as EventHandler<EventName>, { scope }));
  }
}
