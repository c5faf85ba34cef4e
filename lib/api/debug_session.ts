import { InlineConnection } from "../dbgeng/inline_connection.ts";
import { DBGENG, NativeEngine } from "../dbgeng/native_engine.ts";
import { LOCAL_ADDRESS, localSupplier, processServerSupplier } from "../dbgeng/native_ports.ts";
import { WorkerConnection } from "../dbgeng/worker_connection.ts";
import type { PortHost } from "../session/contract.ts";
import type { SessionOptions } from "../session/options.ts";
import { SessionManager } from "../session/session.ts";
import { InspectorPortSupplier } from "../v8/supplier.ts";
import { requireEngine } from "./require.ts";

/** Options of a {@linkcode DebugSession}. */
export interface DebugSessionOptions extends SessionOptions {
  /**
   * Where the engine lives: in a worker, which leaves the script's thread free, or `inline` on that thread, which spares
   * every call a hop and blocks it for 20 ms at a time while programs run. @default {"worker"}
   */
  readonly hosting?: "worker" | "inline";
}

/**
 * A session of Windows' debugger engine: many programs, one engine, one set of handlers. Requires `--allow-ffi`.
 *
 * An operating-system process can have one session at a time.
 *
 * @example Watch every module that a program loads
 * ```ts
 * import { DebugSession } from "@latch/latch";
 *
 * await using session = new DebugSession();
 * session.on("loadModule", (event) => console.log(event.program.name, event.module.name));
 * await session.launch(["notepad.exe"]);
 * await session.wait();
 * ```
 */
export class DebugSession extends SessionManager {
  /** Opens nothing yet: the engine comes with the first program. */
  constructor(options: DebugSessionOptions = {}) {
    const dbgeng = (host: PortHost): NativeEngine => {
      requireEngine();
      const connection = options.hosting === "inline" ? new InlineConnection() : new WorkerConnection();
      return new NativeEngine(connection, host, options);
    };
    super(options, {
      engines: { [DBGENG]: dbgeng },
      ports: [localSupplier, new InspectorPortSupplier(), processServerSupplier],
      local: { address: LOCAL_ADDRESS, engineId: DBGENG },
    });
  }
}
