/** Engines straight on the session's contract, which do what a test says. One level below: fake_engine.ts. */
import assert from "node:assert/strict";
import type {
  AttachCall,
  DebugEngine,
  EngineReport,
  PortProgram,
  ProgramRequest,
  StopReport,
} from "../../lib/session/contract.ts";
import type { EngineEventName, EngineInfo } from "../../lib/session/engine.ts";
import type { SessionManager } from "../../lib/session/session.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";

/** Thread of all events. */
export const THREAD = 1;

/** Image of all programs. */
export const IMAGE = { name: "app", imageName: "app.exe", base: 0x1000n, size: 0x1000, checksum: 0, timestamp: 0 };

/** What a program is told by that comes up: programCreate, loadComplete. */
export function arrival(programId: string, processId: number): EngineReport[] {
  return [created(programId, processId), loaded(programId)];
}

/** The program is there. */
export function created(programId: string, processId: number): EngineReport {
  return { type: "programCreate", programId, processId, threadId: THREAD, name: `app${processId}.exe`, image: IMAGE };
}

/** All that it begins with is loaded. */
export function loaded(programId: string): EngineReport {
  return { type: "loadComplete", programId, threadId: THREAD, running: false };
}

/** The simplest event that holds a program. */
export function moduleOf(programId: string, name: string): EngineReport {
  const place = { processId: 0, threadId: THREAD };
  return { type: "loadModule", programId, ...place, module: { ...IMAGE, name } };
}

/** Text, which holds nothing. */
export function outputOf(programId: string, text: string): EngineReport {
  return { type: "output", programId, processId: 0, threadId: THREAD, text };
}

/** The end of a program. */
export function exited(programId: string, exitCode = 0): EngineReport {
  return { type: "programDestroy", programId, end: { reason: "exited", exitCode } };
}

interface Debuggee {
  readonly processId: number;
  readonly call: AttachCall;
}

/** An engine whose programs do what is in its queue while it runs, and nothing after that. */
export class ScriptedEngine implements DebugEngine {
  readonly id: string;
  /** What it was asked for, in order: `attach 7`, `run go`, `detach 7` … */
  readonly log: string[] = [];
  /** What it reports of a program that it was asked for. */
  arrival: (programId: string, processId: number) => EngineReport[] = arrival;
  /** Whether it begins with engineCreate. */
  announces = true;
  /** What the session answered to the reports, in order. */
  readonly answers: string[] = [];
  /** Whether `causeBreak` brings a stop about. */
  interruptible = true;
  readonly debuggees = new Map<string, Debuggee>();
  #queue: (EngineReport | StopReport)[] = [];
  readonly #isThere = new Set<string>();
  #wake = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #isRunning = false;
  #breakAsked = false;
  #failure: Error | undefined;

  constructor(id: string) {
    this.id = id;
  }

  info(): Promise<EngineInfo> {
    this.log.push("info");
    return Promise.resolve({ folder: "", source: "", version: "1", architecture: "x86_64", files: [] });
  }

  subscribe(names: readonly EngineEventName[]): Promise<void> {
    if (names.length > 0) this.log.push(`subscribe ${names.join()}`);
    return Promise.resolve();
  }

  async attach({ id, node, launch }: PortProgram, call: AttachCall): Promise<void> {
    await this.takeOver(id, launch ? 100 + this.debuggees.size : node.hostPid, call);
  }

  /** A program is to come up in the next run. */
  async takeOver(programId: string, processId: number, call: AttachCall): Promise<void> {
    this.log.push(`attach ${processId}`);
    if (this.announces && this.debuggees.size === 0) await call.callback({ type: "engineCreate", engine: this });
    this.announces = false;
    this.debuggees.set(programId, { processId, call });
    this.#queue.push(...this.arrival(programId, processId));
  }

  async run(status: ExecutionStatus): Promise<StopReport> {
    assert.ok(!this.#isRunning, "run is called while the engine runs");
    this.log.push(`run ${status}`);
    this.#isRunning = true;
    try {
      return await this.#advance();
    } finally {
      this.#isRunning = false;
      this.#breakAsked = false;
    }
  }

  async #advance(): Promise<StopReport> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#breakAsked) return { kind: "interrupt", programId: this.ids[0], threadId: THREAD };
      const next = this.#queue.shift();
      if (next && "kind" in next) return next;
      if (next) {
        if (await this.tell(next) === "break") return { kind: "held" };
      } else if (this.debuggees.size === 0) {
        return { kind: "ended" };
      } else {
        this.#idle.resolve();
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  /** Reports something at once, whatever the programs do. */
  async tell(report: EngineReport): Promise<ExecutionStatus> {
    const programId = report.type === "engineCreate" ? "" : report.programId;
    const call = (this.debuggees.get(programId) ?? [...this.debuggees.values()][0])?.call;
    assert.ok(call, "there is nobody to tell");
    if (report.type === "programCreate") this.#isThere.add(programId);
    if (report.type === "programDestroy" && this.#isThere.has(programId)) this.debuggees.delete(programId);
    const answer = await call.callback(report);
    this.answers.push(`${report.type} ${answer}`);
    return answer;
  }

  /** Adds to what the programs do when they run. */
  play(...steps: (EngineReport | StopReport)[]): void {
    this.#idle = Promise.withResolvers();
    this.#queue.push(...steps);
    this.#wake.resolve();
  }

  /** Resolves when programs run and have nothing to do. */
  async idle(): Promise<void> {
    await this.#idle.promise;
    await later();
  }

  /** Has the run that is under way, and every one after it, fail. */
  fail(error: Error | undefined): void {
    this.#failure = error;
    this.#wake.resolve();
  }

  causeBreak(): void {
    this.log.push("causeBreak");
    if (!this.#isRunning || !this.interruptible) return;
    this.#breakAsked = true;
    this.#wake.resolve();
  }

  async release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void> {
    const debuggee = this.debuggees.get(programId);
    this.log.push(`${how} ${debuggee?.processId}`);
    const reason = ({ detach: "detached", terminate: "terminated", abandon: "abandoned" } as const)[how];
    this.#queue = this.#queue.filter((step) => !("programId" in step) || step.programId !== programId);
    await this.tell({ type: "programDestroy", programId, end: { reason } });
  }

  readonly request: ProgramRequest = (programId, _threadId, name, ..._values) => {
    this.log.push(`${name} ${this.debuggees.get(programId)?.processId}`);
    return Promise.resolve([] as never);
  };

  leaveNow(): void {}

  dispose(): Promise<void> {
    this.log.push("dispose");
    return Promise.resolve();
  }

  /** Ids of its programs, in the order in which they came. */
  get ids(): string[] {
    return [...this.debuggees.keys()];
  }

  /** Id of its first program. */
  get first(): string {
    const [id] = this.ids;
    assert.ok(id !== undefined, "the engine has a program");
    return id;
  }

  /** What was asked for since the last time. */
  takeLog(): string[] {
    return this.log.splice(0);
  }
}

/** Lets everything happen that is about to. */
export async function later(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Names of what the session called, or was told, of one program. */
export function namesIn(session: SessionManager, kind?: "call" | "event"): string[] {
  return session.trace.filter((entry) => kind === undefined || entry.kind === kind).map(({ name }) => name);
}

/** Lets timers of seconds run out in milliseconds. */
export async function hurried(action: () => Promise<void>): Promise<void> {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((run: () => void, after = 0) => setTimeout(run, after / 100)) as typeof setTimeout;
  try {
    await action();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
