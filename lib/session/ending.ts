import { within } from "./abort.ts";
import type { DebugEngine } from "./contract.ts";
import { EngineError } from "./errors.ts";
import { asItCame } from "./provenance.ts";
import { releaseProgram } from "./release.ts";
import type { Runners } from "./runners.ts";

/** How long an engine may take to stop, or to let a program go, in milliseconds. */
const STEP = 1000;

/** How long engines may take to close: one that waits for another machine gives itself up before; not one that was left behind. */
const CLOSES = 10_000;
const CLOSES_BEHIND = 500;

/** Ends a session: every program is let go as it came, engines are closed; one that does not stop for that is left behind. */
export async function endSession(runners: Runners, engines: () => Promise<readonly DebugEngine[]>): Promise<void> {
  const { execution } = runners;
  for (const { engine } of runners.all) engine.giveUp?.();
  let isBehind = false;
  try {
    const stopped = Promise.withResolvers<void>();
    const released = execution.whileStopped(async () => {
      stopped.resolve();
      isBehind = !await releaseAll(runners);
      execution.close();
    });
    released.catch(() => {}); // an engine that was left behind may come back and fail
    if (await within(STEP, Promise.race([stopped.promise, released]))) await released;
    else isBehind = true;
    if (isBehind) leaveNow(runners);
  } finally {
    if (!execution.isClosed) execution.close();
    await within(isBehind ? CLOSES_BEHIND : CLOSES, engines().then(closeAll));
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

/** Whether every program was let go in time. */
async function releaseAll(runners: Runners): Promise<boolean> {
  for (const program of [...runners.programs.values()]) {
    if (runners.execution.isClosed) return false;
    if (!await within(STEP, releaseProgram(runners, program, asItCame(program)))) return false;
  }
  return true;
}

async function closeAll(engines: readonly DebugEngine[]): Promise<void> {
  const results = await Promise.allSettled([...new Set(engines)].map((engine) => engine.dispose()));
  const isLost = (error: unknown): boolean => error instanceof EngineError && error.kind === "lost";
  for (const result of results) {
    if (result.status === "rejected" && !isLost(result.reason)) throw result.reason; // lost: as closed as can be
  }
}
