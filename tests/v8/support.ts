/** What tests of the V8 engine share: programs to debug, and a recording of what an engine tells. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type {
  AttachRequest,
  DebugEngine,
  EngineReport,
  LaunchRequest,
  PortHost,
  PortProgram,
  StopReport,
} from "../../lib/session/contract.ts";
import type { EngineEventName } from "../../lib/session/engine.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";

/** The runtimes that are tested. */
export const runtimes = ["node", "deno"] as const;

/** One of them. */
export type Runtime = typeof runtimes[number];

/** The path of a program to debug. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
}

/** The words that start a program. */
export function command(runtime: Runtime, name: string, ...words: string[]): string[] {
  return runtime === "node"
    ? ["node", programPath(name), ...words]
    : [Deno.execPath(), "run", "-A", programPath(name), ...words];
}

let lastId = 0;

/** A session's part, as far as ports need it. */
export const host: PortHost = {
  newProgramId: () => `program-${++lastId}`,
  load: () => Promise.reject(new Error("no engine is to be loaded")),
  whileStopped: (action) => action(),
};

const EVENTS: readonly EngineEventName[] = ["loadModule", "exception", "breakpoint", "output"];

/** What an engine told, and how it was answered. */
export class Recording {
  readonly reports: EngineReport[] = [];
  /** How reports are answered. */
  answer: (report: EngineReport) => ExecutionStatus | Promise<ExecutionStatus> = () => "go";
  /** Which events are asked for. */
  events: readonly EngineEventName[] = EVENTS;
  #engine: DebugEngine | undefined;

  /** Takes one report. */
  readonly callback = async (report: EngineReport): Promise<ExecutionStatus> => {
    this.reports.push(report);
    if (report.type === "engineCreate") {
      this.#engine = report.engine;
      await report.engine.subscribe(this.events);
    }
    return await this.answer(report);
  };

  /** The engine that told of itself. */
  get engine(): DebugEngine {
    assert(this.#engine, "no engine told of itself");
    return this.#engine;
  }

  /** The reports' names. */
  get types(): string[] {
    return this.reports.map(({ type }) => type);
  }

  /** The reports of one name. */
  of<T extends EngineReport["type"]>(type: T): Extract<EngineReport, { type: T }>[] {
    return this.reports.filter((report) => report.type === type) as Extract<EngineReport, { type: T }>[];
  }
}

const ATTACH: AttachRequest = { noninvasive: false, existing: false, initialBreak: true, resume: false, children: [] };

/** A launch of words. */
export function launchRequest(words: readonly string[] | string, more: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    command: words,
    directory: null,
    environment: ["NO_COLOR=1"],
    clearEnvironment: false,
    initialBreak: true,
    children: [],
    ...more,
  };
}

/** Connects to a program of a port. */
export async function attach(
  program: PortProgram,
  recording: Recording,
  request: Partial<AttachRequest> = {},
): Promise<void> {
  const reason = program.launch ? "launch" : "user";
  const call = { callback: recording.callback, reason, request: { ...ATTACH, ...request } } as const;
  assert.equal(await program.node.onAttach?.(program.id, call), "attached");
  assert.equal(program.attach, undefined);
}

/** Launches a program; it has not run yet. */
export async function launch(words: readonly string[], recording: Recording): Promise<PortProgram> {
  const port = await new InspectorPortSupplier().addPort("v8", host);
  const program = await port.launch(launchRequest(words));
  await attach(program, recording);
  return program;
}

/** Runs to the report of a name and is held there. */
export async function runTo(recording: Recording, type: EngineReport["type"]): Promise<StopReport> {
  const { answer } = recording;
  recording.answer = (report) => report.type === type ? "break" : "go";
  try {
    return await recording.engine.run("go");
  } finally {
    recording.answer = answer;
  }
}

/** A program that nobody debugs yet, with the words that start it. */
export function start(words: readonly string[]): Deno.ChildProcess {
  const [program = "", ...args] = words;
  return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

/** Ends a program that a test started. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.status;
}

/** A port that is free. */
export function freeAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

/** Words that start a program with an inspector. */
export function inspected(runtime: Runtime, option: string, name: string, ...words: string[]): string[] {
  const all = command(runtime, name, ...words);
  all.splice(runtime === "node" ? 1 : 2, 0, option);
  return all;
}

/** Waits for something, twenty seconds at most. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!await isTrue()) {
    if (Date.now() > end) throw new Error(`it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Waits until somebody listens at an address. */
export async function untilListening(address: string): Promise<void> {
  await until(`${address} listens`, async () => {
    try {
      const response = await fetch(`http://${address}/json/list`);
      return (await response.json()).length > 0;
    } catch {
      return false;
    }
  });
}

/** How long a file is; 0 without one. */
export function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** Whether a process is there. */
export function isAlive(processId: number): boolean {
  try {
    Deno.kill(processId, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}
