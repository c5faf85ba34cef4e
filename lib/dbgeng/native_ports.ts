import type {
  AttachCall,
  DebugEngine,
  LaunchRequest,
  Port,
  PortHost,
  PortProgram,
  PortSupplier,
} from "../session/contract.ts";
import type { ProcessInfo } from "../session/engine.ts";
import { orAborted } from "../session/abort.ts";
import { StateError } from "../session/errors.ts";
import { ANSWERS, UnconnectedPort } from "../session/port.ts";
import { DBGENG, LOCAL, type NativeEngine } from "./native_engine.ts";

/** Address of this machine's own port. */
export const LOCAL_ADDRESS = "local";

async function nativeEngine(host: PortHost): Promise<NativeEngine> {
  return await host.load(DBGENG) as NativeEngine;
}

/** Makes the port of this machine, whose programs the session's own engine attaches to (the third way). */
export const localSupplier: PortSupplier = {
  id: LOCAL_ADDRESS,
  accepts: (address) => address === LOCAL_ADDRESS,
  addPort: (_address, host) => Promise.resolve(new LocalPort(host)),
};

class LocalPort extends UnconnectedPort implements Port {
  readonly #host: PortHost;

  constructor(host: PortHost) {
    super(LOCAL_ADDRESS);
    this.#host = host;
  }

  async processes(name?: string): Promise<ProcessInfo[]> {
    const engine = await nativeEngine(this.#host);
    return await this.#host.whileStopped(() => engine.processes(LOCAL, name));
  }

  program(processId: number): Promise<PortProgram> {
    return Promise.resolve(programAt(this, this.#host, processId));
  }

  launch(request: LaunchRequest): Promise<PortProgram> {
    return Promise.resolve({ ...programAt(this, this.#host, 0), launch: request });
  }
}

function programAt(port: Port, host: PortHost, processId: number): PortProgram {
  const hostName = port.name === LOCAL_ADDRESS ? "" : port.name;
  return { id: host.newProgramId(), port, node: { engineId: DBGENG, hostName, hostPid: processId, programName: "" } };
}

/** Connects to process servers: takes every address that no supplier before it took, since the engine knows them best. */
export const processServerSupplier: PortSupplier = {
  id: "process server",
  accepts: () => true,
  async addPort(address, host, signal, timeout = ANSWERS): Promise<Port> {
    const engine = await orAborted(nativeEngine(host), signal);
    const handle = await host.whileStopped(() => {
      const asked = engine.connectServer(address, timeout);
      return orAborted(asked, signal, (late) => void engine.disconnectServer(late));
    });
    return new ProcessServerPort(host, engine, address, handle);
  },
};

/**
 * A process server that a session is connected to: its programs are attached to and launched by the port itself (the second
 * way). Disposal disconnects; the server runs on.
 */
export class ProcessServerPort implements Port {
  readonly name: string;
  readonly #host: PortHost;
  readonly #engine: NativeEngine;
  #handle: bigint | undefined;

  /** Not for users: `session.connect` makes it. */
  constructor(host: PortHost, engine: NativeEngine, name: string, handle: bigint) {
    this.#host = host;
    this.#engine = engine;
    this.name = name;
    this.#handle = handle;
  }

  get #server(): bigint {
    if (this.#handle === undefined) {
      throw new StateError("closed", `Cannot use process server "${this.name}": it was disconnected`);
    }
    return this.#handle;
  }

  async processes(name?: string): Promise<ProcessInfo[]> {
    const server = this.#server;
    return await this.#host.whileStopped(() => this.#engine.processes(server, name));
  }

  // deno-lint-ignore require-await -- a rejection, not an exception, where it was disconnected
  async program(processId: number): Promise<PortProgram> {
    return this.#programThrough(this.#server, processId);
  }

  // deno-lint-ignore require-await -- as above
  async launch(request: LaunchRequest): Promise<PortProgram> {
    return { ...this.#programThrough(this.#server, 0), launch: request };
  }

  #programThrough(server: bigint, processId: number): PortProgram {
    type Load = () => Promise<DebugEngine>;
    return {
      ...programAt(this, this.#host, processId),
      async attach(_session: symbol, load: Load, call: AttachCall): Promise<void> {
        const engine = await load() as NativeEngine;
        await engine.attachThrough(server, this, call);
      },
    };
  }

  async disconnect(): Promise<void> {
    const server = this.#server;
    this.#handle = undefined;
    await this.#host.whileStopped(() => this.#engine.disconnectServer(server));
  }

  async shutdown(): Promise<void> {
    const server = this.#server;
    this.#handle = undefined;
    await this.#host.whileStopped(() => this.#engine.endServer(server));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle !== undefined) await this.disconnect();
  }
}
