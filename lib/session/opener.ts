import { orAborted, within } from "./abort.ts";
import type { PortProgram } from "./contract.ts";
import type { EventName } from "./events.ts";
import type { Execution } from "./execution.ts";
import type { Scope } from "./handlers.ts";
import { Opening } from "./opening.ts";
import type { OpenOptions } from "./options.ts";
import type { EventHandler, EventHandlers, Program } from "./program.ts";
import { asItCame } from "./provenance.ts";
import { releaseProgram } from "./release.ts";
import type { Runners } from "./runners.ts";

/** What one opening takes. */
export interface OpeningPlan {
  readonly program: PortProgram;
  readonly action: string;
  /** Whether the program is to stay stopped. */
  readonly stops: boolean;
  /** Tells the engine of it. */
  ask(): Promise<void>;
}

/** How long a failed opening waits for a program that may come up yet, in milliseconds. */
const PATIENCE = 1500;

/** Opens programs one after another. */
export class Opener {
  #last: Promise<void> = Promise.resolve();
  /** What is left of a failed opening: the next one has to wait for it. */
  #undoing: Promise<void> = Promise.resolve();

  /** Waits for its turn, then does it: what follows, up to the end of `open`, is not disturbed by another opening. */
  async inTurn<T>(
    { execution }: Runners,
    action: string,
    signal: AbortSignal | undefined,
    open: () => Promise<T>,
  ): Promise<T> {
    execution.refuseWhileHeld(action);
    signal?.throwIfAborted();
    const previous = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = previous.then(() => turn.promise);
    try {
      await orAborted(previous, signal);
      if (execution.opening) await this.#clear(execution, execution.opening, signal);
      else await orAborted(this.#undoing, signal);
      return await open();
    } finally {
      turn.resolve();
    }
  }

  /** Lets what a failed one has left come up, which is let go then. */
  async #clear(execution: Execution, failed: Opening, signal: AbortSignal | undefined): Promise<void> {
    const isClear = Promise.race([this.#undoing, failed.stepAside()]);
    failed.hasStarted ||= execution.isAtRest;
    execution.start();
    try {
      await orAborted(isClear, signal);
    } catch (error) {
      failed.stay();
      execution.advance(); // an interrupt may have waited for it
      if (failed.hasStarted) execution.leave();
      throw error;
    }
  }

  /** Carries one opening out. */
  async open(runners: Runners, plan: OpeningPlan, { signal, on = {} }: OpenOptions): Promise<Program> {
    const opening = new Opening(plan.program.id, plan.stops, plan.action);
    const removals: (() => void)[] = [];
    const abort = (): void => opening.fail(signal?.reason);
    try {
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort, { once: true });
      carryOut(runners, opening, plan, () => listenAll(runners, on, opening, removals));
      const program = await opening.done;
      forget(runners, opening);
      return program;
    } catch (error) {
      runners.execution.advance(); // an interrupt may have waited for it
      this.#undoing = undo(runners, opening);
      await within(PATIENCE, this.#undoing);
      for (const remove of removals) remove();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** Has the engine open the program, unless that was given up before; the opening tells what comes of it. */
async function carryOut(
  { execution }: Runners,
  opening: Opening,
  { ask }: OpeningPlan,
  listen: () => void,
): Promise<void> {
  try {
    listen();
    await execution.whileStopped(async () => {
      if (execution.isClosed) opening.close();
      if (!opening.isOpen) return opening.vanish();
      execution.opening = opening;
      await ask();
      opening.asked();
      if (execution.opening !== opening) return;
      // In here: nobody is told of a stop between this and the start.
      opening.hasStarted ||= execution.isAtRest;
      execution.start();
    }, true);
  } catch (error) {
    opening.fail(error);
    opening.vanish();
  }
}

/**
 * A failed opening leaves no program behind: what it attached to runs on, what it launched ends, if need be as soon as it
 * comes up. Other programs are stopped again, if they were before.
 */
async function undo(runners: Runners, opening: Opening): Promise<void> {
  const { execution } = runners;
  const program = await opening.appeared;
  await execution.whileStopped(async () => {
    // The first failure is told.
    if (program && !program.end) await releaseProgram(runners, program, asItCame(program)).catch(() => {});
    forget(runners, opening);
    if (opening.hasStarted) execution.leave();
  });
}

/** It is over; an engine inside its program may be, too. */
function forget(runners: Runners, opening: Opening): void {
  const { execution } = runners;
  if (execution.opening === opening) execution.opening = undefined;
  for (const runner of runners.all) if (runner.engine === opening.engine) runners.retire(runner);
}

function listenAll(runners: Runners, listeners: EventHandlers, scope: Scope, removals: (() => void)[]): void {
  for (const [name, handler] of Object.entries(listeners)) {
    if (handler) removals.push(runners.handlers.add(name as EventName, handler as EventHandler<EventName>, { scope }));
  }
}
