import type { EngineEventData, EventName, EventPlace } from "./engine.ts";
import type { Program } from "./program.ts";
import type { ExecutionStatus } from "./status.ts";

/** Every event by its name. Events are frozen plain objects; each names its program, process and thread. */
export type DebugEventMap = {
  [K in EventName]: { readonly type: K; readonly program: Program } & EventPlace & EngineEventData[K];
};

/** Any event. */
export type DebugEvent = DebugEventMap[EventName];

/**
 * Called with an event while the programs are held (but for `output` and `engineOutput`, which hold nothing). It may be async
 * and look into the program. What it returns decides how the program goes on; of several answers the least execution wins.
 */
export type EventHandler<K extends EventName> = (
  event: DebugEventMap[K],
) => ExecutionStatus | void | Promise<ExecutionStatus | void>;

/** Handlers by event name. */
export type EventHandlers = { readonly [K in EventName]?: EventHandler<K> };

/** All event names. */
export const EVENT_NAMES: readonly EventName[] = [
  "createProcess",
  "exitProcess",
  "createThread",
  "exitThread",
  "loadModule",
  "unloadModule",
  "exception",
  "breakpoint",
  "systemError",
  "output",
  "engineOutput",
];

/** Why {@linkcode DebugSession.wait} came back: the programs are held, or none is left (`ended`). */
export type Stop =
  /** A handler answered `break`, or a breakpoint was hit and no handler decided. */
  | { readonly reason: "event"; readonly event: DebugEvent; readonly program: Program }
  /** `interrupt()` was called. */
  | { readonly reason: "interrupt"; readonly program: Program | undefined; readonly threadId: number }
  /** The engine stopped for its own reason, for example at the end of a step. */
  | { readonly reason: "break"; readonly program: Program | undefined; readonly threadId: number }
  /** Every program has ended or was let go. */
  | { readonly reason: "ended" };
