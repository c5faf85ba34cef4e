import { type DebugEvent, EVENT_NAMES, type Stop } from "./events.ts";
import type { Handlers } from "./handlers.ts";
import type { Program, WaitOptions } from "./program.ts";
import type { Runner } from "./runner.ts";
import type { ExecutionStatus } from "./status.ts";

/** Events that hold nothing: the loop gets them later, the program runs on meanwhile. */
const FREE: ReadonlySet<string> = new Set(["output", "engineOutput"]);

/**
 * Events one by one. A handler of every event hands them over and stays pending, which holds the programs, until the loop
 * asks for the next. Leaving the loop leaves the programs stopped at its last event.
 */
export async function* iterateEvents(
  active: () => Runner,
  handlers: Handlers,
  { signal }: WaitOptions,
  program?: Program,
): AsyncGenerator<DebugEvent, void, void> {
  signal?.throwIfAborted();
  const runner = active();
  const queue: DebugEvent[] = [];
  let release: ((status: ExecutionStatus | undefined) => void) | undefined;
  let wake = Promise.withResolvers<"event">();
  const hold = (event: DebugEvent): Promise<ExecutionStatus | undefined> | undefined => {
    queue.push(event);
    wake.resolve("event");
    if (FREE.has(event.type)) return undefined;
    runner.isHeldByLoop = true;
    return new Promise((resolve) => release = resolve);
  };
  const letGo = (): void => {
    runner.isHeldByLoop = false;
    release?.(undefined);
    release = undefined;
  };
  const left = new AbortController();
  const removals = EVENT_NAMES.map((name) =>
    handlers.add(name, hold as never, { scope: program && { program }, unlimited: true })
  );
  let stop: Promise<Stop> | undefined;
  try {
    for (;;) {
      const event = queue.shift();
      if (event) {
        yield event;
        continue;
      }
      wake = Promise.withResolvers();
      letGo();
      if (program?.end || runner.programs.size === 0) return;
      stop ??= runner.waiting.next(
        AbortSignal.any([left.signal, ...(signal ? [signal] : [])]),
        () => !left.signal.aborted && runner.abort(),
      );
      runner.start();
      const first = await Promise.race([wake.promise, stop, ...(program ? [program.ended] : [])]);
      if (first !== "event" && first !== program?.end) stop = undefined;
    }
  } finally {
    for (const remove of removals) remove();
    stop?.catch(() => {}); // given up below: the stop that comes belongs to others
    left.abort();
    if (release) {
      runner.stayAfterEvent();
      letGo();
      await runner.settled();
    }
  }
}
