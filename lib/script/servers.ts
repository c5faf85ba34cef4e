import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { StateError } from "../session/errors.ts";
import { ANSWERS } from "../session/port.ts";
import { MAX_COMMAND, MAX_PATIENCE, MAX_SERVERS } from "./limits.ts";
import { connectNeed, namesServer, type ServerAddress, serverAddress } from "./names.ts";
import type { Permissions } from "./permissions.ts";
import { integer, optional, text, word } from "./values.ts";

/** This machine. */
const LOCAL = 0n;

/** A process server that a script is connected to. */
interface Server {
  readonly handle: bigint;
  readonly name: string;
  /** Undefined where its address is not understood. */
  readonly address: ServerAddress | undefined;
}

/** The process servers that a script is connected to. It has numbers for them that mean nothing to the engine. */
export class Servers {
  readonly #engine: EngineConnection;
  readonly #permissions: Permissions;
  readonly #inner = new Map<bigint, Server>();
  #last = 0n;

  constructor(engine: EngineConnection, permissions: Permissions) {
    this.#engine = engine;
    this.#permissions = permissions;
  }

  /** The engine's handle. @throws {StateError} for a number that this script was not given. */
  inner(given: unknown): bigint {
    const server = word(given, "server");
    return server === LOCAL ? LOCAL : this.#get(server).handle;
  }

  #get(server: bigint): Server {
    const found = this.#inner.get(server);
    if (!found) throw new StateError("closed", "Cannot use the process server: this script is not connected to it");
    return found;
  }

  async connect(given: unknown, time: unknown): Promise<bigint> {
    const options = text(MAX_COMMAND)(given, "options");
    const patience = optional(integer(1, MAX_PATIENCE))(time, "timeout") ?? ANSWERS;
    if (this.#inner.size >= MAX_SERVERS) {
      throw new TypeError(`Cannot connect: more than ${MAX_SERVERS} process servers at a time`);
    }
    await this.#permissions.require(connectNeed(options));
    const address = serverAddress(options);
    const handle = await this.#engine.call("connectServer", address?.options ?? options, patience);
    const name = address ? `${address.host}:${address.port}` : options;
    this.#inner.set(++this.#last, { handle, name, address });
    return this.#last;
  }

  async disconnect(given: unknown): Promise<void> {
    const server = word(given, "server");
    const { handle } = this.#get(server);
    this.#inner.delete(server);
    await this.#engine.call("disconnectServer", handle);
  }

  /** Ends a process server: that of others too, so it takes the right to end things. */
  async end(given: unknown): Promise<void> {
    const server = word(given, "server");
    const { handle, name, address } = this.#get(server);
    const covers = (entry: string): boolean => address !== undefined && namesServer(entry, address);
    // Which machine it is cannot be told without an address: then every deny is for it.
    const denies = (entry: string): boolean => address === undefined || covers(entry);
    await this.#permissions.require({ right: "terminate", value: name, allows: covers, denies });
    await this.#engine.call("endServer", handle);
    this.#inner.delete(server);
  }
}
