import type { EngineOptions } from "../session/engine.ts";
import { requireText } from "../session/arguments.ts";
import { type ConnectionOptions, openConnection, requireConnectionOptions } from "./connection.ts";

/** How long the engine's thread serves before it looks whether the server is to end, in milliseconds. */
const SLICE = 100;

/** Options of {@linkcode startProcessServer}. */
export interface ProcessServerOptions extends Pick<EngineOptions, "engine">, Pick<ConnectionOptions, "host"> {
  /** Ends the server. */
  readonly signal?: AbortSignal;
}

/** A process server of this script's. Disposal ends it; its address is free again when the script has ended. */
export interface ProcessServer extends AsyncDisposable {
  /** What it was started with. */
  readonly options: string;
  /** Resolves when it ended: here, or by a client's `shutdown()`. */
  readonly ended: Promise<void>;
}

/**
 * Serves this machine's processes to debuggers on others, as Microsoft's `dbgsrv` does: they `connect`. Anybody who reaches
 * the address can debug what this user can, so open it in trusted networks only. Requires `--allow-ffi`.
 * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-startprocessserverwide
 *
 * @param options What `dbgsrv -t` takes, for example `tcp:port=5005` or `npipe:pipe=latch`.
 * @throws {AttachError} kind `address-in-use`, when something listens there.
 *
 * @example Serve until Ctrl-C
 * ```ts
 * import { startProcessServer } from "@latch/latch";
 *
 * await using server = await startProcessServer("tcp:port=5005");
 * await server.ended;
 * ```
 */
export async function startProcessServer(
  options: string,
  serverOptions: ProcessServerOptions = {},
): Promise<ProcessServer> {
  requireConnectionOptions(serverOptions);
  requireText("Cannot serve processes", "options", options, false);
  const { engine, host, signal } = serverOptions;
  signal?.throwIfAborted();
  const connection = openConnection(host === undefined ? {} : { host });
  try {
    await connection.call("open", engine === undefined ? {} : { engine });
    await connection.call("startServer", options);
  } catch (error) {
    await connection.call("close").catch(() => {}); // what it failed with is told
    connection.dispose();
    throw error;
  }
  let ending = signal?.aborted ?? false;
  const end = (): void => void (ending = true);
  signal?.addEventListener("abort", end, { once: true });
  const serve = async (): Promise<void> => {
    while (!ending && !await connection.call("serve", SLICE)) { /* goes on serving */ }
    if (ending) await connection.call("stopServer", options);
    await connection.call("close");
    connection.dispose();
  };
  const ended = serve();
  return {
    options,
    ended,
    [Symbol.asyncDispose]: () => {
      end();
      return ended;
    },
  };
}
