/** An engine whose every step is somebody's choice, and a session around two of them: for histories of execution. */
import assert from "node:assert/strict";
import type {
  AttachCall,
  DebugEngine,
  EngineReport,
  Port,
  PortHost,
  PortProgram,
  ProgramRequest,
  StopReport,
} from "../../lib/session/contract.ts";
import type { EngineInfo } from "../../lib/session/engine.ts";
import { AttachError, EngineError } from "../../lib/session/errors.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { created, IMAGE, loaded, moduleOf, outputOf, THREAD } from "./fake_contract.ts";

/** Something asynchronous that goes on when the history says so. */
export interface Pending {
  readonly what: string;
  go(): void;
  fail(error: Error): void;
}

/** What an engine tells the history. */
export interface Observer {
  /** The engine is about to run its programs. */
  onRun(engine: ModelEngine): void;
  /** It has reported an event of a program that it told of before. */
  onReport(report: EngineReport): void;
  /** It stops for a reason of its own, in a program. */
  onStop(thread: number, programId: string): void;
  /** It has come back from a run. */
  onReturn(engine: ModelEngine): void;
  /** It has let a program go. */
  onRelease(programId: string, how: string): void;
  readonly pending: Pending[];
}

interface Debuggee {
  readonly id: string;
  readonly processId: number;
  readonly call: AttachCall;
}

/** The engine that stops by itself at a thread of this id. */
export function idOf(thread: number): string {
  return thread % 2 ? "two" : "one";
}

/** An engine whose steps a history takes. */
export class ModelEngine implements DebugEngine {
  readonly id: string;
  readonly programs = new Map<string, Debuggee>();
  /** What is to come up, in the order in which it was asked for. */
  readonly coming: Debuggee[] = [];
  isLost = false;
  disposals = 0;
  isBreakAsked = false;
  isTelling = false;
  readonly #observer: Observer;
  #run: PromiseWithResolvers<StopReport> | undefined;
  #later: EngineReport[] = [];
  #asking = 0;
  #isCreated = false;
  #stops = 0;

  constructor(id: string, observer: Observer) {
    this.id = id;
    this.#observer = observer;
  }

  /** Whether it is inside a run. */
  get isInside(): boolean {
    return this.#run !== undefined;
  }

  /** Whether its programs run. */
  get isRunning(): boolean {
    return this.isInside && !this.isTelling;
  }

  /** Whether a program is to come up. */
  get isAwaited(): boolean {
    return this.coming.length > 0;
  }

  /** Whether it has yet to tell that no program is left. */
  get isEmpty(): boolean {
    return this.programs.size === 0 && !this.isAwaited;
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve({ folder: "", source: "", version: "1", architecture: "x86_64", files: [] });
  }

  subscribe(): Promise<void> {
    return this.#ask("subscribe");
  }

  async attach({ id, node, launch }: PortProgram, call: AttachCall): Promise<void> {
    if (!this.#isCreated) {
      this.#isCreated = true;
      await call.callback({ type: "engineCreate", engine: this });
    }
    await this.#ask("attach");
    const processId = launch ? 1000 + this.#stops++ : node.hostPid;
    this.coming.push({ id, processId, call });
  }

