import type { DebugSession, DebugSessionOptions } from "../api/debug_session.ts";
import { enginePath as pathOfEngine, shownPath, shownText } from "../remote/wine_paths.ts";
import type { Port } from "../session/contract.ts";

/** Where a command works: what its options say. */
export interface Where {
  /** Where the processes are. */
  readonly port?: string;
  /** Command that runs the engine elsewhere. */
  readonly host?: readonly string[];
  /** Folder of the engine's DLLs. */
  readonly engine?: string;
  /** Where symbols are looked for. */
  readonly symbols?: string;
  /** Takes what launched programs print, where the engine is in another process. */
  readonly onHostText?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/** A session as commands use it, and the port that `--port` named. */
export interface Opened {
  readonly session: DebugSession;
  /** Undefined for this machine. */
  readonly port: Port | undefined;
}

/** Opens a session for a command and ends it with it: every program is let go as it came. */
export async function withSession<T>(
  where: Where,
  signal: AbortSignal,
  action: (opened: Opened) => Promise<T>,
): Promise<T> {
  // Only now: `latch --help` needs nothing of it.
  const { DebugSession } = await import("../api/debug_session.ts");
  await using session = new DebugSession(sessionOptions(where));
  const port = where.port === undefined ? undefined : await session.connect(where.port, { signal });
  return await orLeft(action({ session, port }), signal);
}

/** How long an action may take to come to its end by itself once its signal has aborted, in milliseconds. */
const COMES_TO_ITS_END = 700;

/** What was asked for, unless the signal aborts and that does not end it: it may ask an engine that does not answer. */
async function orLeft<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = (): void => void (timer = setTimeout(() => reject(signal.reason), COMES_TO_ITS_END));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** The session's options; signals are the command's own (`interruption.ts`). */
export function sessionOptions(where: Where): DebugSessionOptions {
  const { engine, symbols: symbolPath, host, onHostText } = where;
  return {
    watchExit: false,
    ...(engine === undefined ? {} : { engine: enginePath(engine, where) }),
    ...(symbolPath === undefined ? {} : { symbolPath: engineSymbolPath(symbolPath, where) }),
    ...(host === undefined ? {} : { host }),
    ...(onHostText === undefined ? {} : { onHostText }),
  };
}

/** A path of this machine as the engine sees it: below Wine, Linux is drive Z. On another host it is that host's own. */
export function enginePath(path: string, where: Pick<Where, "host">, os?: string): string {
  return where.host ? path : pathOfEngine(path, os);
}

/** A path of the engine's as the user writes it: the other way round. */
export function userPath(path: string, where: Pick<Where, "host" | "port">, os?: string): string {
  return where.host || where.port ? path : shownPath(path, os);
}

/** The paths in a message, likewise. */
export function userMessage(text: string, where: Pick<Where, "host" | "port">, os?: string): string {
  return where.host || where.port ? text : shownText(text, os);
}

/** The same of the folders in a symbol path; servers and words such as `srv` stay. */
export function engineSymbolPath(path: string, where: Pick<Where, "host">, os: string = Deno.build.os): string {
  const isFolder = (word: string): boolean => !/^$|^(?:srv|cache|symsrv)$|^https?:|\.dll$/i.test(word);
  const words = (part: string): string =>
    part.split("*").map((word) => isFolder(word) ? enginePath(word, where, os) : word).join("*");
  return path.split(";").map(words).join(";");
}
