/** Ports and programs straight on the session's contract, and sessions with scripted engines. */
import assert from "node:assert/strict";
import type {
  AttachCall,
  DebugEngine,
  LaunchRequest,
  Port,
  PortHost,
  PortProgram,
  ProgramNode,
} from "../../lib/session/contract.ts";
import type { ProcessInfo } from "../../lib/session/engine.ts";
import { AttachError } from "../../lib/session/errors.ts";
import { SessionManager } from "../../lib/session/session.ts";
import { later, ScriptedEngine } from "./fake_contract.ts";

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

  /** An id for a program that comes by itself. */
  childId(): string {
    return this.#host.newProgramId();
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
  session(handlerDeadline = Infinity, watchExit = false): SessionManager {
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
    return new SessionManager({ watchExit, handlerDeadline }, {
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

  /** Resolves when the engine that was made last runs and its programs do nothing. */
  async sessionEngineIdle(): Promise<void> {
    while (this.made.length === 0) await later();
    await this.made.at(-1)?.idle();
  }

  /** The engine of a kind that was made last. */
  engine(id = "one"): ScriptedEngine {
    const engine = this.made.findLast((one) => one.id === id);
    assert.ok(engine, `engine ${id} was made`);
    return engine;
  }
}
