import { orAborted } from "./abort.ts";
import type { DebugEngine, EngineFactory, Port, PortHost, PortSupplier } from "./contract.ts";
import { AttachError } from "./errors.ts";

/** What a session is made of: engines by id, and port suppliers in the order in which they are asked. */
export interface Suppliers {
  /** Makes an engine of each kind. */
  readonly engines: Readonly<Record<string, EngineFactory>>;
  /** The first one that accepts an address makes the port. */
  readonly ports: readonly PortSupplier[];
  /** Address of this machine's own port, and the engine behind it. */
  readonly local: { readonly address: string; readonly engineId: string };
}

/** The engines that a session has loaded, and its ports. */
export class Engines {
  readonly #suppliers: Suppliers;
  readonly #host: PortHost;
  readonly #loading = new Map<string, Promise<DebugEngine>>();
  readonly #loaded = new Set<DebugEngine>();
  /** Made, and not open yet. */
  readonly #opening = new Set<DebugEngine>();
  #localPort: Promise<Port> | undefined;

  constructor(suppliers: Suppliers, host: PortHost) {
    this.#suppliers = suppliers;
    this.#host = host;
  }

  /** The engine of this machine's programs. */
  get local(): string {
    return this.#suppliers.local.engineId;
  }

  /** Whether an engine was loaded. */
  get any(): boolean {
    return this.#loaded.size > 0;
  }

  /** Whether it was loaded here, and did not come with its program. */
  has(engine: DebugEngine): boolean {
    return this.#loaded.has(engine);
  }

  /** All that were loaded; those that are being opened are given up, if they can be. */
  async loaded(): Promise<DebugEngine[]> {
    for (const engine of this.#opening) engine.giveUp?.();
    await Promise.allSettled(this.#loading.values());
    return [...this.#loaded];
  }

  /** The engine of a kind: made and opened when it is first asked for. */
  load(engineId: string): Promise<DebugEngine> {
    const loading = this.#loading.get(engineId) ?? this.#make(engineId);
    this.#loading.set(engineId, loading);
    return loading;
  }

  async #make(engineId: string): Promise<DebugEngine> {
    const factory = this.#suppliers.engines[engineId];
    if (!factory) throw new TypeError(`Cannot load the engine "${engineId}": the session has no such engine`);
    try {
      await Promise.resolve(); // the caller notes this attempt first
      const engine = factory(this.#host);
      await this.#open(engine);
      this.#loaded.add(engine);
      return engine;
    } catch (error) {
      this.#loading.delete(engineId);
      throw error;
    }
  }

  async #open(engine: DebugEngine): Promise<void> {
    this.#opening.add(engine);
    try {
      await engine.info(); // opens it
    } finally {
      this.#opening.delete(engine);
    }
  }

  /** This machine. With a signal its engine is there: to load it can take long where it lives elsewhere, and is not waited for then. */
  async localPort(signal?: AbortSignal): Promise<Port> {
    this.#localPort ??= this.connect(this.#suppliers.local.address);
    if (signal) await orAborted(this.#host.load(this.local), signal);
    return await this.#localPort;
  }

  /** Makes the port that an address names. */
  async connect(address: string, signal?: AbortSignal, timeout?: number): Promise<Port> {
    const supplier = this.#suppliers.ports.find((one) => one.accepts(address));
    if (!supplier) {
      throw new AttachError("server-unreachable", `Cannot connect to "${address}": no kind of port has such addresses`);
    }
    return await supplier.addPort(address, this.#host, signal, timeout);
  }
}
