import type { EventName } from "../session/events.ts";
import type { DebugEvent, Program } from "../session/program.ts";
import { eventLine, eventRecord, type EventStyle, stackLines } from "./event_text.ts";
import { SHOWN_EVENTS } from "./options.ts";
import type { Opened } from "./open.ts";
import type { Output } from "./output.ts";

/** What is printed while programs run. */
export interface WatchOptions extends EventStyle {
  /** Which events; the usual ones by default. */
  readonly on?: readonly EventName[];
  /** Frames with each exception. */
  readonly stack: number;
}

/** Has a session print its events from now on. */
export function printEvents({ session }: Opened, output: Output, options: WatchOptions): void {
  for (const name of options.on ?? SHOWN_EVENTS) {
    if (name === "engineCreate") continue; // it has no program
    session.on(name, (event) => print(event as DebugEvent, output, options));
  }
  if (options.on?.includes("programDestroy")) return;
  session.on("programDestroy", (event) => {
    // An end was told by exitProcess; anything else would not be seen at all.
    if (event.reason !== "exited") print(event, output, { ...options, stack: 0 });
  });
}

function print(event: DebugEvent, output: Output, options: WatchOptions): Promise<void> | void {
  if (event.type === "exception" && options.stack > 0) return printException(event, output, options);
  if (output.json) output.record(eventRecord(event));
  else output.line(eventLine(event, output, options));
}

async function printException(
  event: Extract<DebugEvent, { type: "exception" }>,
  output: Output,
  options: WatchOptions,
): Promise<void> {
  const frames = await event.program.thread(event.threadId).stack(options.stack).catch(() => []);
  const threads = await event.program.threads().catch(() => []);
  const threadName = threads.find(({ threadId }) => threadId === event.threadId)?.name;
  if (output.json) return output.record(eventRecord(event, frames, threadName ?? null));
  output.line(eventLine(event, output, { ...options, threadName }));
  for (const line of stackLines(frames)) output.line(line);
}

/** Lets programs run until none is left. */
export async function runToEnd({ session }: Opened, program: Program, signal: AbortSignal): Promise<void> {
  if (session.programs.size === 0 && program.end) return;
  await session.run({ signal });
}
