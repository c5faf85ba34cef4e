import { S_FALSE } from "../../com/hresult.ts";
import type { EventReceiver } from "./events.ts";
import type { Lifeline } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";

/** Waits for the next event so many milliseconds; whether one came. */
export type WaitOnce = (milliseconds: number) => boolean;

/** The longest wait that the engine takes, in milliseconds: it has no end. */
const ENDLESS = 0xffffffff;

/** The one place where the engine's thread waits for events. */
export function waiter(objects: EngineObjects, events: EventReceiver, lifeline: Lifeline): WaitOnce {
  const { control } = objects;
  return (milliseconds) => {
    lifeline.turn();
    events.newWait();
    const before = events.answers.waiting;
    control.WaitForEvent(0, Math.min(ENDLESS, Math.max(0, Math.ceil(milliseconds))));
    return control.lastHresult !== S_FALSE || events.answers.waiting > before; // it may come in the last moment
  };
}
