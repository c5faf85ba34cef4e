import { ComCallback } from "../../com/com_callback.ts";
import { HresultError } from "../../com/hresult.ts";
import { readBytes } from "../../com/memory.ts";
import { StructView } from "../../com/struct_view.ts";
import type { EngineStop } from "../engine_api.ts";
import type { EngineEvent, EventPlace, WantedEvent } from "../../session/engine.ts";
import {
  DEBUG_EVENT_BREAKPOINT,
  DEBUG_EVENT_CREATE_PROCESS,
  DEBUG_EVENT_CREATE_THREAD,
  DEBUG_EVENT_EXCEPTION,
  DEBUG_EVENT_EXIT_PROCESS,
  DEBUG_EVENT_EXIT_THREAD,
  DEBUG_EVENT_LOAD_MODULE,
  DEBUG_EVENT_SYSTEM_ERROR,
  DEBUG_EVENT_UNLOAD_MODULE,
  DEBUG_PROCESS_DETACH_ON_EXIT,
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_GO_NOT_HANDLED,
} from "../generated/constants.ts";
import { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { IDebugEventCallbacksWide } from "../generated/debug_event_callbacks.ts";
import { EXCEPTION_RECORD64 } from "../generated/structs.ts";
import { ComObject } from "../../com/com_object.ts";
import { isAtEntry } from "./breakpoints.ts";
import { Arrivals, type HeldStop } from "./children.ts";
import type { SharedWords } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";
import { exceptionEvent, moduleInfo } from "./records.ts";
import { Unannounced } from "./unannounced.ts";
import { breakInStart } from "./windows.ts";

const EVENT_MASK = DEBUG_EVENT_CREATE_PROCESS | DEBUG_EVENT_EXIT_PROCESS |
  DEBUG_EVENT_CREATE_THREAD | DEBUG_EVENT_EXIT_THREAD |
  DEBUG_EVENT_LOAD_MODULE | DEBUG_EVENT_UNLOAD_MODULE |
  DEBUG_EVENT_EXCEPTION | DEBUG_EVENT_BREAKPOINT | DEBUG_EVENT_SYSTEM_ERROR;

const STATUS_BREAKPOINT = 0x80000003;
const STATUS_SINGLE_STEP = 0x80000004;

/**
 * The engine's event callbacks: decides next to the engine, without a thread hop, what nobody listens to, and holds the rest
 * by answering BREAK, which lets the wait return so that handlers may use the engine.
 */
export class EventReceiver implements Disposable {
  readonly #objects: EngineObjects;
  readonly #callback: ComCallback<IDebugEventCallbacksWide>;
  /** With the interrupts asked for so far, counted by whoever asks, on another thread. */
  readonly #shared: SharedWords;
  readonly #stops: HeldStop[] = [];
  readonly #processes = new Set<number>();
  readonly #awaitingInitialBreak = new Set<number>();
  /** Processes that come without a create-process callback. */
  readonly unannounced = new Unannounced();
  #subscribed: ReadonlySet<WantedEvent> = new Set();
  #answeredInterrupts = 0;
  #decision: number | undefined;
  /** Where threads began, to know those that Windows starts to break in. */
  readonly #threadStarts = new Map<number, bigint>();
  readonly #breakInStarts = new Set([breakInStart()]);
  /**
   * When the run is to be over, by `performance.now()`. The next event stops it then: each one starts the clock of the
   * engine's wait again, and a busy program would keep it for ever.
   */
  end = Infinity;
  /** Those that are to outlive this process, and whether the engine was told. */
  readonly #kept = new Set<number>();
  #isKeeping = false;
  /** Whether programs of another machine are among those debugged. */
  remote = false;
  /** Tells children from what was opened. */
  readonly arrivals: Arrivals;

  constructor(objects: EngineObjects, shared: SharedWords) {
    this.#objects = objects;
    this.#shared = shared;
    this.arrivals = new Arrivals(objects);
    this.#callback = new ComCallback<IDebugEventCallbacksWide>(IDebugEventCallbacksWide, this.#handlers(), {
      defaultResult: DEBUG_STATUS_GO,
    });
    objects.client.SetEventCallbacksWide(this.#callback);
  }

  /** Which events hold the programs. */
  set subscribed(names: ReadonlySet<WantedEvent>) {
    this.#subscribed = names;
  }

  /** The oldest stop that was not given out. */
  next(): HeldStop | undefined {
    return this.#stops.shift();
  }

  /** Whether there is a stop that was not given out. */
  get hasNext(): boolean {
    return this.#stops.length > 0;
  }

  /** The processes that are debugged, running or not. */
  get processes(): ReadonlySet<number> {
    return this.#processes;
  }

  /** Whether the processes are only looked at: the engine cannot run these, and forgets them when it is told to. */
  get onlyObserves(): boolean {
    return this.unannounced.observation !== false;
  }

  /** The event of a process that came without a callback, if one did. */
  arrival(): EngineStop | undefined {
    const event = this.unannounced.take(this.#objects);
    if (!event) return undefined;
    this.#processes.add(event.processId);
    if (this.arrivals.comesSilently(event.processId)) this.#kept.add(event.processId);
    this.#keepPrograms();
    return { kind: "event", event };
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.unannounced.forget(processId);
    this.#processes.delete(processId);
    this.#awaitingInitialBreak.delete(processId);
    this.#kept.delete(processId);
    this.#keepPrograms();
  }

  /** A process ended without the engine's telling: tells of it as if it had. */
  ended(processId: number, exitCode: number): void {
    this.forget(processId);
    this.#hold({ kind: "event", event: { type: "exitProcess", processId, threadId: 0, exitCode } });
  }

  /** Where the engine is now; zeros when it has no process. */
  place(): EventPlace {
    const { system } = this.#objects;
    try {
      return { processId: system.GetCurrentProcessSystemId(), threadId: system.GetCurrentThreadSystemId() };
    } catch {
      return { processId: 0, threadId: 0 };
    }
  }

  /** To be called when a run ended for another reason than an interrupt: one that was asked for meanwhile must not stop a later run. */
  forgetInterrupts(): void {
    if (!this.#interruptAsked()) return;
    this.#answeredInterrupts = Atomics.load(this.#shared, 0);
    this.#objects.control.GetInterrupt(); // takes it out of the engine, if it is still there
  }

  /**
   * What a callback answered for the event of this wait without holding it. The engine's filters may stop it all the same (an
   * access violation, a break instruction): the wait is to go on with this answer then.
   */
  takeDecision(): number | undefined {
    const decision = this.#decision;
    this.#decision = undefined;
    return decision;
  }

  /** Takes the callbacks out of the engine. */
  [Symbol.dispose](): void {
    this.#objects.client.SetEventCallbacksWide(null);
    this.#callback[Symbol.dispose]();
  }

  #interruptAsked(): boolean {
    return Atomics.load(this.#shared, 0) !== this.#answeredInterrupts;
  }

  #hold(stop: HeldStop): number {
    this.#stops.push(stop);
    return DEBUG_STATUS_BREAK;
  }

  /** Holds an event that somebody listens to; otherwise gives what the engine is to do. */
  #report(event: EngineEvent, otherwise: number): number {
    if (this.#subscribed.has(event.type)) return this.#hold({ kind: "event", event });
    return this.#pass(otherwise);
  }

  #handlers(): Partial<IDebugEventCallbacksWide> {
    const go = (event: EngineEvent): number => this.#report(event, DEBUG_STATUS_GO);
    const wanted = (name: WantedEvent): boolean => this.#subscribed.has(name);
    const handlers = {
      GetInterestMask: () => EVENT_MASK,
      Breakpoint: (breakpoint: { pointer: bigint }) => this.#breakpoint(breakpoint.pointer),
      Exception: (record: bigint, firstChance: number) => this.#exception(record, firstChance !== 0),
      CreateThread: (_handle: bigint, _data: bigint, startAddress: bigint) => this.#createThread(startAddress),
      ExitThread: (exitCode: number) => {
        const place = this.place();
        this.#threadStarts.delete(place.threadId);
        return go({ type: "exitThread", ...place, exitCode });
      },
      CreateProcess: (...values: unknown[]) => this.#createProcess(values),
      ExitProcess: (exitCode: number) => {
        const place = this.place();
        this.forget(place.processId);
        return this.#hold({ kind: "event", event: { type: "exitProcess", ...place, exitCode } });
      },
      LoadModule: (...values: unknown[]) =>
        wanted("loadModule")
          ? go({ type: "loadModule", ...this.place(), module: moduleInfo(values.slice(1)) })
          : this.#pass(DEBUG_STATUS_GO),
      UnloadModule: (imageName: string | null, base: bigint) =>
        wanted("unloadModule")
          ? go({ type: "unloadModule", ...this.place(), base, imageName: imageName ?? "" })
          : this.#pass(DEBUG_STATUS_GO),
      SystemError: (error: number, level: number) => go({ type: "systemError", ...this.place(), error, level }),
    };
    return handlers as unknown as Partial<IDebugEventCallbacksWide>;
  }

  #createProcess(values: unknown[]): number {
    const place = this.place();
    const arrival = this.arrivals.arrive(place.processId, moduleInfo(values.slice(2)));
    const { module, parentId, policy, initialBreak, keepOnExit } = arrival;
    if (policy === "ignore") return this.#hold({ kind: "ignored", processId: place.processId });
    this.#processes.add(place.processId);
    if (keepOnExit) this.#kept.add(place.processId);
    this.#keepPrograms();
    if (initialBreak) this.#awaitingInitialBreak.add(place.processId);
    const event: EngineEvent = {
      type: "createProcess",
      ...place,
      module,
      startAddress: values[10] as bigint,
      ...(parentId === undefined ? {} : { parentId }),
      ...(policy === "detach" ? { letGo: true } : {}),
    };
    return this.#hold({ kind: "event", event });
  }

  /**
   * Should this process be killed, Windows lets go of what it debugs, or ends it: of all together, so that one program to keep
   * keeps the others. Only running programs are safe then: held ones stay suspended.
   */
  #keepPrograms(): void {
    const keep = this.#kept.size > 0;
    if (keep === this.#isKeeping) return;
    try {
      if (keep) this.#objects.client.AddProcessOptions(DEBUG_PROCESS_DETACH_ON_EXIT);
      else this.#objects.client.RemoveProcessOptions(DEBUG_PROCESS_DETACH_ON_EXIT);
      this.#isKeeping = keep;
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // no program is there: the next one that comes up makes it possible
    }
  }

  #exception(record: bigint, firstChance: boolean): number {
    if (this.unannounced.awaits(this.place().processId)) return DEBUG_STATUS_BREAK; // see arrival()
    const view = new StructView(EXCEPTION_RECORD64, readBytes(record, EXCEPTION_RECORD64.size));
    const code = view.get("ExceptionCode");
    if (code === STATUS_BREAKPOINT && firstChance) {
      const answer = this.#breakIn();
      if (answer !== undefined) return answer;
    }
    // Under Wine the engine does not always know a data breakpoint of its own again; the program would die of it.
    if (code === STATUS_SINGLE_STEP && this.#objects.control.GetNumberBreakpoints() > 0) {
      return this.#hold({ kind: "break", ...this.place() });
    }
    if (!this.#subscribed.has("exception")) return this.#decide(DEBUG_STATUS_GO_NOT_HANDLED);
    return this.#hold({ kind: "event", event: exceptionEvent(view, code, firstChance, this.place()) });
  }

  /** Answers an event that nobody holds; stops all the same when the run is to be over: see {@linkcode end}. */
  #pass(status: number): number {
    return performance.now() < this.end ? status : this.#decide(status);
  }

  /** The same for an event that the engine's filters may stop whatever is answered. */
  #decide(status: number): number {
    this.#decision = status;
    return performance.now() < this.end ? status : DEBUG_STATUS_BREAK;
  }

  #createThread(startAddress: bigint): number {
    const place = this.place();
    this.#threadStarts.set(place.threadId, startAddress);
    return this.#report({ type: "createThread", ...place, startAddress }, DEBUG_STATUS_GO);
  }

  /**
   * A break instruction: tells those of Windows and of interrupts from the program's own (undefined). An interrupt comes in a
   * thread that Windows starts for it; one that comes too late to be of use is passed over.
   */
  #breakIn(): number | undefined {
    const place = this.place();
    if (this.#awaitingInitialBreak.delete(place.processId)) return this.#hold({ kind: "initialBreak", ...place });
    const start = this.#threadStarts.get(place.threadId) ?? 0n;
    // Another machine's Windows has it elsewhere: the first interrupt there teaches where.
    if (this.remote && start !== 0n && this.#interruptAsked()) this.#breakInStarts.add(start);
    if (!this.#breakInStarts.has(start)) return undefined;
    if (!this.#interruptAsked()) return this.#decide(DEBUG_STATUS_GO_HANDLED);
    this.#answeredInterrupts = Atomics.load(this.#shared, 0);
    return this.#hold({ kind: "interrupt", ...place });
  }

  #breakpoint(pointer: bigint): number {
    // The engine lends its breakpoint for the time of the call: no reference is taken or given back.
    const breakpoint = ComObject.from(IDebugBreakpoint2, pointer);
    const id = breakpoint.GetId();
    if (isAtEntry(id)) return this.#hold({ kind: "entryPoint", ...this.place() });
    const event: EngineEvent = { type: "breakpoint", ...this.place(), id, address: breakpoint.GetOffset() };
    return this.#hold({ kind: "event", event });
  }
}
