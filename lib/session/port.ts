import type { ProcessInfo } from "./engine.ts";
import { StateError } from "./errors.ts";
import type { EngineRequest } from "./memory.ts";

/** Where programs are: this machine, or the one behind a process server. */
export interface Port {
  /** `local`, or the text that it was connected with. */
  readonly name: string;
  /** The processes that run there. */
  processes(): Promise<ProcessInfo[]>;
}

/**
 * A process server that a session is connected to: programs are attached to and launched through it. Disposal disconnects;
 * the server runs on.
 */
export class ProcessServerPort implements Port, AsyncDisposable {
  readonly name: string;
  readonly #request: EngineRequest;
  #handle: bigint | undefined;

  /** Not for users: `session.connect` makes it. */
  constructor(request: EngineRequest, name: string, handle: bigint) {
    this.#request = request;
    this.name = name;
    this.#handle = handle;
  }

  /** Not for users: the engine's handle. */
  get handle(): bigint {
    if (this.#handle === undefined) {
      throw new StateError("closed", `Cannot use process server "${this.name}": it was disconnected`);
    }
    return this.#handle;
  }

  /** The processes that run on the server's machine, with names and descriptions. */
  async processes(): Promise<ProcessInfo[]> {
    return await this.#request("processes", this.handle);
  }

  /** Lets go of the server, which runs on. */
  async disconnect(): Promise<void> {
    const handle = this.handle;
    this.#handle = undefined;
    await this.#request("disconnectServer", handle);
  }

  /** Ends the server. */
  async shutdown(): Promise<void> {
    const handle = this.handle;
    this.#handle = undefined;
    await this.#request("endServer", handle);
  }

  /** Disconnects, if that was not done. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle !== undefined) await this.disconnect();
  }
}
