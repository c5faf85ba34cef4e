import type { AttachReason, ProgramEnd } from "./contract.ts";
import type { EngineEventData, EngineEventName, EventPlace } from "./engine.ts";

/** Data of the events of the life of a program `P`, in their order. Each is held until its handlers are done. */
export interface LifecycleData<P> {
  /** The program is available: `createProcess` came before it, everything else comes after it. */
  programCreate: {
    /** Why it came. */
    readonly reason: AttachReason;
    /** The program that started it, for a child. */
    readonly parent: P | undefined;
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

/** Every event of programs `P` by its name. Events are frozen plain objects; each but `engineCreate` names its program, process and thread. */
export type EventMap<P> =
  & {
    [K in EngineEventName]: { readonly type: K; readonly program: P } & EventPlace & EngineEventData[K];
  }
  & {
    [K in keyof LifecycleData<P>]:
      & { readonly type: K; readonly program: P }
      & EventPlace
      & LifecycleData<P>[K];
  }
  & {
    /** An engine is there: the first event, once for each engine. */
    engineCreate: { readonly type: "engineCreate"; readonly engineId: string };
  };
