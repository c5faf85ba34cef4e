import { DBGENG, NativeEngine } from "../dbgeng/native_engine.ts";
import { LOCAL_ADDRESS, localSupplier, processServerSupplier } from "../dbgeng/native_ports.ts";
import type { PortHost } from "../session/contract.ts";
import type { SessionOptions } from "../session/options.ts";
import { SessionManager } from "../session/session.ts";
import { InspectorPortSupplier } from "../v8/supplier.ts";
import { CHANNEL, type ConnectionOptions, openConnection, requireConnectionOptions } from "./connection.ts";
import { keepStore, requireSymbols, symbolPathWith, type SymbolsOption } from "./symbols.ts";

/** Options of a {@linkcode DebugSession}. */
export interface DebugSessionOptions extends SessionOptions, ConnectionOptions {
  /**
   * Symbol servers, and the folder of this machine that keeps what they give: the engine looks there too, after `symbolPath`. Nothing is
   * fetched but by {@linkcode fetchProgramSymbols}. Requires `--allow-net`, `--allow-read` and `--allow-write`; not in confined scripts, nor with `host`.
   * @default {symbols are looked for on this machine alone}
   */
  readonly symbols?: SymbolsOption;
}

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
  readonly #forget: () => void;

  /** Opens nothing yet: the engine comes with the first program. */
  constructor(options: DebugSessionOptions = {}) {
    requireConnectionOptions(options);
    const symbols = options.symbols === undefined
      ? undefined
      : requireSymbols(options.symbols, CHANNEL in globalThis, options.host);
    const engineOptions = symbols ? { ...options, symbolPath: symbolPathWith(options.symbolPath, symbols) } : options;
    const dbgeng = (host: PortHost): NativeEngine => new NativeEngine(openConnection(options), host, engineOptions);
    super(options, {
      engines: { [DBGENG]: dbgeng },
      ports: [localSupplier, new InspectorPortSupplier(), processServerSupplier],
      local: { address: LOCAL_ADDRESS, engineId: DBGENG },
    });
    this.#forget = symbols ? keepStore(this, symbols) : () => {};
  }

  /** Lets every program go as it came, ends the engines. Idempotent. One that does not stop within a second is left behind. */
  override [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    return super[Symbol.asyncDispose]();
  }
}
