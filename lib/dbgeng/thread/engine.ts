import { E_UNEXPECTED, HresultError, S_FALSE } from "../../com/hresult.ts";
import type {
  Departure,
  DumpType,
  EngineApi,
  EngineAttach,
  EngineEvent,
  EngineInfo,
  EngineLaunch,
  EngineOptions,
  EngineStop,
  EventName,
  Focus,
  ModuleInfo,
  ProcessInfo,
  RegisterValue,
  StackFrame,
  ThreadInfo,
} from "../../session/engine.ts";
import { codeText, EngineError, StateError } from "../../session/errors.ts";
import type { ExecutionStatus } from "../../session/status.ts";
import {
  DEBUG_DUMP_SMALL,
  DEBUG_FORMAT_USER_SMALL_FULL_MEMORY,
  DEBUG_FORMAT_USER_SMALL_FULL_MEMORY_INFO,
  DEBUG_FORMAT_USER_SMALL_HANDLE_DATA,
  DEBUG_FORMAT_USER_SMALL_THREAD_INFO,
  DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES,
  DEBUG_INTERRUPT_ACTIVE,
  DEBUG_PROCESS_DETACH_ON_EXIT,
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_GO_NOT_HANDLED,
  DEBUG_STATUS_NO_DEBUGGEE,
  DEBUG_STATUS_STEP_INTO,
  DEBUG_STATUS_STEP_OVER,
} from "../generated/constants.ts";
import { EventReceiver, type InterruptCounter } from "./events.ts";
import * as inspect from "./inspect.ts";
import { leaseEngine } from "./lease.ts";
import { EngineObjects } from "./objects.ts";
import * as opening from "./opening.ts";
import { OutputReceiver } from "./output.ts";
import { forgetPrograms, letGo, Servers } from "./servers.ts";
import { moveFile, removeFile } from "./windows.ts";

/**
 * How long one wait may last, in milliseconds. No wait is infinite: an interrupt that is sent while the last event of the
 * running wait was the end of a thread does nothing (tests/live/interrupt_test.ts), and the break-in thread of an earlier
 * interrupt ends at the beginning of the next wait, which is therefore short.
 */
const FIRST_SLICE = 2;
const SLICE = 100;

const STATUS_CODES: Readonly<Record<Exclude<ExecutionStatus, "noChange" | "break">, number>> = {
  go: DEBUG_STATUS_GO,
  goHandled: DEBUG_STATUS_GO_HANDLED,
  goNotHandled: DEBUG_STATUS_GO_NOT_HANDLED,
  stepOver: DEBUG_STATUS_STEP_OVER,
  stepInto: DEBUG_STATUS_STEP_INTO,
};

const DUMP_FORMATS: Readonly<Record<DumpType, number>> = {
  mini: DEBUG_FORMAT_USER_SMALL_THREAD_INFO | DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES,
  full: DEBUG_FORMAT_USER_SMALL_FULL_MEMORY | DEBUG_FORMAT_USER_SMALL_HANDLE_DATA |
    DEBUG_FORMAT_USER_SMALL_UNLOADED_MODULES |
    DEBUG_FORMAT_USER_SMALL_FULL_MEMORY_INFO | DEBUG_FORMAT_USER_SMALL_THREAD_INFO,
};

/** Everything that exists while the engine is open. */
interface OpenEngine extends Disposable {
  readonly info: EngineInfo;
  readonly objects: EngineObjects;
  readonly events: EventReceiver;
  readonly output: OutputReceiver;
}

/**
 * Windows' debugger engine as one synchronous core: it runs where its methods are called, in a worker or on the script's own
 * thread, and always on the same one. Wrong states are refused here, since dbgeng may crash on them.
 */
export class DbgEngine implements EngineApi {
  readonly #interrupts: InterruptCounter;
  readonly #notify: (event: EngineEvent) => void;
  #open: OpenEngine | undefined;
  /** Memory that an asked-for launch points into until the next wait has carried it out. */
  #pending: unknown[] = [];
  readonly #servers = new Servers();
  /** Whether an attach or a launch was asked for and no wait has carried it out yet. */
  #opening = false;
  /** Whether the engine is to be told, once it has a process, that its programs outlive it. */
  #keepOnExit = false;
  /**
   * How the programs go on, set while they run without a wait. The engine is at BREAK then: when a slice of time is over it
   * stays there, and after events that nobody holds it may stop.
   */
  #goOn: number | undefined;
  #interruptNext = false;

  constructor(interrupts: InterruptCounter, notify: (event: EngineEvent) => void) {
    this.#interrupts = interrupts;
    this.#notify = notify;
  }

  /** Address of the object that takes interrupts from any thread. */
  get interruptPointer(): bigint {
    return this.#engine.objects.control.pointer;
  }

  get #engine(): OpenEngine {
    if (!this.#open) throw new StateError("closed", "Cannot use the engine: it is closed");
    return this.#open;
  }

