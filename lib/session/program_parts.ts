/** What programs are made of, but for their own class `P`. */
import type { Architecture } from "./architecture.ts";
import type { AttachReason } from "./contract.ts";
import type { ModuleInfo, ProgramRequests } from "./engine.ts";
import type { EventMap } from "./event_map.ts";
import type { EventName } from "./events.ts";
import type { ExecutionStatus, StepKind } from "./status.ts";
import type { WaitOptions } from "./wait_options.ts";

/** Where a program `P` came from: what its session says of it. */
export interface OriginOf<P> {
  /** Its id, given by the session. */
  readonly id: string;
  /** Which engine debugs it. */
  readonly engineId: string;
  /** Why it came. */
  readonly reason: AttachReason;
  /** The system's id of its process. */
  readonly processId: number;
  /** Its image as a module. */
  readonly image: ModuleInfo;
  /** The program that started it, for a child. */
  readonly parent: P | undefined;
  /** File name of its image, where it differs from the module's. */
  readonly name: string | undefined;
  /** What it was compiled for, where the engine tells. */
  readonly architecture: Architecture | undefined;
}

/** Why a wait for programs `P` came back: they are held, or none is left (`ended`). */
export type StopOf<P, Event> =
  /** A handler answered `break`, or a breakpoint was hit and no handler decided. */
  | { readonly reason: "event"; readonly event: Event; readonly program: P }
  /** `interrupt()` was called. */
  | { readonly reason: "interrupt"; readonly program: P | undefined; readonly threadId: number }
  /** The engine stopped for its own reason, for example at the end of a step. */
  | { readonly reason: "break"; readonly program: P | undefined; readonly threadId: number }
  /** Every program has ended or was let go. */
  | { readonly reason: "ended" };

/** Called with an event of programs `P`; what it returns decides how they go on. */
export type HandlerOf<P, K extends EventName> = (
  event: EventMap<P>[K],
) => ExecutionStatus | void | Promise<ExecutionStatus | void>;

/** What a program `P` needs of its session. */
export interface SessionOf<P, Stop, Event> {
  request<K extends keyof ProgramRequests>(
    program: P,
    threadId: number | undefined,
    name: K,
    ...values: Parameters<ProgramRequests[K]>
  ): Promise<ReturnType<ProgramRequests[K]>>;
  listen<K extends EventName>(name: K, handler: HandlerOf<P, K>, program: P, signal?: AbortSignal): void;
  wait(options: WaitOptions): Promise<Stop>;
  next<K extends EventName>(name: K, options: WaitOptions, program: P): Promise<EventMap<P>[K]>;
  events(options: WaitOptions, program: P): AsyncGenerator<Event, void, void>;
  release(program: P, how: "detach" | "terminate" | "abandon"): Promise<void>;
  execute(program: P, command: string): Promise<string>;
  step(program: P, threadId: number, kind: StepKind): Promise<Stop>;
  isRunning(program: P): boolean;
}
