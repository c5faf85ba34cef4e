import type { PortProgram } from "./contract.ts";
import type { EventName } from "./events.ts";
import { asItCame, type EventHandler, type EventHandlers, type Program } from "./program.ts";
import type { Scope } from "./handlers.ts";
import { newOpening, type Opening } from "./opening.ts";
import type { OpenOptions } from "./options.ts";
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
const PATIENCE = 5000;

/** Opens programs one after another. */
export class Opener {
  #last: Promise<void> = Promise.resolve();
  /** What is left of a failed opening: the next one has to wait for it. */
  #undoing: Promise<void> = Promise.resolve();

  /** Waits for its turn, then does it: what follows, up to the end of `open`, is not disturbed by another opening. */
  async inTurn<T>(runners: Runners, action: string, open: () => Promise<T>): Promise<T> {
    runners.refuseWhileHeld(action);
    const previous = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await previous;
    try {
      return await open();
    } finally {
      this.#undoing.then(turn.resolve);
    }
  }

  /** Carries one opening out. */
  async open(runners: Runners, plan: OpeningPlan, { signal, on = {} }: OpenOptions): Promise<Program> {
    const opening = newOpening({ programId: plan.program.id, action: plan.action, stops: plan.stops });
    const removals: (() => void)[] = [];
    const abort = (): void => giveUp(opening, signal?.reason);
    try {
      listenAll(runners, on, opening, removals);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort, { once: true });
      const program = await carryOut(runners, opening, plan);
      forget(runners, opening);
      return program;
    } catch (error) {
      this.#undoing = undo(runners, opening);
      await within(PATIENCE, this.#undoing);
      for (const remove of removals) remove();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

async function carryOut(runners: Runners, opening: Opening, plan: OpeningPlan): Promise<Program> {
  await runners.whileStopped(async () => {
    await runners.settled(); // until here the end of other programs may be told yet
    runners.opening = opening;
    runners.waiting.forgetEnd();
    await plan.ask();
    opening.isAsked = true;
  });
  runners.start();
  return await opening.done.promise;
}

/** Ends an opening whose signal aborted. */
function giveUp(opening: Opening, reason: unknown): void {
  if (opening.settled) return;
  opening.settled = true;
  opening.done.reject(reason);
}

/**
 * A failed opening leaves no program behind: what it attached to runs on, what it launched ends, if need be as soon as it
 * comes up.
 */
async function undo(runners: Runners, opening: Opening): Promise<void> {
  giveUp(opening, undefined);
  const program = opening.isAsked ? await opening.appeared.promise : opening.program;
  if (program && !program.end) {
    const release = (): Promise<void> => releaseProgram(runners, program, asItCame(program));
    await runners.whileStopped(release).catch(() => {}); // the first failure is told
  }
  forget(runners, opening);
}

/** It is over; an engine inside its program may be, too. */
function forget(runners: Runners, opening: Opening): void {
  if (runners.opening === opening) runners.opening = undefined;
  const runner = runners.runnerOf(opening.programId);
  if (runner) runners.retire(runner);
}

async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function listenAll(runners: Runners, listeners: EventHandlers, scope: Scope, removals: (() => void)[]): void {
  for (const [name, handler] of Object.entries(listeners)) {
    if (handler) removals.push(runners.handlers.add(name as EventName, handler as EventHandler<EventName>, { scope }));
  }
}