  open(options: EngineOptions): EngineInfo {
    if (this.#open) return this.#open.info;
    using stack = new DisposableStack();
    const { engine } = stack.use(leaseEngine(options.engine));
    const objects = stack.use(new EngineObjects(engine, options.symbolPath ?? ""));
    const events = stack.use(new EventReceiver(objects, this.#interrupts, this.#notify));
    const output = stack.use(new OutputReceiver(objects, () => events.place(), this.#notify));
    const owned = stack.move();
    this.#open = { info: engine.info, objects, events, output, [Symbol.dispose]: () => owned[Symbol.dispose]() };
    return engine.info;
  }

  close(): void {
    if (this.#open) this.#servers.close(this.#open.objects);
    this.#open?.[Symbol.dispose]();
    this.#open = undefined;
  }

  subscribe(names: readonly EventName[]): void {
    const set = new Set(names);
    this.#engine.events.subscribed = set;
    this.#engine.output.subscribe(set);
  }

  attach(request: EngineAttach): void {
    this.#servers.prepare(this.#engine.objects, request.server);
    opening.attach(this.#engine.objects, request);
    this.#keepOnExit = true;
    this.#engine.events.expectInitialBreak = request.initialBreak !== false && !request.noninvasive &&
      !request.existing;
    this.#opening = true;
  }

  launch(request: EngineLaunch): void {
    this.#servers.prepare(this.#engine.objects, request.server);
    this.#pending = opening.launch(this.#engine.objects, request);
    this.#engine.events.expectInitialBreak = true;
    this.#opening = true;
  }

  run(status: ExecutionStatus, milliseconds = Infinity): EngineStop {
    const { events } = this.#engine;
    const queued = events.next();
    if (queued) return queued;
    const end = performance.now() + milliseconds;
    events.end = end;
    for (let slice = this.#goOn === undefined ? FIRST_SLICE : SLICE;; slice = SLICE) {
      this.#answer(status);
      if (this.#interruptNext && slice !== FIRST_SLICE) this.#interrupt();
      let stop = this.#wait(Math.min(slice, Math.max(1, end - performance.now())));
      const decision = events.takeDecision();
      if (stop.kind === "break" && decision !== undefined) {
        this.#goOn = decision;
        stop = { kind: "expired" };
      }
      if (stop.kind === "expired" && performance.now() < end) continue;
      if (stop.kind !== "interrupt" && stop.kind !== "expired") events.forgetInterrupts();
      return stop;
    }
  }

  /** Has the next run interrupted, for a caller on the engine's own thread; others have {@linkcode interruptPointer}. */
  interruptNextRun(): void {
    this.#interruptNext = true;
  }

  /**
   * Works between telling the engine to go on and the wait; while it is at BREAK, an interrupt would do nothing. Never before
   * the first slice: under Wine, a launched program that is broken into on its very first steps ends with code 1.
   */
  #interrupt(): void {
    this.#interruptNext = false;
    if (this.#opening) return; // there may be no program yet
    Atomics.add(this.#interrupts, 0, 1);
    try {
      this.#engine.objects.control.SetInterrupt(DEBUG_INTERRUPT_ACTIVE);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // the program is ending, and with it the run
    }
  }

  /** Tells the engine how to go on. */
  #answer(status: ExecutionStatus): void {
    const { control } = this.#engine.objects;
    if (control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE) {
      if (this.#opening) return;
      throw new StateError("no-program", "Cannot run: no program is being debugged");
    }
    if (this.#goOn !== undefined) this.#setStatus(this.#goOn);
    else if (status !== "noChange" && status !== "break") this.#setStatus(STATUS_CODES[status]);
    this.#goOn = undefined;
  }

  #setStatus(code: number): void {
    try {
      this.#engine.objects.control.SetExecutionStatus(code);
    } catch (error) {
      // At the end of a process the engine takes no status (E_NOINTERFACE): the next wait goes on by itself.
      if (!(error instanceof HresultError)) throw error;
    }
  }

  #wait(milliseconds: number): EngineStop {
    const { events, objects: { control } } = this.#engine;
    try {
      control.WaitForEvent(0, Math.ceil(milliseconds));
    } catch (error) {
      return this.#waitFailed(error);
    }
    const stop = events.next();
    if (stop === undefined && control.lastHresult === S_FALSE) {
      this.#goOn = DEBUG_STATUS_GO;
      return { kind: "expired" };
    }
    this.#opening = false;
    this.#pending = [];
    if (this.#keepOnExit) this.#keepPrograms();
    return stop ?? { kind: "break", ...events.place() };
  }

  /** Should this process be killed, Windows lets go of what it debugs: only running programs are safe then, held ones stay suspended. */
  #keepPrograms(): void {
    this.#keepOnExit = false;
    this.#engine.objects.client.AddProcessOptions(DEBUG_PROCESS_DETACH_ON_EXIT);
  }

  #waitFailed(error: unknown): EngineStop {
    const wasOpening = this.#opening;
    this.#opening = false;
    this.#pending = [];
    if (!(error instanceof HresultError)) throw error;
    const gone = this.#engine.objects.control.GetExecutionStatus() === DEBUG_STATUS_NO_DEBUGGEE;
    if (error.hresult === E_UNEXPECTED && gone) return { kind: "ended" };
    if (opening.isServerGone(error)) forgetPrograms(this.#engine.objects);
    throw wasOpening ? opening.attachFailure("carry out the attach or launch", error) : error;
  }

  /** The objects, with the program and thread in focus: only when a program is there and stopped. */
  #at(focus: Focus): EngineObjects {
    const { objects } = this.#engine;
    if (objects.control.GetExecutionStatus() !== DEBUG_STATUS_BREAK || this.#goOn !== undefined) {
      throw new StateError("no-program", "Cannot look into the program: none is stopped here");
    }
    objects.control.GetInterrupt(); // one that came too late would cut the loading of symbols short
    objects.focus(focus);
    return objects;
  }

  detach(processId: number): void {
    const objects = this.#at({ processId });
    letGo(objects, this.#servers, () => objects.client.DetachCurrentProcess());
  }

  terminate(processId: number): void {
    const objects = this.#at({ processId });
    letGo(objects, this.#servers, () => {
      objects.client.TerminateCurrentProcess();
      objects.client.DetachCurrentProcess();
    });
  }

  abandon(processId: number): void {
    const objects = this.#at({ processId });
    letGo(objects, this.#servers, () => objects.client.AbandonCurrentProcess());
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

  processes(server: bigint): ProcessInfo[] {
    this.#servers.check(server);
    return opening.processes(this.#engine.objects, server);
  }

  connectServer(options: string): bigint {
    const server = this.#servers.connect(this.#engine.objects, options);
    this.#engine.events.remote = true;
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
    const begin = performance.now();
    this.#engine.objects.client.WaitForProcessServerEnd(milliseconds);
    // S_OK says the end and the end of the time alike; once the server has ended, the wait comes back at once.
    return performance.now() - begin < milliseconds / 2;
  }

  stopServer(options: string): void {
    opening.stopServer(this.#engine.objects, options);
  }

  threads(focus: Focus): ThreadInfo[] {
    return inspect.threads(this.#at(focus));
  }

  modules(focus: Focus): ModuleInfo[] {
    return inspect.modules(this.#at(focus));
  }

  stack(focus: Focus, frames: number): StackFrame[] {
    return inspect.stack(this.#at(focus), frames);
  }

  registers(focus: Focus): Record<string, RegisterValue> {
    return inspect.registers(this.#at(focus));
  }

  writeRegister(focus: Focus, name: string, value: bigint | number): void {
    inspect.writeRegister(this.#at(focus), name, value);
  }

  read(focus: Focus, address: bigint, length: number): Uint8Array<ArrayBuffer> {
    return inspect.read(this.#at(focus), address, length);
  }

  write(focus: Focus, address: bigint, bytes: Uint8Array<ArrayBuffer>): number {
    return inspect.write(this.#at(focus), address, bytes);
  }

  nameAt(focus: Focus, address: bigint): { symbol: string; displacement: bigint } | null {
    return inspect.nameAt(this.#at(focus), address);
  }

  addressOf(focus: Focus, symbol: string): bigint | null {
    return inspect.addressOf(this.#at(focus), symbol);
  }

  evaluate(focus: Focus, expression: string): bigint | number {
    return inspect.evaluate(this.#at(focus), expression);
  }

  execute(focus: Focus, command: string): { text: string; moved: boolean } {
    const { control } = this.#at(focus);
    const text = this.#engine.output.execute(command);
    const status = control.GetExecutionStatus();
    return { text, moved: status !== DEBUG_STATUS_BREAK && status !== DEBUG_STATUS_NO_DEBUGGEE };
  }

  /** Written beside its place and moved there when whole: a dump that is there is complete. */
  writeDump(focus: Focus, path: string, type: DumpType, comment: string | null): void {
    const { client } = this.#at(focus);
    const partial = `${path}.partial`;
    removeFile(partial);
    try {
      client.WriteDumpFileWide(partial, 0n, DEBUG_DUMP_SMALL, DUMP_FORMATS[type], comment);
    } catch (error) {
      removeFile(partial);
      throw new EngineError(
        "failed",
        `Cannot write the dump ${path}: look at the folder and its free space${codeText(error as HresultError)}`,
        error as HresultError,
      );
    }
    if (!moveFile(partial, path)) {
      removeFile(partial);
      throw new EngineError("failed", `Cannot write the dump ${path}: the finished file cannot be moved there`);
    }
  }

  /** Makes what one of these methods threw ready for others: HRESULTs become the session's errors. */
  failure(error: unknown): unknown {
    if (!(error instanceof HresultError)) return error;
    if (!opening.isServerGone(error)) return new EngineError("failed", error.message, error);
    return this.#servers.failure(this.#engine.objects, error);
  }
}
