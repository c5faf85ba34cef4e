/** Names of all events, in the order in which they are listed. */
export const EVENT_NAMES = [
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
] as const;

/** Name of an event. */
export type EventName = typeof EVENT_NAMES[number];

const FREE: ReadonlySet<string> = new Set(["output", "engineOutput"]);

/** Whether an event holds nothing: who listens gets it later, the program runs on meanwhile. */
export function isFree(event: { readonly type: string }): boolean {
  return FREE.has(event.type);
}
