/**
 * The shapes of all that a confined script can ask of the engine.
 * @module
 */
import type { ChildPolicies } from "../session/children.ts";
import type { Departure, EngineAttach, EngineLaunch, Focus } from "../dbgeng/engine_api.ts";
import type { EngineOptions, ReportRequest, WantedEvent } from "../session/engine.ts";
import type { ExecutionStatus } from "../session/status.ts";
import * as limits from "./limits.ts";
import { type Checked, either, integer, list, oneOf, optional, orNull, record, text, truth, word } from "./values.ts";

/** Windows' id of a process or thread. */
export const systemId: Checked<number> = integer(1, 0xffff_ffff);

/** Which program and thread a request is about. */
export const focus: Checked<Focus> = record<{ processId: number; threadId?: number }>({
  processId: systemId,
  threadId: optional(systemId) as Checked<number>,
});

const policies: Checked<ChildPolicies> = list(
  record({ pattern: text(limits.MAX_PATH), policy: oneOf("follow", "ignore", "detach") }),
  limits.MAX_POLICIES,
);

type Loose<T> = { [K in keyof T]: T[K] | undefined };

function loose<T extends object>(fields: { readonly [K in keyof Required<T>]: Checked<T[K] | undefined> }): Checked<T> {
  return record(fields as unknown as Record<string, Checked<unknown>>) as unknown as Checked<T>;
}

/** How an engine is opened. */
export const engineOptions: Checked<EngineOptions> = loose<EngineOptions>({
  engine: optional(text(limits.MAX_PATH)),
  symbolPath: optional(text(limits.MAX_COMMAND_LINE)),
} as Loose<never>);

/** An attach. */
export const attachRequest: Checked<EngineAttach> = loose<EngineAttach>({
  server: word,
  processId: systemId,
  noninvasive: optional(either((value) => typeof value === "string", oneOf("noSuspend"), truth)),
  existing: optional(truth),
  initialBreak: optional(truth),
  resume: optional(truth),
  children: optional(policies),
});

/** A launch. */
export const launchRequest: Checked<EngineLaunch> = loose<EngineLaunch>({
  server: word,
  commandLine: text(limits.MAX_COMMAND_LINE),
  directory: orNull(text(limits.MAX_PATH)),
  environment: list(variable, limits.MAX_VARIABLES),
  clearEnvironment: truth,
  children: policies,
  input: optional(integer(0, Number.MAX_SAFE_INTEGER)),
});

function variable(value: unknown, name: string): string {
  const line = text(limits.MAX_COMMAND_LINE, "lines")(value, name);
  if (!/^[^=]+=/.test(line)) throw new TypeError(`Cannot take the request: ${name} is no NAME=value`);
  return line;
}

/** Which parts of a report are wanted. */
export const reportRequest: Checked<ReportRequest> = loose<ReportRequest>({
  frames: optional(integer(1, limits.MAX_FRAMES)),
  registers: truth,
  modules: truth,
  threads: truth,
});

/** How programs go on. */
export const executionStatus: Checked<ExecutionStatus> = oneOf(
  ...["break", "stepInto", "stepOver", "goNotHandled", "goHandled", "go", "noChange"] as const,
);

/** How long a run may take. */
export const milliseconds: Checked<number | undefined> = optional((value, name) => {
  if (typeof value === "number" && value >= 0) return value; // also Infinity
  throw new TypeError(`Cannot take the request: ${name} is no time in milliseconds`);
});

/** Which events a script wants to hear of. */
export const wantedEvents: Checked<WantedEvent[]> = list(
  oneOf(
    ...["createProcess", "exitProcess", "createThread", "exitThread", "loadModule", "unloadModule"] as const,
    ...["exception", "breakpoint", "systemError", "output", "engineOutput", "entryPoint"] as const,
  ),
  32,
);

/** Programs that are let go at the end. */
export const departures: Checked<Departure[]> = list(
  record({ processId: systemId, how: oneOf("detach", "terminate") }),
  limits.MAX_PROGRAMS,
);

/** A register's new value. */
export const registerValue: Checked<bigint | number> = either(
  (value) => typeof value === "bigint",
  (value, name) => {
    if (typeof value === "bigint" && value >= -(1n << 63n) && value < 1n << 64n) return value;
    throw new TypeError(`Cannot take the request: ${name} is not within 64 bits`);
  },
  (value, name) => {
    if (typeof value === "number") return value;
    throw new TypeError(`Cannot take the request: ${name} is no number`);
  },
);
