import { EVENT_NAMES, isFree } from "./events.ts";
import type { DebugEvent, Program, Stop, WaitOptions } from "./program.ts";
import type { Runners } from "./runners.ts";
import type { ExecutionStatus } from "./status.ts";

/**
 * Events one by one. A handler of every event hands them over and stays pending, which holds the programs, until the loop
 * asks for the next. Leaving the loop leaves the programs stopped at its last event, unless others wait.
 */
export async function* iterateEvents(
  active: () => Runners,
  { signal }: WaitOptions,
  program?: Program,
): AsyncGenerator<DebugEvent, void, void> {
  signal?.throwIfAborted();
  const runners = active();
  const { execution, handlers } = runners;
  const queue: DebugEvent[] = [];
  const loop = Symbol("loop");
  let release: ((status: ExecutionStatus | undefined) => void) | undefined;
  let wake = Promise.withResolvers<"event">();
  const hold = (event: DebugEvent): Promise<ExecutionStatus | undefined> | undefined => {
    queue.push(event);
    wake.resolve("event");
    if (isFree(event) || event.type === "programDestroy") return undefined;
    execution.beginBody(loop);
    return new Promise((resolve) => release = resolve);
  };
  const letGo = (): void => {
    execution.endBody(loop);
    release?.(undefined);
    release = undefined;
  };
  const left = new AbortController();
  const signals = AbortSignal.any([left.signal, ...(signal ? [signal] : [])]);
  const removals = EVENT_NAMES.filter((name) => name !== "engineCreate").map((name) =>
    handlers.add(name, hold as never, { scope: program && { program }, unlimited: true })
  );
  const kept = execution.waiting.take();
  let stop: Promise<Stop> | undefined;
  try {
    if (kept?.reason === "event" && (!program || kept.program === program)) {
      execution.beginBody(loop, true);
      yield kept.event;
    }
    for (;;) {
      const event = queue.shift();
      if (event) {
        // An event that holds nothing, too: the next one that does will wait for the loop.
        if (event.type !== "programDestroy") execution.beginBody(loop);
        yield event;
        continue;
      }
      wake = Promise.withResolvers();
      letGo();
      if (program?.end || runners.programs.size === 0) return;
      stop ??= execution.nextStop(signals);
      const first = await Promise.race([wake.promise, stop, ...(program ? [program.ended] : [])]);
      if (first !== "event" && first !== program?.end) stop = undefined;
    }
  } finally {
    for (const remove of removals) remove();
    stop?.catch(() => {});
    // This loop does not want them to run any more: they stop, or stay at its last event, unless others want them to.
    if (runners.programs.size > 0 || execution.opening) left.abort();
    letGo();
    const end = await stop?.catch(() => undefined);
    if (end) execution.waiting.deliver(end, true); // the end of all is for others, too
  }
}
