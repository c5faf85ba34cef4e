import { HresultError } from "../../com/hresult.ts";
import type { Departure, EngineApi, EngineAttach, EngineLaunch, EngineStop } from "../engine_api.ts";
import type { EngineEvent, EngineOptions, WantedEvent } from "../../session/engine.ts";
import { requireId } from "../../session/arguments.ts";
import { StateError } from "../../session/errors.ts";
import type { ExecutionStatus } from "../../session/status.ts";
import { refuseMixture } from "./unannounced.ts";
import { DumpLooks } from "./dump_looks.ts";
import { breakAtEntry, clearBreakpoints } from "./breakpoints.ts";
import { refuseChildren } from "./children.ts";
import { cannotAbandon } from "./failures.ts";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import { type OpenEngine, openEngine } from "./open_engine.ts";
import type { EngineObjects } from "./objects.ts";
import * as opening from "./opening.ts";
import { endIdleSession, letGo, Servers } from "./servers.ts";
import { breakIntoX86, prepareBreakIn, takesOwnBreakIn } from "./x86_break_in.ts";

type Answer<K extends keyof EngineApi> = ReturnType<EngineApi[K]>;

/**
 * Windows' debugger engine as one synchronous core: it runs where its methods are called, in a worker or on the script's own
 * thread, and always on the same one. Wrong states are refused here, since dbgeng may crash on them.
 */
export class DbgEngine extends DumpLooks implements EngineApi {
  readonly #shared: SharedWords;
  readonly #notify: (event: EngineEvent) => void;
  #open: OpenEngine | undefined;
  readonly #servers: Servers;
  readonly #patience: number;

  /** `patience`: how long a step may keep this thread, in milliseconds. */
  constructor(shared: SharedWords, notify: (event: EngineEvent) => void, patience = Infinity) {
    super();
    this.#shared = shared;
    this.#patience = patience;
    this.#servers = new Servers(new Lifeline(shared));
    this.#notify = notify;
  }

  /** Address of the object that takes interrupts from any thread, in what a command has told the engine. */
  get interruptPointer(): bigint {
    return this.engine.objects.control.pointer;
  }

  protected override get engine(): OpenEngine {
    if (!this.#open) throw new StateError("closed", "Cannot use the engine: it is closed");
    return this.#open;
  }

  open(options: EngineOptions): Answer<"open"> {
    this.#open ??= openEngine(options, this.#shared, this.#notify, this.#patience);
    return this.#open.info;
  }

  close(): void {
    if (this.#open) {
      this.endDump();
      this.#servers.close(this.#open.objects);
    }
    this.#open?.[Symbol.dispose]();
    this.#open = undefined;
  }

  subscribe(names: readonly WantedEvent[]): void {
    const set = new Set(names);
    this.engine.events.answers.subscribed = set;
    this.engine.output.subscribe(set);
  }

  attach(request: EngineAttach): void {
    const { processId, server, noninvasive, existing, children = [] } = request;
    const { objects, loop } = this.engine;
    this.refuseDump("attach");
    requireId("Cannot attach", "the process id", processId);
    opening.refuseSelf(request);
    refuseChildren(request);
    this.#servers.prepare(objects, server);
    this.#refuseMixture(`attach to process ${processId}`, noninvasive ?? false);
    endIdleSession(objects);
    const initialBreak = request.initialBreak !== false && !noninvasive && !existing;
    const breaksItself = initialBreak && server === 0n && takesOwnBreakIn(processId);
    if (breaksItself) prepareBreakIn(processId);
    opening.attach(objects, breaksItself ? { ...request, initialBreak: false } : request, this.#servers.isHere(server));
    if (breaksItself) breakIntoX86(processId);
    loop.expectProgram({ processId, server, children, initialBreak, keepOnExit: !noninvasive }, { attach: request });
  }

  launch(request: EngineLaunch): void {
    const { commandLine, server, children } = request;
    const { objects, events, loop } = this.engine;
    this.refuseDump("launch");
    this.#servers.prepare(objects, server);
    this.#refuseMixture(`launch ${commandLine}`, false);
    endIdleSession(objects);
    const pending = opening.launch(objects, request);
    events.loading.launched(request);
    loop.expectProgram({ commandLine, server, children, initialBreak: true, keepOnExit: false }, { pending });
  }

  run(status: ExecutionStatus, milliseconds?: number): EngineStop {
    this.refuseDump("run");
    return this.engine.loop.run(status, milliseconds);
  }

  breakAtEntry(processId: number): void {
    breakAtEntry(this.at({ processId }));
  }

  detach(processId: number): void {
    this.#release(processId, (objects) => {
      if (!this.isObserved(processId)) this.#clear(processId, objects);
      objects.client.DetachCurrentProcess();
    });
  }

  terminate(processId: number): void {
    this.#release(processId, ({ client }) => {
      client.TerminateCurrentProcess();
      client.DetachCurrentProcess();
    });
  }

  abandon(processId: number): void {
    if (this.isObserved(processId)) throw cannotAbandon(processId);
    this.engine.loop.refuseAbandoning(processId);
    this.#release(processId, (objects) => {
      this.#clear(processId, objects);
      objects.client.AbandonCurrentProcess();
    });
  }

  #clear(processId: number, objects: EngineObjects): void {
    const place = this.engine.loop.drain(processId);
    clearBreakpoints(objects);
    this.engine.events.machines.beforeRun(place);
  }

  #refuseMixture(action: string, noninvasive: boolean | "noSuspend"): void {
    const { processes, unannounced } = this.engine.events;
    if (processes.size > 0) refuseMixture(action, unannounced.observation, noninvasive);
  }

  #release(processId: number, action: (objects: EngineObjects) => void): void {
    const objects = this.at({ processId });
    letGo(objects, this.#servers, () => action(objects));
    this.engine.events.forget(processId);
  }

  leave(departures: readonly Departure[]): void {
    for (const { processId, how } of departures) {
      try {
        this[how](processId);
      } catch {
        // The process of this script ends at this moment: each of the others still gets its turn.
      }
    }
  }

  processes(server: bigint, name?: string): Answer<"processes"> {
    this.#servers.check(server);
    return opening.processes(this.engine.objects, server, name);
  }

  connectServer(options: string, patience: number): bigint {
    const server = this.#servers.connect(this.engine.objects, options, patience);
    this.engine.events.breakIns.remote = true;
    return server;
  }

  disconnectServer(server: bigint): void {
    this.#servers.disconnect(this.engine.objects, server);
  }

  endServer(server: bigint): void {
    this.#servers.end(this.engine.objects, server);
  }

  startServer(options: string): void {
    opening.startServer(this.engine.objects, options);
  }

  serve(milliseconds: number): boolean {
    return opening.serve(this.engine.objects, milliseconds);
  }

  stopServer(options: string): void {
    opening.stopServer(this.engine.objects, options);
  }

  /** Makes what one of these methods threw ready for others: HRESULTs become the session's errors. */
  override failure(error: unknown): unknown {
    return error instanceof HresultError ? this.#servers.told(this.engine.objects, error) : error;
  }
}
