import type { EngineConnection } from "../dbgeng/engine_api.ts";
import { InlineConnection } from "../dbgeng/inline_connection.ts";
import { WorkerConnection } from "../dbgeng/worker_connection.ts";
import { connectCommand, type TakeText } from "../remote/command.ts";
import { type ConfinedChannel, lendConnection } from "../remote/lent_connection.ts";
import { hostCommand, isWine } from "../remote/wine.ts";
import { requireFunction, requireOneOf, requireOptions, requireText, requireTextIfAny } from "../session/arguments.ts";
import type { EngineOptions } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import { requireEngine } from "./require.ts";

/** Where a session's engine lives. */
export interface ConnectionOptions {
  /**
   * Where the engine lives: in a worker, which leaves the script's thread free, or `inline` on that thread, which spares
   * every call a hop and blocks it for 20 ms at a time while programs run. Should the engine be stuck there, neither a signal nor Ctrl-C
   * gets through. @default {"worker"}
   */
  readonly hosting?: "worker" | "inline";
  /**
   * A command that serves the engine of another machine, or of another user, over its standard streams; for example
   * `["ssh", "lab7", "deno", "run", "--allow-ffi", "URL/lib/remote/host.ts"]`. Each session starts its own. Requires `--allow-run`.
   * @default {this machine; on Linux, the Wine host}
   */
  readonly host?: readonly string[];
  /**
   * Takes what a host prints, and what programs print that were launched there. Where it gives a promise, they wait for it when they print
   * more. @default {it is not shown}
   */
  readonly onHostText?: (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
}

/** Where the preload of a confined script leaves the way to its host. */
export const CHANNEL: unique symbol = Symbol.for("latch.channel") as never;

/** Refuses what these options, and those of an engine, do not take. @throws {TypeError} */
export function requireConnectionOptions(options: ConnectionOptions & EngineOptions): void {
  const action = "Cannot open a session";
  requireOptions(action, options);
  const { hosting, host, onHostText, engine, symbolPath } = options;
  requireOneOf(action, "hosting", hosting, [undefined, "worker", "inline"]);
  if (host !== undefined && !(Array.isArray(host) && host.length > 0)) {
    throw new TypeError(`${action}: host is no command; it is a list of a program and its arguments`);
  }
  host?.forEach((word, index) => requireText(action, `host[${index}]`, word, index > 0));
  if (onHostText !== undefined) requireFunction(action, "onHostText", onHostText);
  requireTextIfAny(action, "engine", engine);
  if (symbolPath !== undefined) requireText(action, "symbolPath", symbolPath);
}

/**
 * An engine for a session, wherever it is to live: on the other side of a confined script's channel, behind a host's command,
 * under Wine where there is no Windows, or here.
 * @throws {EngineError} kind `platform`, `permission` or, in a confined script, `in-use`.
 */
export function openConnection({ hosting, host, onHostText }: ConnectionOptions = {}): EngineConnection {
  const channel = (globalThis as { [CHANNEL]?: ConfinedChannel })[CHANNEL];
  if (channel && host) {
    throw new EngineError(
      "permission",
      "Cannot start a host: a confined script has the one that it was given; leave the option out",
    );
  }
  if (channel) return lendConnection(channel);
  if (host) return connectCommand(host, undefined, onHostText);
  if (isWine) return openHost(onHostText);
  requireEngine();
  return hosting === "inline" ? new InlineConnection() : new WorkerConnection();
}

/**
 * The engine of this machine in a process of its own: what it launches shares no stream with this one.
 * @param onHostText Takes what it prints, and what programs print that it launched.
 * @param onHostTextEnd Is called when all of that was taken, which may be after the host's end.
 */
export function openHost(onHostText?: TakeText, onHostTextEnd?: () => void): EngineConnection {
  return connectCommand(hostCommand(), isWine ? "Wine host" : "host", onHostText, onHostTextEnd);
}
