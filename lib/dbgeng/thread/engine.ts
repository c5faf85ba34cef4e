import { HresultError } from "../../com/hresult.ts";
import type { Departure, EngineApi, EngineAttach, EngineLaunch, EngineStop, Focus } from "../engine_api.ts";
import type { DumpType, EngineEvent, EngineOptions, ReportRequest, WantedEvent } from "../../session/engine.ts";
import { requireId } from "../../session/arguments.ts";
import { StateError } from "../../session/errors.ts";
import type { ExecutionStatus } from "../../session/status.ts";
import { makeReport } from "../../session/thread_report.ts";
import { refuseMixture } from "./unannounced.ts";
import { breakAtEntry, clearBreakpoints } from "./breakpoints.ts";
import { refuseChildren } from "./children.ts";
import { writeDump } from "./dump.ts";
import { execute } from "./execute.ts";
import { addressOf, evaluate } from "./lookups.ts";
import { cannotAbandon } from "./failures.ts";
import * as inspect from "./inspect.ts";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import { modules } from "./modules.ts";
import { type OpenEngine, openEngine } from "./open_engine.ts";
import type { EngineObjects } from "./objects.ts";
import * as opening from "./opening.ts";
import { readWithPage } from "./own_pages.ts";
import { listThreads } from "./thread_names.ts";
import { endIdleSession, letGo, Servers } from "./servers.ts";
import { stack } from "./stack.ts";
import { breakIntoX86, prepareBreakIn, takesOwnBreakIn } from "./x86_break_in.ts";
import { type Name, nameAt } from "./symbols.ts";
import { userBreakpoints } from "./user_breakpoints.ts";
import * as variables from "./variables.ts";

type Answer<K extends keyof EngineApi> = ReturnType<EngineApi[K]>;

/**
 * Windows' debugger engine as one synchronous core: it runs where its methods are called, in a worker or on the script's own
 * thread, and always on the same one. Wrong states are refused here, since dbgeng may crash on them.
 */
export class DbgEngine implements EngineApi {
  readonly #shared: SharedWords;
  readonly #notify: (event: EngineEvent) => void;
  #open: OpenEngine | undefined;
  readonly #servers: Servers;
  readonly #patience: number;

  /** `patience`: how long a step may keep this thread, in milliseconds. */
  constructor(shared: SharedWords, notify: (event: EngineEvent) => void, patience = Infinity) {
    this.#shared = shared;
    this.#patience = patience;
    this.#servers = new Servers(new Lifeline(shared));
    this.#notify = notify;
  }

  /** Address of the object that takes interrupts from any thread, in what a command has told the engine. */
  get interruptPointer(): bigint {
    return this.#engine.objects.control.pointer;
  }

  get #engine(): OpenEngine {
    if (!this.#open) throw new StateError("closed", "Cannot use the engine: it is closed");
    return this.#open;
  }

  open(options: EngineOptions): Answer<"open"> {
    this.#open ??= openEngine(options, this.#shared, this.#notify, this.#patience);
    return this.#open.info;
  }

  close(): void {
    if (this.#open) this.#servers.close(this.#open.objects);
    this.#open?.[Symbol.dispose]();
    this.#open = undefined;
  }

  subscribe(names: readonly WantedEvent[]): void {
    const set = new Set(names);
    this.#engine.events.answers.subscribed = set;
    this.#engine.output.subscribe(set);
  }

  attach(request: EngineAttach): void {
    const { processId, server, noninvasive, existing, children = [] } = request;
    const { objects, loop } = this.#engine;
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
    const { objects, events, loop } = this.#engine;
    this.#servers.prepare(objects, server);
    this.#refuseMixture(`launch ${commandLine}`, false);
    endIdleSession(objects);
    const pending = opening.launch(objects, request);
    events.loading.launched(request);
    loop.expectProgram({ commandLine, server, children, initialBreak: true, keepOnExit: false }, { pending });
  }

  run(status: ExecutionStatus, milliseconds?: number): EngineStop {
    return this.#engine.loop.run(status, milliseconds);
  }

  /** The objects, with the program and thread in focus: only when a program is there and stopped. */
  #at(focus: Focus): EngineObjects {
    const { objects, loop } = this.#engine;
    if (!loop.isStopped) {
      throw new StateError("no-program", "Cannot look into the program: none is stopped here");
    }
    objects.control.GetInterrupt(); // one that came too late would cut the loading of symbols short
    objects.focus(focus);
    return objects;
  }

