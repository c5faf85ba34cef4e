/**
 * Options that several commands have, and how their texts are read.
 * @module
 */
import { Option } from "npm:commander@15.1.0";
import type { ChildOption, ChildPolicy } from "../session/children.ts";
import { EVENT_NAMES, type EventName } from "../session/events.ts";
import { UsageError } from "./exit_codes.ts";

/** `--json`. */
export function jsonOption(): Option {
  return new Option("--json", "print one JSON object a line, for programs");
}

/** `--port`. */
export function portOption(): Option {
  return new Option(
    "--port <address>",
    "where the processes are: a process server (tcp:server=lab7,port=5005), v8, or an inspector (host:port)",
  );
}

/** `--host`. */
export function hostOption(): Option {
  return new Option("--host <command>", "command that runs the engine elsewhere, as one text").argParser(splitWords);
}

/** `--engine`. */
export function engineOption(): Option {
  return new Option("--engine <folder>", "folder of the engine's DLLs");
}

/** `--symbols`. */
export function symbolsOption(): Option {
  return new Option("--symbols <path>", "where symbols are looked for, as .sympath takes it");
}

/** `--timeout`. */
export function timeoutOption(what: string): Option {
  return new Option("--timeout <seconds>", what).argParser(positiveNumber);
}

/** `--children`. */
export function childrenOption(): Option {
  return new Option(
    "--children <policy>",
    "what becomes of processes that it starts: follow, ignore, detach, or by name: link*.exe=follow,*=ignore",
  ).argParser(childPolicy);
}

/** `--on`. */
export function eventsOption(): Option {
  return new Option("--on <events>", `events to print, with commas between: ${SHOWN_EVENTS.join(", ")}, or all`)
    .argParser(eventNames);
}

/** `--stack`. */
export function stackOption(frames: number): Option {
  return new Option("--stack <frames>", "frames of the stack to print with an exception").argParser(wholeNumber)
    .default(frames);
}

/** Events that are printed where `--on` names none. */
export const SHOWN_EVENTS = [
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
] as const satisfies EventName[];

/** Events that can be named: all but an engine's own, which has no program to tell of. */
const KNOWN_EVENTS: readonly EventName[] = [
  ...new Set<EventName>([...SHOWN_EVENTS, ...EVENT_NAMES.filter((name) => name !== "engineCreate")]),
];

/** Reads the names that `--on` takes. */
export function eventNames(text: string): EventName[] {
  if (text === "all") return [...KNOWN_EVENTS];
  return text.split(",").map((name) => {
    const found = KNOWN_EVENTS.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    if (!found) throw new UsageError(`"${name}" is no event; it is one of ${KNOWN_EVENTS.join(", ")}, or all`);
    return found;
  });
}

/** Reads what `--children` takes. */
export function childPolicy(text: string): ChildOption {
  const policy = (word: string): ChildPolicy => {
    if (word === "follow" || word === "ignore" || word === "detach") return word;
    throw new UsageError(`"${word}" is no policy for children; it is follow, ignore or detach`);
  };
  if (!text.includes("=")) return policy(text);
  return Object.fromEntries(
    text.split(",").map((part) => {
      const at = part.lastIndexOf("=");
      if (at <= 0) throw new UsageError(`"${part}" is no policy for children; write NAME=follow, ignore or detach`);
      return [part.slice(0, at).trim(), policy(part.slice(at + 1).trim())];
    }),
  );
}

/** Reads a process id or name. */
export function targetOf(text: string): number | string {
  if (!/^\d+$/.test(text)) return text;
  const id = Number(text);
  if (id > 0 && id <= 0xffffffff) return id;
  throw new UsageError(`${text} is no process id`);
}

/** Reads a number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`"${text}" is no number above 0`);
}

/** Reads a count. */
export function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no whole number`);
}

/** Splits a command into words as a shell would, with quotes and nothing else. */
export function splitWords(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const rest = text.replaceAll(/"[^"]*"|'[^']*'/g, "");
  if (words.length === 0 || /["']/.test(rest)) throw new UsageError("--host needs a command, with its quotes in pairs");
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_all, two = "", one = "") => `${two}${one}`));
}
