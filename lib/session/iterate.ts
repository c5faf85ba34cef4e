import { EVENT_NAMES } from "./events.ts";
import type { DebugEvent, Program, Stop, WaitOptions } from "./program.ts";
import type { Runners } from "./runners.ts";
import type { ExecutionStatus } from "./status.ts";

const FREE: ReadonlySet<string> = new Set(["output", "engineOutput"]);

/** Whether an event holds nothing: who listens gets it later, the program runs on meanwhile. */
export function isFree(event: { readonly type: string }): boolean {
  return FREE.has(event.type);
}

/**
 * Events one by one. A handler of every event hands them over and stays pending, which holds the programs, until the loop
 * asks for the next. Leaving the loop leaves the programs stopped at its last event.
 */
export async function* iterateEvents(
  active: () => Runners,
  { signal }: WaitOptions,
  program?: Program,
): AsyncGenerator<DebugEvent, void, void> {
  signal?.throwIfAborted();
  const runners = active();
  const queue: DebugEvent[] = [];
  let release: ((status: ExecutionStatus | undefined) => void) | undefined;
  let wake = Promise.withResolvers<"event">();
  const hold = (event: DebugEvent): Promise<ExecutionStatus | undefined> | undefined => {
    queue.push(event);
    wake.resolve("event");
    if (isFree(event) || event.type === "programDestroy") return undefined;
    runners.isHeldByLoop = true;
    return new Promise((resolve) => release = resolve);
  };
  const letGo = (): void => {
    runners.isHeldByLoop = false;
    release?.(undefined);
    release = undefined;
  };
  const left = new AbortController();
  const removals = EVENT_NAMES.filter((name) => name !== "engineCreate").map((name) =>
    runners.handlers.add(name, hold as never, { scope: program && { program }, unlimited: true })
  );
  let stop: Promise<Stop> | undefined;
  try {
    for (;;) {
      const event = queue.shift();
      if (event) {
        // An event that holds nothing, too: the next one that does will wait for the loop.
        if (event.type !== "programDestroy") runners.isHeldByLoop = true;
        yield event;
        continue;
      }
      wake = Promise.withResolvers();
      letGo();
      if (program?.end || runners.programs.size === 0) return;
      stop ??= runners.waiting.next(
        AbortSignal.any([left.signal, ...(signal ? [signal] : [])]),
        () => !left.signal.aborted && runners.abort(),
      );
      runners.start();
      const first = await Promise.race([wake.promise, stop, ...(program ? [program.ended] : [])]);
      if (first !== "event" && first !== program?.end) stop = undefined;
    }
  } finally {
    for (const remove of removals) remove();
    runners.isHeldByLoop = false;
    stop?.catch(() => {}); // given up below: the stop that comes belongs to others
    left.abort();
    if (stop && program?.end && runners.programs.size > 0 && runners.running) {
      runners.abort(); // the others run on for this loop only
      await stop.catch(() => {});
    }
    if (release) {
      runners.stayAfterEvent();
      letGo();
      await runners.settled();
    }
  }
}