  /** The same, with the program's own processor as the engine's effective one. */
  #within<T>(focus: Focus, action: (objects: EngineObjects, context?: Uint8Array<ArrayBuffer>) => T): T {
    const objects = this.#at(focus);
    return this.#engine.events.machines.within(focus.processId, (context) => action(objects, context));
  }

  breakAtEntry(processId: number): void {
    breakAtEntry(this.#at({ processId }));
  }

  detach(processId: number): void {
    this.#release(processId, (objects) => {
      if (!this.#isObserved(processId)) this.#clear(processId, objects);
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
    if (this.#isObserved(processId)) throw cannotAbandon(processId);
    this.#engine.loop.refuseAbandoning(processId);
    this.#release(processId, (objects) => {
      this.#clear(processId, objects);
      objects.client.AbandonCurrentProcess();
    });
  }

  #clear(processId: number, objects: EngineObjects): void {
    const place = this.#engine.loop.drain(processId);
    clearBreakpoints(objects);
    this.#engine.events.machines.beforeRun(place);
  }

  #refuseMixture(action: string, noninvasive: boolean | "noSuspend"): void {
    const { processes, unannounced } = this.#engine.events;
    if (processes.size > 0) refuseMixture(action, unannounced.observation, noninvasive);
  }

  #isObserved(processId: number): boolean {
    return this.#engine.events.unannounced.isObserved(processId);
  }

  #release(processId: number, action: (objects: EngineObjects) => void): void {
    const objects = this.#at({ processId });
    letGo(objects, this.#servers, () => action(objects));
    this.#engine.events.forget(processId);
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
    return opening.processes(this.#engine.objects, server, name);
  }

  connectServer(options: string, patience: number): bigint {
    const server = this.#servers.connect(this.#engine.objects, options, patience);
    this.#engine.events.breakIns.remote = true;
    return server;
  }

  disconnectServer(server: bigint): void {
    this.#servers.disconnect(this.#engine.objects, server);
  }

  endServer(server: bigint): void {
    this.#servers.end(this.#engine.objects, server);
  }

  startServer(options: string): void {
    opening.startServer(this.#engine.objects, options);
  }

  serve(milliseconds: number): boolean {
    return opening.serve(this.#engine.objects, milliseconds);
  }

  stopServer(options: string): void {
    opening.stopServer(this.#engine.objects, options);
  }

  threads(focus: Focus): Answer<"threads"> {
    return listThreads(focus.processId, inspect.threadIds(this.#at(focus)), this.#engine);
  }

  modules(focus: Focus): Answer<"modules"> {
    const { images } = this.#engine.events;
    return modules(this.#at(focus), images.of(focus.processId)).map((each) => images.listed(focus.processId, each));
  }

  stack(focus: Focus, frames: number): Answer<"stack"> {
    return this.#within(focus, (objects, context) => stack(objects, frames, context));
  }

  registers(focus: Focus): Answer<"registers"> {
    return this.#within(focus, inspect.registers);
  }

  report(focus: Focus, request: ReportRequest): Answer<"report"> {
    return makeReport(request, {
      stack: (frames) => this.stack(focus, frames),
      registers: () => this.registers(focus),
      modules: () => this.modules({ processId: focus.processId }),
      threads: () => this.threads({ processId: focus.processId }),
    }, (error) => this.failure(error));
  }

  writeRegister(focus: Focus, name: string, value: bigint | number): void {
    this.#within(focus, (objects, context) => inspect.writeRegister(objects, name, value, context));
  }

  read(focus: Focus, address: bigint, length: number): Uint8Array<ArrayBuffer> {
    return inspect.read(this.#at(focus), address, length);
  }

  readWithPage(focus: Focus, address: bigint, length: number): Answer<"readWithPage"> {
    return readWithPage(this.#at(focus), this.#isObserved(focus.processId), address, length);
  }

  write(focus: Focus, address: bigint, bytes: Uint8Array<ArrayBuffer>): number {
    return inspect.write(this.#at(focus), address, bytes);
  }

  nameAt(focus: Focus, address: bigint): Name | null {
    return nameAt(this.#at(focus), address);
  }

  addressOf(focus: Focus, symbol: string): bigint | null {
    return addressOf(this.#at(focus), symbol, this.#engine.events.images.known(focus.processId));
  }

  variable(focus: Focus, name: string): Answer<"variable"> {
    return variables.variable(this.#at(focus), name, this.#engine.events.images.known(focus.processId));
  }

  type(focus: Focus, which: Parameters<EngineApi["type"]>[1]): Answer<"type"> {
    return variables.type(this.#at(focus), which, this.#engine.events.images.known(focus.processId));
  }

  locals(focus: Focus, frame: number): Answer<"locals"> {
    return this.#within(focus, (objects, context) => variables.locals(objects, frame, context));
  }

  breakpoints(focus: Focus, change?: Parameters<EngineApi["breakpoints"]>[1]): Answer<"breakpoints"> {
    return userBreakpoints(this.#at(focus), this.#engine.events, focus.processId, change);
  }

  evaluate(focus: Focus, expression: string): bigint | number {
    const image = this.#engine.events.images.known(focus.processId);
    return this.#within(focus, (objects) => evaluate(objects, expression, image));
  }

  execute(focus: Focus, text: string): Answer<"execute"> {
    return execute(this.#engine, this.#at(focus), focus.processId, text);
  }

  writeDump(focus: Focus, path: string, type: DumpType, comment: string | null): void {
    writeDump(this.#at(focus), path, type, comment);
  }

  /** Makes what one of these methods threw ready for others: HRESULTs become the session's errors. */
  failure(error: unknown): unknown {
    return error instanceof HresultError ? this.#servers.told(this.#engine.objects, error) : error;
  }
}
