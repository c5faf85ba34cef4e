import type { AttachReason, ProgramEnd } from "./contract.ts";
import type { EngineEventData, EngineEventName, EventPlace } from "./engine.ts";
import type { Program } from "./program.ts";
import type { ExecutionStatus } from "./status.ts";

/** Data of the events of a program's life, in their order. Each is held until its handlers are done. */
export interface LifecycleEventData {
  /** The program is available: `createProcess` came before it, everything else comes after it. */
  programCreate: {
    /** Why it came. */
    readonly reason: AttachReason;
    /** The program that started it, for a child. */
    readonly parent: Program | undefined;
  };
  /** All that it begins with is loaded and was reported, and its own code has not run, unless it was attached to. */
  loadComplete: {
    /** Whether it runs on already: it was attached to without a break. */
    readonly running: boolean;
  };
  /** A launched program is about to run the first instruction of its image. */
  entryPoint: Record<never, never>;
  /** It is not debugged any more; the last of its events. */
  programDestroy: ProgramEnd;
}

/** Every event by its name. Events are frozen plain objects; each but `engineCreate` names its program, process and thread. */
export type DebugEventMap =
  & {
    [K in EngineEventName]: { readonly type: K; readonly program: Program } & EventPlace & EngineEventData[K];
  }
  & {
    [K in keyof LifecycleEventData]:
      & { readonly type: K; readonly program: Program }
      & EventPlace
      & LifecycleEventData[K];
  }
  & {
    /** An engine is there: the first event, once for each engine. */
    engineCreate: { readonly type: "engineCreate"; readonly engineId: string };
  };

/** Names of all events. */
export type EventName = keyof DebugEventMap;

/** Any event of a program. */
export type DebugEvent = DebugEventMap[Exclude<EventName, "engineCreate">];

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
  "engineCreate",
  "programCreate",
  "loadComplete",
  "entryPoint",
  "programDestroy",
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