  async run(_status: ExecutionStatus): Promise<StopReport> {
    assert.ok(!this.#run, "run is called while the engine runs");
    assert.equal(this.#asking, 0, "run is called while the engine is asked for something");
    assert.equal(this.disposals, 0, "run is called after the end");
    if (this.isLost) throw new EngineError("lost", "The engine is gone");
    this.#observer.onRun(this);
    this.isBreakAsked = false;
    this.#run = Promise.withResolvers();
    return await this.#run.promise;
  }

  causeBreak(): void {
    if (!this.isInside) return; // it has come back at this very moment
    assert.ok(!this.isBreakAsked, "causeBreak is called twice");
    this.isBreakAsked = true;
  }

  async release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void> {
    assert.ok(!this.isRunning, "release is called while programs run");
    await this.#ask(how);
    const program = this.programs.get(programId);
    if (!program) return; // it was let go by two at the same time
    this.programs.delete(programId);
    this.#later = this.#later.filter((report) => !("programId" in report) || report.programId !== programId);
    this.#observer.onRelease(programId, how);
    const reason = ({ detach: "detached", terminate: "terminated", abandon: "abandoned" } as const)[how];
    await program.call.callback({ type: "programDestroy", programId, end: { reason } });
  }

  readonly request: ProgramRequest = (_programId, _threadId, _name, ..._values) => {
    assert.ok(!this.isRunning, "a request comes while programs run");
    return Promise.resolve([] as never);
  };

  leaveNow(): void {}

  dispose(): Promise<void> {
    this.disposals++;
    if (this.#run) this.#end().reject(new EngineError("lost", "The engine was disposed"));
    return Promise.resolve();
  }

  /** One step while programs run: the interrupt that was asked for, or what the number says. */
  step(choice: number): void {
    if (!this.isRunning) return;
    const kind = choice % 12;
    const program = [...this.programs.values()][(choice >> 4) % Math.max(1, this.programs.size)];
    if (this.isBreakAsked && kind < 6) return this.interrupt();
    if (this.#later.length > 0) return void this.#tell([]);
    const [coming] = this.coming;
    if (coming && kind < 8) return this.#arrive(coming);
    if (!program) return coming ? undefined : this.#end().resolve({ kind: "ended" });
    const place = { programId: program.id, processId: program.processId, threadId: THREAD };
    if (kind < 4) return void this.#tell([moduleOf(program.id, "some.dll")]);
    if (kind < 6) return void this.#tell([{ type: "breakpoint", ...place, id: 0, address: 16n }]);
    if (kind === 6) return void this.#report(outputOf(program.id, "text"));
    if (kind === 7) return this.#stop(program.id);
    if (kind === 8) return this.interrupt(); // one that nobody asked for
    if (kind < 11) return this.#exit(program);
    if (!(choice & 256)) return this.#fail(choice);
    this.#forget();
    this.#end().resolve({ kind: "ended" });
  }

  /** The interrupt arrives. */
  interrupt(): void {
    const [programId] = this.programs.keys();
    this.#end().resolve({ kind: "interrupt", programId, threadId: THREAD });
  }

  /** The engine's thread, or its host, dies. */
  lose(): void {
    this.isLost = true;
    this.isTelling = false;
    if (this.#run) this.#end().reject(new EngineError("lost", "The engine is gone"));
  }

  #fail(choice: number): void {
    const isServer = choice & 512;
    const error = isServer ? new AttachError("server-unreachable", "gone") : new EngineError("failed", "no");
    if (isServer) this.#forget();
    this.coming.length = 0;
    this.#end().reject(error);
  }

  #forget(): void {
    this.programs.clear();
    this.coming.length = 0;
    this.#later = [];
  }

  #stop(programId: string): void {
    const threadId = 100 + this.#stops++ * 2 + Number(this.id === "two");
    this.#observer.onStop(threadId, programId);
    this.#end().resolve({ kind: "break", programId, threadId });
  }

  #arrive(program: Debuggee): void {
    this.coming.shift();
    this.programs.set(program.id, program);
    this.#tell([created(program.id, program.processId), loaded(program.id)]);
  }

  #exit({ id, call }: Debuggee): void {
    this.programs.delete(id);
    const report: EngineReport = { type: "programDestroy", programId: id, end: { reason: "exited", exitCode: 0 } };
    this.isTelling = true;
    this.#observer.onReport(report);
    call.callback(report).then(() => this.isTelling = false);
  }

  /** Tells events one after another, until one of them is to hold the programs. */
  async #tell(reports: readonly EngineReport[]): Promise<void> {
    this.#later.push(...reports);
    const run = this.#run;
    this.isTelling = true;
    for (let report = this.#later.shift(); report; report = this.#later.shift()) {
      const answer = await this.#report(report);
      if (run !== this.#run) return;
      if (answer === "break") return this.#end().resolve({ kind: "held" });
    }
    this.isTelling = false;
  }

  async #report(report: EngineReport): Promise<ExecutionStatus> {
    const program = "programId" in report ? this.programs.get(report.programId) : undefined;
    if (!program) return "go";
    this.#observer.onReport(report);
    return await program.call.callback(report);
  }

  #end(): PromiseWithResolvers<StopReport> {
    const run = this.#run;
    assert.ok(run, "the engine runs");
    this.#run = undefined;
    this.isTelling = false;
    this.isBreakAsked = false;
    run.promise.then(() => this.#observer.onReturn(this), () => {});
    return run;
  }

  async #ask(what: string): Promise<void> {
    if (this.isLost) throw new EngineError("lost", "The engine is gone");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#observer.pending.push({ what, go: resolve, fail: reject });
    this.#asking++;
    try {
      await promise;
    } finally {
      this.#asking--;
    }
    if (this.isLost) throw new EngineError("lost", "The engine is gone");
  }
}

/** A port whose programs take the engine of its name. */
export function modelPort(name: string, host: PortHost): Port {
  const give = (hostPid: number, launch?: PortProgram["launch"]): Promise<PortProgram> =>
    Promise.resolve({
      id: host.newProgramId(),
      port,
      node: { engineId: name, hostName: "", hostPid, programName: IMAGE.name },
      ...(launch && { launch }),
    });
  const port: Port = {
    name,
    processes: () => Promise.resolve([]),
    program: (processId) => give(processId),
    launch: (request) => give(0, request),
    disconnect: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return port;
}

/** Timers that go off when the history says so. */
export class Clock {
  readonly #timers = new Map<number, { readonly at: number; run(): void }>();
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  /** Milliseconds since the beginning. */
  now = 0;
  #last = 0;

  constructor() {
    globalThis.setTimeout = ((run: () => void, after = 0) => {
      this.#timers.set(++this.#last, { at: this.now + after, run });
      return this.#last;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((id: number) => void this.#timers.delete(id)) as unknown as typeof clearTimeout;
  }

  /** Lets the next timers go off, all that are due together, if that is within so many milliseconds; whether there were any. */
  elapse(within = Infinity): boolean {
    const at = Math.min(...[...this.#timers.values()].map((timer) => timer.at));
    if (at === Infinity || at > this.now + within) return false;
    this.now = at;
    for (const [id, timer] of [...this.#timers]) if (timer.at === at && this.#timers.delete(id)) timer.run();
    return true;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}
