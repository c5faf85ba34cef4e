import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { InlineConnection } from "../dbgeng/inline_connection.ts";
import { WorkerConnection } from "../dbgeng/worker_connection.ts";
import { connectCommand } from "../remote/command.ts";
import type { ByteChannel } from "../remote/channel.ts";
import { RemoteConnection } from "../remote/remote_connection.ts";
import { wineCommand } from "../remote/wine.ts";
import { EngineError } from "../session/errors.ts";
import { requireEngine } from "./require.ts";

/** Where a session's engine lives. */
export interface ConnectionOptions {
  /**
   * Where the engine lives: in a worker, which leaves the script's thread free, or `inline` on that thread, which spares
   * every call a hop and blocks it for 20 ms at a time while programs run. @default {"worker"}
   */
  readonly hosting?: "worker" | "inline";
  /**
   * A command that serves the engine of another machine, or of another user, over its standard streams; for example
   * `["ssh", "lab7", "deno", "run", "--allow-ffi", "URL/lib/remote/host.ts"]`. Each session starts its own. Requires `--allow-run`.
   * @default {this machine; on Linux, the Wine host}
   */
  readonly host?: readonly string[];
  /** Takes what a host prints, and what programs print that were launched there. @default {it is not shown} */
  readonly onHostText?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/** What the preload of a confined script leaves behind: gives a session's way to the host, one at a time. */
export type OpenChannel = () => ByteChannel | undefined;

/** Where it leaves it. */
export const CHANNEL: unique symbol = Symbol.for("latch.channel") as never;

/**
 * An engine for a session, wherever it is to live: on the other side of a confined script's channel, behind a host's command,
 * under Wine where there is no Windows, or here.
 * @throws {EngineError} kind `platform`, `permission` or, in a confined script, `in-use`.
 */
export function openConnection({ hosting, host, onHostText }: ConnectionOptions = {}): EngineConnection {
  const openChannel = (globalThis as { [CHANNEL]?: OpenChannel })[CHANNEL];
  if (openChannel && host) {
    throw new EngineError(
      "permission",
      "Cannot start a host: a confined script has the one that it was given; leave the option out",
    );
  }
  if (openChannel) return confinedConnection(openChannel);
  if (host) return connectCommand(host, undefined, onHostText);
  if (Deno.build.os === "linux") return connectCommand(wineCommand(), "Wine host", onHostText);
  requireEngine();
  return hosting === "inline" ? new InlineConnection() : new WorkerConnection();
}

function confinedConnection(openChannel: OpenChannel): EngineConnection {
  const channel = openChannel();
  if (channel) return new RemoteConnection(channel, { name: "host of this confined script", silence: Infinity });
  const advice = "dispose of that one first, or open both programs in one";
  throw new EngineError("in-use", `Cannot open the debugger engine: this script has a session already; ${advice}`);
}
