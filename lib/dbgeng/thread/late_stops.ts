/** Stops that came while another one was told, or was carried out. */
import type { EngineStop } from "../engine_api.ts";
import type { EventReceiver } from "./events.ts";
import type { EngineObjects } from "./objects.ts";

/** The oldest stop that was not given out. */
export function lateStop(objects: EngineObjects, events: EventReceiver): EngineStop | undefined {
  for (let held = events.answers.next(); held; held = events.answers.next()) {
    const stop = events.arrivals.settle(held);
    if (stop && isValid(objects, events, stop)) return stop;
  }
  return undefined;
}

/** A hit is not told of once its breakpoint was taken away. */
function isValid(objects: EngineObjects, { hits, processes }: EventReceiver, stop: EngineStop): boolean {
  if (stop.kind !== "event" || stop.event.type !== "breakpoint") return true;
  const { processId, threadId, id } = stop.event;
  return processes.has(processId) && objects.tryFocus({ processId, threadId }) && hits.counts.isThere(processId, id);
}
