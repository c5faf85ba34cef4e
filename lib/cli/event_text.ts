/**
 * Events as lines for people and as records for programs.
 * @module
 */
import type { StackFrame } from "../session/engine.ts";
import { codeText } from "../session/exit_code.ts";
import type { DebugEvent } from "../session/program.ts";
import { programRecord } from "./json.ts";
import type { Output, Style } from "./output.ts";
import { address, clean, fileName, kilobytes } from "./text.ts";

/** Room for an event's name. */
const NAME = 15;

const STYLES: Readonly<Partial<Record<DebugEvent["type"], Style>>> = {
  createProcess: "green",
  exitProcess: "green",
  exception: "red",
  systemError: "red",
  breakpoint: "yellow",
  output: "cyan",
};

/** How events are told. */
export interface EventStyle {
  /** Whether there can be several programs. */
  readonly many: boolean;
  /** The name of the event's thread, where it is known. */
  readonly threadName?: string | undefined;
  /** How the path of a file is written. @default {as the engine does} */
  readonly pathText?: (path: string) => string;
}

/** One event as one line. */
export function eventLine(event: DebugEvent, output: Pick<Output, "paint">, style: EventStyle): string {
  const name = event.type.padEnd(NAME);
  const color = STYLES[event.type];
  const pid = style.many ? `${String(event.program.pid).padStart(6)}  ` : "";
  return `${color ? output.paint(color, name) : name}${pid}${clean(detail(event, style))}`.trimEnd();
}

function detail(event: DebugEvent, { threadName, pathText = (path) => path }: EventStyle): string {
  switch (event.type) {
    case "createProcess":
      return `${event.program.name}, process ${event.processId}`;
    case "exitProcess":
      return `${event.program.name}, code ${codeText(event.exitCode)}`;
    case "createThread":
      return `thread ${event.threadId}`;
    case "exitThread":
      return `thread ${event.threadId}, code ${codeText(event.exitCode)}`;
    case "loadModule":
      return `${address(event.module.base)} ${kilobytes(event.module.size).padStart(8)}  ${
        pathText(event.module.imageName)
      }`;
    case "unloadModule":
      return `${address(event.base)}           ${pathText(event.imageName)}`;
    case "exception":
      return `${exceptionText(event)}, ${event.firstChance ? "first" : "second"} chance, ${
        threadText({ threadId: event.threadId, name: threadName })
      }`;
    case "breakpoint":
      return `${event.id} at ${address(event.address)}, thread ${event.threadId}`;
    case "systemError":
      return `error ${event.error}, level ${event.level}`;
    case "output":
      return event.truncated ? `${event.text} … (cut)` : event.text.trimEnd();
    case "engineOutput":
      return event.text.trimEnd();
    case "programCreate":
      return `${event.program.name}, ${event.reason}`;
    case "loadComplete":
      return event.running ? "runs" : "";
    case "programDestroy":
      return `${event.program.name}, ${event.reason}`;
    default:
      return "";
  }
}

/** What was raised. */
export function exceptionText({ name, details }: { readonly name: string; readonly details?: string }): string {
  return details === undefined ? name : `${name} (${details})`;
}

/** A thread by its id, and by its name where it has one. */
export function threadText(
  { threadId, name }: { readonly threadId: number; readonly name?: string | undefined },
): string {
  return `thread ${threadId}${name === undefined ? "" : ` (${clean(name)})`}`;
}

/** Where a frame is: symbol, and source line where there is one. */
export function frameText({ symbol, displacement, address: at, file, line, inline }: StackFrame): string {
  const mark = inline ? " (inlined)" : "";
  if (file === null) {
    const offset = displacement > 0n ? `+0x${displacement.toString(16)}` : "";
    return (symbol === null ? address(at) : clean(symbol) + offset) + mark;
  }
  const source = `${clean(fileName(file))}:${line}${mark}`;
  return symbol === null ? source : `${clean(symbol)}  ${source}`;
}

/** A stack below its event or thread. */
export function stackLines(frames: readonly StackFrame[]): string[] {
  return frames.map((frame) => " ".repeat(NAME) + frameText(frame));
}

/** One event as a record, with what was asked about its thread. */
export function eventRecord(
  event: DebugEvent,
  stack?: readonly StackFrame[],
  threadName?: string | null,
): Record<string, unknown> {
  const { type, program, ...rest } = event;
  const thread = threadName === undefined ? {} : { threadName };
  const time = new Date().toISOString();
  const data = "parent" in rest ? { ...rest, parent: rest.parent && programRecord(rest.parent) } : rest;
  return { type, time, program: programRecord(program), ...data, ...thread, ...(stack ? { stack } : {}) };
}
