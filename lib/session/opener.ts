import type { PortProgram } from "./contract.ts";
import type { EventHandler, EventHandlers, EventName } from "./events.ts";
import type { Scope } from "./handlers.ts";
import { newOpening, type Opening } from "./opening.ts";
import type { OpenOptions } from "./options.ts";
import { asItCame, type Program } from "./program.ts";
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

/** Opens programs one after another. */
export class Opener {
  #last: Promise<void> = Promise.resolve();

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
      turn.resolve();
    }
  }

  /** Carries one opening out. */
  async open(runners: Runners, plan: OpeningPlan, { signal, on = {} }: OpenOptions): Promise<Program> {
    const opening = newOpening({ programId: plan.program.id, action: plan.action, stops: plan.stops });
    const removals: (() => void)[] = [];
    const abort = (): void => void giveUp(runners, opening, signal);
    try {
      listenAll(runners, on, opening, removals);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort, { once: true });
      return await carryOut(runners, opening, plan);
    } catch (error) {
      await letGo(runners, opening);
      for (const remove of removals) remove();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      if (runners.opening === opening) runners.opening = undefined;
    }
  }
}

async function carryOut(runners: Runners, opening: Opening, plan: OpeningPlan): Promise<Program> {
  await runners.whileStopped(async () => {
    await runners.settled(); // until here the end of other programs may be told yet
    runners.opening = opening;
    runners.waiting.forgetEnd();
    await plan.ask();
  });
  runners.start();
  return await opening.done.promise;
}

/** A failed opening leaves no program behind: what it attached to runs on, what it launched ends. */
async function letGo(runners: Runners, opening: Opening): Promise<void> {
  const { program } = opening;
  if (!program || program.end) return;
  await runners.whileStopped(() => releaseProgram(runners, program, asItCame(program))).catch(() => {}); // the first failure is told
}

/** Undoes an opening whose signal aborted: its process may come up yet, and must not stay. */
async function giveUp(runners: Runners, opening: Opening, signal: AbortSignal | undefined): Promise<void> {
  if (opening.settled) return;
  opening.settled = true;
  try {
    const program = await opening.appeared.promise;
    if (program) await runners.whileStopped(() => releaseProgram(runners, program, asItCame(program)));
  } finally {
    opening.done.reject(signal?.reason);
  }
}

function listenAll(runners: Runners, listeners: EventHandlers, scope: Scope, removals: (() => void)[]): void {
  for (const [name, handler] of Object.entries(listeners)) {
    if (handler) removals.push(runners.handlers.add(name as EventName, handler as EventHandler<EventName>, { scope }));
  }
}
