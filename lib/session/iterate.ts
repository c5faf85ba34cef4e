import { requireOptions } from "./arguments.ts";
import { EVENT_NAMES, isFree } from "./events.ts";
import { refuseInHandler } from "./handlers.ts";
import type { DebugEvent, Program, Stop } from "./program.ts";
import type { WaitOptions } from "./wait_options.ts";
import type { Runners } from "./runners.ts";

/** Events one by one, but for who asks in a handler: the next event waits for its end. Another loop may be in its body. */
export function iterateEvents(
  active: () => Runners,
  options: WaitOptions,
  program?: Program,
): AsyncGenerator<DebugEvent, void, void> {
  const loop = iterate(active, options, program);
  const next = loop.next.bind(loop);
  loop.next = async () => {
    refuseInHandler("Cannot iterate");
    return await next();
  };
  return loop;
}

/**
 * Events one by one. A handler of every event hands them over and stays pending, which holds the programs, until the loop
 * asks for the next. Leaving the loop leaves the programs stopped at its last event, unless others wait.
 */
async function* iterate(
  active: () => Runners,
  options: WaitOptions,
  program?: Program,
): AsyncGenerator<DebugEvent, void, void> {
  requireOptions("Cannot iterate", options);
  const { signal } = options;
  signal?.throwIfAborted();
  const runners = active();
  const { execution, handlers } = runners;
  const kept = execution.waiting.take();
  const loop = Symbol("loop");
  const queue: { readonly event: DebugEvent; letGo(): void }[] = [];
  let wake = Promise.withResolvers<"event">();
  const hold = (event: DebugEvent): Promise<void> | undefined => {
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    queue.push({ event, letGo });
    wake.resolve("event");
    if (isFree(event) || event.type === "programDestroy") return undefined;
    execution.beginBody(loop);
    return promise;
  };
  const leave = (): void => {
    if (runners.programs.size > 0) execution.leave();
  };
  const left = new AbortController();
  const signals = AbortSignal.any([left.signal, ...(signal ? [signal] : [])]);
  const removals = EVENT_NAMES.filter((name) => name !== "engineCreate").map((name) =>
    handlers.add(name, hold as never, { scope: program && { program }, unlimited: true })
  );
  if (kept?.reason === "event" && (!program || kept.program === program)) {
    execution.beginBody(loop, true);
    queue.push({ event: kept.event, letGo: () => {} });
  }
  let stop: Promise<Stop> | undefined;
  try {
    for (;;) {
      const [next] = queue;
      if (next) {
        // An event that holds nothing, too: the next one that does will wait for the loop.
        if (next.event.type !== "programDestroy") execution.beginBody(loop);
        yield next.event;
        queue.shift();
        next.letGo();
        continue;
      }
      execution.endBody(loop);
      wake = Promise.withResolvers();
      if (program?.end || runners.programs.size === 0) return;
      stop ??= execution.nextStop(signals, true);
      const first = await Promise.race([wake.promise, stop, ...(program ? [program.left] : [])]).catch((error) => {
        stop = undefined; // what it failed with is told here
        throw error;
      });
      if (first !== "event" && first !== program?.end) stop = undefined;
    }
  } finally {
    for (const remove of removals) remove();
    const over = stop?.catch((error) => {
      if (error === signals.reason) return;
      execution.waiting.fail(error); // for others, or the next wait
      leave();
    });
    // This loop does not want them to run any more: they stop, or stay at its last event, unless others want them to.
    left.abort();
    leave();
    execution.endBody(loop);
    for (const { letGo } of queue) letGo();
    await over;
  }
}
