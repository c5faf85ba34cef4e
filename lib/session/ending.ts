import { within } from "./abort.ts";
import type { DebugEngine } from "./contract.ts";
import { EngineError } from "./errors.ts";
import { asItCame } from "./program.ts";
import { releaseProgram } from "./release.ts";
import type { Runners } from "./runners.ts";

/** How long an engine may take to stop, or to let a program go, and how long all may take, in milliseconds. */
const STEP = 1000;
const ALL = 1900;

/** Ends a session: every program is let go as it came, engines are closed; one that does not stop for that is left behind. */
export async function endSession(runners: Runners, engines: () => Promise<readonly DebugEngine[]>): Promise<void> {
  const until = performance.now() + ALL;
  const { execution } = runners;
  for (const { engine } of runners.all) engine.giveUp?.();
  try {
    const stopped = Promise.withResolvers<void>();
    const released = execution.whileStopped(async () => {
      stopped.resolve();
      await releaseAll(runners);
      execution.close();
    });
    released.catch(() => {}); // an engine that was left behind may come back and fail
    if (await within(STEP, Promise.race([stopped.promise, released]))) await released;
    else leaveNow(runners);
  } finally {
    if (!execution.isClosed) execution.close();
    await within(Math.max(until - performance.now(), STEP / 2), engines().then(closeAll));
    for (const runner of runners.all) await runner.loseAll();
    execution.waiting.deliver({ reason: "ended" }, false);
  }
}

/** Lets programs go before it returns: nothing can be awaited any more, or was in vain. */
export function leaveNow(runners: Runners): void {
  for (const { engine, programs } of runners.all) {
    engine.leaveNow([...programs.values()].map((program) => ({ programId: program.id, how: asItCame(program) })));
  }
}

async function releaseAll(runners: Runners): Promise<void> {
  for (const program of [...runners.programs.values()]) {
    if (runners.execution.isClosed) return;
    if (!await within(STEP, releaseProgram(runners, program, asItCame(program)))) return leaveNow(runners);
  }
}

async function closeAll(engines: readonly DebugEngine[]): Promise<void> {
  const results = await Promise.allSettled([...new Set(engines)].map((engine) => engine.dispose()));
  const isLost = (error: unknown): boolean => error instanceof EngineError && error.kind === "lost";
  for (const result of results) {
    if (result.status === "rejected" && !isLost(result.reason)) throw result.reason; // lost: as closed as can be
  }
}
