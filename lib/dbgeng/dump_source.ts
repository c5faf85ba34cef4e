import type { DumpSource } from "../session/dump.ts";
import type { DumpRecord, EngineOptions } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import { nestingFault, short } from "./expressions.ts";
import type { OwnRequest } from "../session/memory.ts";
import type { EngineConnection } from "./engine_api.ts";
import { PageCache } from "./page_cache.ts";

/** An engine that has a dump open, and nothing else. */
export class EngineDump implements DumpSource {
  readonly #connection: EngineConnection;
  readonly #requests: PageCache;
  #processId = 0;

  constructor(connection: EngineConnection) {
    this.#connection = connection;
    this.#requests = new PageCache(connection);
  }

  /** Opens the engine, and the dump in it. A script stays for requests that are under way, and not for the dump being open. */
  async open(path: string, imagePath: string | null, options: EngineOptions): Promise<DumpRecord> {
    await this.#requests.call("open", options);
    const record = await this.#requests.call("openDump", path, imagePath);
    this.#processId = record.processId;
    this.#connection.ref?.(false);
    return record;
  }

  requestOf(threadId?: number): OwnRequest {
    const call = this.#requests.call.bind(this.#requests) as (name: string, ...values: unknown[]) => Promise<never>;
    return async (name, ...values) => {
      const fault = name === "execute" ? nestingFault(values[0] as string) : undefined;
      if (fault !== undefined) throw new RangeError(`Cannot execute ${short(values[0] as string)}: it is ${fault}`);
      return await call(
        name,
        { processId: this.#processId, ...(threadId === undefined ? {} : { threadId }) },
        ...values,
      );
    };
  }

  async close(): Promise<void> {
    this.#connection.giveUp?.();
    try {
      await this.#requests.call("close");
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "lost")) throw error; // else it is as closed as can be
    } finally {
      this.#connection.dispose();
    }
  }
}
