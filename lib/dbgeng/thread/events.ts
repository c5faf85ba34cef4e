import { ComCallback } from "../../com/com_callback.ts";
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
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_HANDLED,
  DEBUG_STATUS_GO_NOT_HANDLED,
} from "../generated/constants.ts";
import { IDebugBreakpoint2 } from "../generated/debug_breakpoint.ts";
import { IDebugEventCallbacksWide } from "../generated/debug_event_callbacks.ts";
import { EXCEPTION_RECORD64 } from "../generated/structs.ts";
import { ComObject } from "../../com/com_object.ts";
import { disarm, isAtEntry, isAtStepEnd } from "./breakpoints.ts";
import { Answers } from "./answers.ts";
import { Arrivals } from "./children.ts";
import { BreakIns } from "./break_ins.ts";
import { Hits } from "./hits.ts";
import { Images } from "./images.ts";
import { LoadFailures } from "./load_failures.ts";
import { KeptPrograms } from "./kept.ts";
import type { SharedWords } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";
import { Machines } from "./machines.ts";
import { exceptionEvent } from "./records.ts";
import { NAMES_THREAD, ToldNames } from "./thread_names.ts";
import { isX86Break, trapOf } from "./traps.ts";
import { SingleSteps } from "./single_steps.ts";
import { Unannounced } from "./unannounced.ts";

const EVENT_MASK = DEBUG_EVENT_CREATE_PROCESS | DEBUG_EVENT_EXIT_PROCESS |
  DEBUG_EVENT_CREATE_THREAD | DEBUG_EVENT_EXIT_THREAD |
  DEBUG_EVENT_LOAD_MODULE | DEBUG_EVENT_UNLOAD_MODULE |
  DEBUG_EVENT_EXCEPTION | DEBUG_EVENT_BREAKPOINT | DEBUG_EVENT_SYSTEM_ERROR;

/**
 * The engine's event callbacks: decides next to the engine, without a thread hop, what nobody listens to, and holds the rest
 * by answering BREAK, which lets the wait return so that handlers may use the engine.
 */
export class EventReceiver implements Disposable {
  readonly #objects: EngineObjects;
  readonly #callback: ComCallback<IDebugEventCallbacksWide>;
  readonly #processes = new Set<number>();
  /** The programs' own files. */
  readonly images: Images;
  /** What the programs were compiled for. */
  readonly machines: Machines;
  /** Processes that come without a create-process callback. */
  readonly unannounced = new Unannounced();
  /** Threads of the programs that have begun since {@linkcode takeBegun}. */
  #begun: EventPlace[] = [];
  /** Which single steps are the debugger's. */
  readonly steps: SingleSteps;
  /** Which hits are new ones. */
  readonly hits: Hits;
  /** What the program calls its threads. */
  readonly threadNames: ToldNames;
  /** Which break instructions are the debugger's. */
  readonly breakIns: BreakIns;
  /** How each of the events is answered, and what waits to be told. */
  readonly answers: Answers;
  /** Whether the exception at which the engine has stopped is a single step of the debugger's, and none of the program's. */
  isTrap = false;
  readonly #kept: KeptPrograms;
  /** Tells children from what was opened. */
  readonly arrivals: Arrivals;
  /** Why programs could not be loaded. */
  readonly loading = new LoadFailures();

