import { E_NOTIMPL, HresultError } from "../../com/hresult.ts";
import { AttachError, codeText, EngineError, type ErrorDetails } from "../../session/errors.ts";
import { DEBUG_END_PASSIVE, DEBUG_STATUS_NO_DEBUGGEE } from "../generated/constants.ts";
import { dropIfEnded, forEachProcess } from "./ended.ts";
import { isServerGone } from "./failures.ts";
import type { Lifeline } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";
import { connectServer, runningIds } from "./opening.ts";
import { currentThread, openHandles, portIn, socketsTo } from "./sockets.ts";

/** The process servers that the engine is connected to, and what is left to do when one of them has gone. */
export class Servers {
  /** How long the most patient connection lets its server take, in milliseconds. */
  #patience = 0;
  /** By handle, the text that led to each. */
  readonly #connected = new Map<bigint, string>();
  readonly #gone = new Map<bigint, string>();
  readonly #lifeline: Lifeline;
  readonly #sockets = new Map<bigint, readonly number[]>();

  constructor(lifeline: Lifeline) {
    this.#lifeline = lifeline;
  }

  /** `patience`: how long it may take to answer, now and later, in milliseconds; the watchdog sees to it. */
  connect(objects: EngineObjects, options: string, patience: number): bigint {
    const lifeline = this.#lifeline;
    const port = portIn(options);
    lifeline.beginConnect(port, openHandles(), currentThread(), patience);
    try {
      const server = connectServer(objects, options, patience, lifeline);
      const sockets = socketsTo(port, (handle) => lifeline.isNew(handle));
      this.#connected.set(server, options);
      this.#patience = Math.max(this.#patience, patience);
      this.#sockets.set(server, sockets);
      for (const socket of sockets) lifeline.add(socket);
      return server;
    } finally {
      lifeline.endConnect(this.#patience);
    }
  }

  /** Whether a process server's processes are those of this machine. */
  isHere(server: bigint): boolean {
    return server === 0n ||
      /server=(?:127\.0\.0\.1|localhost|\[?::1\]?)\s*(?:,|$)/i.test(this.#connected.get(server) ?? "");
  }

  disconnect(objects: EngineObjects, server: bigint): void {
    this.#gone.delete(server);
    if (!this.#connected.delete(server)) return;
    letServerGo(objects, server);
    this.#forgetSockets(server);
  }

  end(objects: EngineObjects, server: bigint): void {
    this.check(server);
    objects.client.EndProcessServer(server);
    this.#connected.delete(server);
    this.#forgetSockets(server);
    endIdleSession(objects);
  }

  #forgetSockets(server: bigint): void {
    for (const socket of this.#sockets.get(server) ?? []) this.#lifeline.remove(socket);
    this.#sockets.delete(server);
  }

  /** Disconnects all: the engine keeps them beyond its clients. */
  close(objects: EngineObjects): void {
    for (const server of this.#connected.keys()) this.disconnect(objects, server);
    const { client, control } = objects;
    const isStuck = this.#gone.size > 0 && control.GetExecutionStatus() !== DEBUG_STATUS_NO_DEBUGGEE;
    if (isStuck) client.EndSession(DEBUG_END_PASSIVE);
    this.#gone.clear();
  }

  /** Whether any is known to have gone. */
  get anyGone(): boolean {
    return this.#gone.size > 0;
  }

  /** Lets go of those that do not answer any more; whether there were any. */
  dropGone(objects: EngineObjects): boolean {
    let any = false;
    for (const [server, options] of this.#connected) {
      try {
        runningIds(objects, server);
      } catch (error) {
        if (!(error instanceof HresultError) || !isServerGone(error)) throw error;
        any = true;
        this.#connected.delete(server);
        this.#gone.set(server, options);
        letServerGo(objects, server);
        this.#forgetSockets(server);
      }
    }
    return any;
  }

  /** To be called before something is opened: refuses a server that has gone, and clears away what is left of others. */
  prepare(objects: EngineObjects, server: bigint): void {
    this.dropGone(objects);
    this.check(server);
  }

  /** Refuses a server that is known to have gone. */
  check(server: bigint): void {
    const options = this.#gone.get(server);
    if (options !== undefined) throw unreachable([options]);
  }

  /** The error of a call that failed, perhaps for a server that is gone. */
  told(objects: EngineObjects, error: HresultError): AttachError | EngineError {
    return isServerGone(error) ? this.failure(objects, error) : new EngineError("failed", error.message, error);
  }

  /** The error of a call that found a server gone. */
  failure(objects: EngineObjects, error: HresultError): AttachError {
    this.dropGone(objects);
    return unreachable([...this.#gone.values()], error);
  }
}

function unreachable(servers: readonly string[], details: ErrorDetails = {}): AttachError {
  const addresses = servers.map((options) => `"${options}"`).join(" or ");
  const advice = "it is gone, or does not answer any more; start it again, and connect again";
  const message = `Cannot reach process server ${addresses}: ${advice}${codeText(details)}`;
  return new AttachError("server-unreachable", message, details);
}

function letServerGo(objects: EngineObjects, server: bigint): void {
  try {
    objects.client.DisconnectProcessServer(server);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // it has gone
  }
  endIdleSession(objects);
}

/**
 * To be called before something is opened. The engine remembers the last program: it waits for nothing else once the server of that one has gone,
 * or where it was abandoned before its initial break, and crashes, or refuses what comes next, after others.
 */
export function endIdleSession({ client, control }: EngineObjects): void {
  if (control.GetExecutionStatus() !== DEBUG_STATUS_NO_DEBUGGEE) return;
  try {
    client.EndSession(DEBUG_END_PASSIVE);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // no program was there since the last end
  }
}

/**
 * The engine cannot wait for any program any more once the server of one has gone (tests/live/process_server_test.ts): it is
 * made to forget them all. Those of this machine are let go before that, or they would be ended.
 */
export function forgetPrograms(objects: EngineObjects): void {
  const { client } = objects;
  forEachProcess(objects, () => client.DetachCurrentProcess());
  client.EndSession(DEBUG_END_PASSIVE);
}

/**
 * Lets a program go by `action`. One that has ended is gone already; should its server have gone, that is what is thrown: now, when the
 * engine says E_NOTIMPL, or at a call before.
 */
export function letGo(objects: EngineObjects, servers: Servers, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    if (!servers.dropGone(objects) && !(servers.anyGone && error.hresult === E_NOTIMPL)) {
      if (dropIfEnded(objects)) return;
      throw error;
    }
    if (objects.systemIds().length === 1) forgetPrograms(objects); // others get their turn before that
    throw servers.failure(objects, error);
  }
}
