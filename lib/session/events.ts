import type { EngineEventName } from "./engine.ts";

/** Name of an event: of the engine's, or of a program's life. */
export type EventName =
  | EngineEventName
  | "engineCreate"
  | "programCreate"
  | "loadComplete"
  | "entryPoint"
  | "programDestroy";

/** Names of all events, in the order in which they are listed. */
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

const FREE: ReadonlySet<string> = new Set(["output", "engineOutput"]);

/** Whether an event holds nothing: who listens gets it later, the program runs on meanwhile. */
export function isFree(event: { readonly type: string }): boolean {
  return FREE.has(event.type);
}
