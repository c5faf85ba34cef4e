/**
 * All of `dbgeng.h` for experts: every interface with every method under Microsoft's own names, structs, constants, and
 * callbacks written in TypeScript. Here are no sessions and no guards: the engine may crash on a call in the wrong state.
 *
 * @example Ask the engine for its version
 * ```ts
 * import { IDebugControl4, openEngine } from "@latch/latch/dbgeng";
 *
 * using engine = openEngine();
 * using control = engine.client.query(IDebugControl4);
 * console.log(control.GetNumberEventFilters());
 * ```
 *
 * @module
 */
import type { Com } from "../com/com_object.ts";
import { requireOptions, requireTextIfAny } from "../session/arguments.ts";
import type { EngineInfo } from "../session/engine.ts";
import { IDebugClient9 } from "./generated/debug_client.ts";
import { leaseEngine } from "./thread/lease.ts";

export { type Com, ComObject } from "../com/com_object.ts";
export { ComCallback, type ComCallbackOptions } from "../com/com_callback.ts";
export { HresultError, hresultSymbol, hresultText } from "../com/hresult.ts";
export { StructView } from "../com/struct_view.ts";
export type * from "../com/tables.ts";
export { readBytes, readWide, writeBytes } from "../com/memory.ts";
export * from "./generated/interfaces.ts";
export * from "./generated/structs.ts";
export * from "./generated/constants.ts";

/** The engine with a client of this thread's. Disposal releases the client and lets others open the engine. */
export interface OpenedEngine extends Disposable {
  /** Which engine it is. */
  readonly info: EngineInfo;
  /** The client: `query` gives its other interfaces. It belongs to the thread that opened it. */
  readonly client: Com<IDebugClient9>;
}

/**
 * Opens the engine on this thread, for direct calls. A process can have one user of the engine at a time: a session is one
 * as well. Requires `--allow-ffi`.
 *
 * @param options `engine`: folder of the engine's DLLs, found as for sessions by default.
 * @throws {EngineError} when there is no engine, or it is in use.
 */
export function openEngine(options: { readonly engine?: string } = {}): OpenedEngine {
  requireOptions("Cannot open the engine", options);
  requireTextIfAny("Cannot open the engine", "engine", options.engine);
  const lease = leaseEngine(options.engine);
  const client = lease.engine.create(IDebugClient9);
  return {
    info: lease.engine.info,
    client,
    [Symbol.dispose]: () => {
      client[Symbol.dispose]();
      lease[Symbol.dispose]();
    },
  };
}
