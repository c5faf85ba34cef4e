/** Engines, ports and programs straight on the session's contract, which do what a test says. One level below: fake_engine.ts. */
import assert from "node:assert/strict";
import type {
  AttachCall,
  DebugEngine,
  EngineReport,
  LaunchRequest,
  Port,
  PortHost,
  PortProgram,
  ProgramNode,
  ProgramRequest,
  StopReport,
} from "../../lib/session/contract.ts";
import type { EngineEventName, EngineInfo, ProcessInfo } from "../../lib/session/engine.ts";
import { AttachError } from "../../lib/session/errors.ts";
import { SessionManager } from "../../lib/session/session.ts";
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
  readonly #queue: (EngineReport | StopReport)[] = [];
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
    if (report.type === "programDestroy") this.debuggees.delete(programId);
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
    assert.ok(!this.#isRunning || this.#queue.length >= 0);
    const debuggee = this.debuggees.get(programId);
    this.log.push(`${how} ${debuggee?.processId}`);
    const reason = ({ detach: "detached", terminate: "terminated", abandon: "abandoned" } as const)[how];
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

/** Which of the three ways a port's programs have, and what comes of them. */
export interface Ways {
  readonly onAttach?: "attached" | "defer" | "refuse";
  readonly attach?: "accept" | "refuse";
}

/** A port whose programs are attached to in the ways that a test says. */
export class ScriptedPort implements Port {
  readonly name: string;
  ways: Ways = {};
  /** The programs that it has given out. */
  readonly given: PortProgram[] = [];
  /** Cookies of the sessions that attached through it. */
  readonly cookies: symbol[] = [];
  /** The engines that came with its programs. */
  readonly inside: ScriptedEngine[] = [];
  /** Engine inside the next program. */
  nextInside = new ScriptedEngine("inside");
  readonly #host: PortHost;
  readonly #engineId: string;
  readonly #world: World;

  constructor(name: string, engineId: string, host: PortHost, world: World) {
    this.name = name;
    this.#engineId = engineId;
    this.#host = host;
    this.#world = world;
  }

  processes(): Promise<ProcessInfo[]> {
    return Promise.resolve([]);
  }

  program(processId: number): Promise<PortProgram> {
    return Promise.resolve(this.#give(processId));
  }

  launch(launch: LaunchRequest): Promise<PortProgram> {
    return Promise.resolve(this.#give(0, launch));
  }

  #give(hostPid: number, launch?: LaunchRequest): PortProgram {
    const id = this.#host.newProgramId();
    const { onAttach, attach } = this.ways;
    const node: ProgramNode = {
      engineId: this.#engineId,
      hostName: "",
      hostPid,
      programName: "app",
      ...(onAttach && { onAttach: (programId, call) => this.#onAttach(onAttach, programId, hostPid || 100, call) }),
    };
    const program: PortProgram = {
      id,
      port: this,
      node,
      ...(launch && { launch }),
      ...(attach && { attach: (cookie, load, call) => this.#attach(attach, program, cookie, load, call) }),
    };
    this.given.push(program);
    return program;
  }

  async #onAttach(
    way: "attached" | "defer" | "refuse",
    programId: string,
    processId: number,
    call: AttachCall,
  ): Promise<"attached" | "defer"> {
    if (way === "refuse") throw new AttachError("access-denied", "Cannot attach: the node refuses");
    if (way === "defer") return "defer";
    const engine = this.nextInside;
    this.nextInside = new ScriptedEngine("inside");
    this.inside.push(engine);
    await engine.takeOver(programId, processId, call);
    return "attached";
  }

  async #attach(
    way: "accept" | "refuse",
    program: PortProgram,
    cookie: symbol,
    load: () => Promise<DebugEngine>,
    call: AttachCall,
  ): Promise<void> {
    this.cookies.push(cookie);
    if (way === "refuse") throw new AttachError("access-denied", "Cannot attach: the port refuses");
    const { hostPid } = program.node;
    const holder = this.#world.holders.get(hostPid);
    if (holder !== undefined && holder !== cookie) {
      throw new AttachError("already-attached", `Cannot attach to process ${hostPid}: another session debugs it`);
    }
    this.#world.holders.set(hostPid, cookie);
    await (await load()).attach(program, call);
  }

  async disconnect(): Promise<void> {}

  async shutdown(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What the sessions of one test share. */
export class World {
  /** Engines that were made, in their order. */
  readonly made: ScriptedEngine[] = [];
  /** Ports that were made, in their order. */
  readonly ports: ScriptedPort[] = [];
  /** Which session has attached to a process, by its cookie. */
  readonly holders = new Map<number, symbol>();
  /** How the next engines are set up. */
  prepare: (engine: ScriptedEngine) => void = () => {};

  /** A session with two kinds of engines, `one` and `two`, and ports of the same names, `one` being this machine's. */
  session(handlerDeadline = Infinity): SessionManager {
    const make = (id: string) => (): DebugEngine => {
      const engine = new ScriptedEngine(id);
      this.prepare(engine);
      this.made.push(engine);
      return engine;
    };
    const supplier = (id: string) => ({
      id,
      accepts: (address: string) => address === id,
      addPort: (_address: string, host: PortHost) => {
        const port = new ScriptedPort(id, id, host, this);
        this.ports.push(port);
        return Promise.resolve(port);
      },
    });
    return new SessionManager({ watchExit: false, handlerDeadline }, {
      engines: { one: make("one"), two: make("two") },
      ports: [supplier("one"), supplier("two")],
      local: { address: "one", engineId: "one" },
    });
  }

  /** A session with a port of its own, whose programs have these ways. */
  async scene(ways: Ways = {}): Promise<{ session: SessionManager; port: ScriptedPort }> {
    const session = this.session();
    const port = await session.connect("one") as ScriptedPort;
    port.ways = ways;
    return { session, port };
  }

  /** The engine of a kind that was made last. */
  engine(id = "one"): ScriptedEngine {
    const engine = this.made.findLast((one) => one.id === id);
    assert.ok(engine, `engine ${id} was made`);
    return engine;
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
