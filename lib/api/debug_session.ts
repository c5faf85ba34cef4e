import { DBGENG, NativeEngine } from "../dbgeng/native_engine.ts";
import { LOCAL_ADDRESS, localSupplier, processServerSupplier } from "../dbgeng/native_ports.ts";
import type { PortHost } from "../session/contract.ts";
import type { SessionOptions } from "../session/options.ts";
import { SessionManager } from "../session/session.ts";
import { InspectorPortSupplier } from "../v8/supplier.ts";
import { type ConnectionOptions, openConnection, requireConnectionOptions } from "./connection.ts";

/** Options of a {@linkcode DebugSession}. */
export interface DebugSessionOptions extends SessionOptions, ConnectionOptions {}

/**
 * A session of Windows' debugger engine: many programs, one engine, one set of handlers. Requires `--allow-ffi`; on Linux, and
 * with the option `host`, `--allow-run`.
 *
 * A process can have one session at a time whose engine lives in it; others have hosts.
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
    requireConnectionOptions(options);
    const dbgeng = (host: PortHost): NativeEngine => new NativeEngine(openConnection(options), host, options);
    super(options, {
      engines: { [DBGENG]: dbgeng },
      ports: [localSupplier, new InspectorPortSupplier(), processServerSupplier],
      local: { address: LOCAL_ADDRESS, engineId: DBGENG },
    });
  }
}