  constructor(objects: EngineObjects, shared: SharedWords) {
    this.#objects = objects;
    this.#kept = new KeptPrograms(objects);
    this.hits = new Hits(objects);
    this.steps = new SingleSteps(objects, this.hits);
    this.machines = new Machines(objects);
    this.images = new Images(objects, this.machines);
    this.threadNames = new ToldNames(objects);
    this.breakIns = new BreakIns(objects, shared);
    this.answers = new Answers(this.breakIns);
    this.arrivals = new Arrivals(objects);
    this.#callback = new ComCallback<IDebugEventCallbacksWide>(IDebugEventCallbacksWide, this.#handlers(), {
      defaultResult: DEBUG_STATUS_GO,
    });
    objects.client.SetEventCallbacksWide(this.#callback);
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
    const isHere = this.unannounced.isHere;
    const event = this.unannounced.take(this.#objects);
    if (!event) return undefined;
    this.#processes.add(event.processId);
    this.images.set(event.processId, event.module);
    this.machines.came(event.processId, event.module.base, isHere);
    if (this.arrivals.comesSilently(event.processId)) this.#kept.add(event.processId);
    else this.#kept.tell();
    return { kind: "event", event: { ...event, ...this.machines.told(event.processId) } };
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.unannounced.forget(processId);
    this.#processes.delete(processId);
    this.images.forget(processId);
    this.machines.forget(processId);
    this.loading.forget(processId);
    this.breakIns.forget(processId);
    this.hits.forget(processId);
    this.steps.forget(processId);
    this.threadNames.forget(processId);
    this.#kept.delete(processId);
  }

  /** A process left without the engine's telling: tells of its end as if it had; without an exit code it runs on. */
  left(processId: number, exitCode: number | undefined): void {
    this.forget(processId);
    if (exitCode === undefined) this.answers.hold({ kind: "left", processId });
    else this.answers.hold({ kind: "event", event: { type: "exitProcess", processId, threadId: 0, exitCode } });
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

  /** The engine is about to wait. */
  newWait(): void {
    this.hits.newStop();
    this.isTrap = false;
  }

  /** Threads that have begun since the last time. */
  takeBegun(): EventPlace[] {
    const begun = this.#begun;
    this.#begun = [];
    return begun;
  }

  /** Takes the callbacks out of the engine. */
  [Symbol.dispose](): void {
    this.#objects.client.SetEventCallbacksWide(null);
    this.#callback[Symbol.dispose]();
  }

  #handlers(): Partial<IDebugEventCallbacksWide> {
    const go = (event: EngineEvent): number => this.answers.report(event, DEBUG_STATUS_GO);
    const wanted = (name: WantedEvent): boolean => this.answers.subscribed.has(name);
    const handlers = {
      GetInterestMask: () => EVENT_MASK,
      Breakpoint: (breakpoint: { pointer: bigint }) => this.#breakpoint(breakpoint.pointer),
      Exception: (record: bigint, firstChance: number) => this.#exception(record, firstChance !== 0),
      CreateThread: (_handle: bigint, _data: bigint, startAddress: bigint) => this.#createThread(startAddress),
      ExitThread: (exitCode: number) => {
        const place = this.place();
        this.breakIns.threadEnded(place.threadId);
        this.hits.threadEnded(place);
        this.steps.over(place.threadId);
        this.threadNames.threadEnded(place);
        return go({ type: "exitThread", ...place, exitCode });
      },
      CreateProcess: (...values: unknown[]) => this.#createProcess(values),
      ExitProcess: (exitCode: number) => {
        const place = this.place();
        const cause = this.loading.causeOf(place.processId, exitCode);
        this.forget(place.processId);
        const event = { type: "exitProcess", ...place, exitCode, ...(cause === undefined ? {} : { cause }) } as const;
        return this.answers.hold({ kind: "event", event });
      },
      LoadModule: (...values: unknown[]) =>
        wanted("loadModule")
          ? go({ type: "loadModule", ...this.place(), module: this.images.loaded(this.place(), values.slice(1)) })
          : this.answers.pass(DEBUG_STATUS_GO),
      UnloadModule: (imageName: string | null, base: bigint) =>
        wanted("unloadModule")
          ? go({ type: "unloadModule", ...this.place(), base, imageName: imageName ?? "" })
          : this.answers.pass(DEBUG_STATUS_GO),
      SystemError: (error: number, level: number) => go({ type: "systemError", ...this.place(), error, level }),
    };
    return handlers as unknown as Partial<IDebugEventCallbacksWide>;
  }

  #createProcess(values: unknown[]): number {
    const place = this.place();
    const image = this.images.created(place.processId, values[1] as bigint, values.slice(2));
    const arrival = this.arrivals.arrive(place.processId, image);
    const { module, parentId, policy, initialBreak, keepOnExit } = arrival;
    if (policy === "ignore") return this.answers.hold({ kind: "ignored", processId: place.processId });
    this.#processes.add(place.processId);
    this.images.set(place.processId, module);
    this.machines.came(place.processId, module.base, this.images.isLocal(place.processId));
    this.loading.came(place.processId, values[1] as bigint);
    if (keepOnExit) this.#kept.add(place.processId);
    else this.#kept.tell();
    if (initialBreak) this.breakIns.expectInitial(place.processId, !keepOnExit);
    const event: EngineEvent = {
      type: "createProcess",
      ...place,
      module,
      startAddress: values[10] as bigint,
      ...this.machines.told(place.processId),
      ...(parentId === undefined ? {} : { parentId }),
      ...(policy === "detach" ? { letGo: true } : {}),
    };
    return this.answers.hold({ kind: "event", event });
  }

  #exception(record: bigint, firstChance: boolean): number {
    const place = this.place();
    if (this.unannounced.awaits(place.processId)) return DEBUG_STATUS_BREAK; // see arrival()
    const view = new StructView(EXCEPTION_RECORD64, readBytes(record, EXCEPTION_RECORD64.size));
    const code = view.get("ExceptionCode");
    if (code === NAMES_THREAD && firstChance) this.threadNames.take(place, view);
    const trap = trapOf(code);
    this.isTrap = false;
    if (trap === "break" && firstChance) {
      const answer = this.#breakIn(place, isX86Break(code));
      if (answer !== undefined) return answer;
      const address = view.get("ExceptionAddress");
      if (this.hits.isOfRemoved(place, address)) return this.answers.decide(DEBUG_STATUS_GO_HANDLED);
    }
    const cause = trap === "step" && firstChance ? this.steps.take(place) : undefined;
    this.isTrap = cause !== undefined;
    if (cause === "step") return this.answers.decide(DEBUG_STATUS_GO_HANDLED);
    if (!this.isTrap) this.steps.raised(place);
    this.hits.leaveThread(place.threadId);
    if (this.isTrap) return this.answers.hold({ kind: "break", ...place });
    const isHeard = this.answers.subscribed.has("exception");
    if (!isHeard && !firstChance) disarm(this.#objects);
    if (!isHeard) return this.answers.decide(DEBUG_STATUS_GO_NOT_HANDLED);
    return this.answers.hold({ kind: "event", event: exceptionEvent(this.#objects, view, code, firstChance, place) });
  }

  #createThread(startAddress: bigint): number {
    const place = this.place();
    this.breakIns.threadBegan(place, startAddress);
    if (this.answers.carried && !this.breakIns.isOne(startAddress)) this.#begun.push(place);
    return this.answers.report({ type: "createThread", ...place, startAddress }, DEBUG_STATUS_GO);
  }

  /** A break instruction; undefined for one of the program's own. */
  #breakIn(place: EventPlace, isX86: boolean): number | undefined {
    const kind = this.breakIns.take(place, isX86);
    if (kind === undefined) return undefined;
    if (kind === "initialBreak") this.loading.forget(place.processId);
    if (kind === "initialBreak" || kind === "interrupt") return this.answers.hold({ kind, ...place });
    return kind === "late"
      ? this.answers.decide(DEBUG_STATUS_GO_HANDLED)
      : this.answers.stopWith(DEBUG_STATUS_GO_HANDLED);
  }

  #breakpoint(pointer: bigint): number {
    // The engine lends its breakpoint for the time of the call: no reference is taken or given back.
    const breakpoint = ComObject.from(IDebugBreakpoint2, pointer);
    const id = breakpoint.GetId();
    const place = this.place();
    const isStepped = this.steps.over(place.threadId);
    if (isAtEntry(id)) {
      this.#objects.ownBreakpoints.delete(id); // it was for one hit
      return this.answers.hold({ kind: "entryPoint", ...place });
    }
    const isNews = this.hits.isNews(breakpoint, place, isStepped);
    if (isAtStepEnd(id)) {
      const hit = this.hits.tryHere(place);
      if (hit && this.steps.ends?.arrives(id, hit)) return this.answers.hold({ kind: "break", ...place });
    } else if (isNews) {
      return this.answers.hold({
        kind: "event",
        event: { type: "breakpoint", ...place, id, address: breakpoint.GetOffset() },
      });
    }
    // The thread is carried over its instruction before the programs go on.
    return this.answers.stopWith(DEBUG_STATUS_GO);
  }
}
