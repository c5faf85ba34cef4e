import { requireId, requireText } from "./arguments.ts";
import type { BreakpointRecord } from "./breakpoint_records.ts";
import { type Breakpoint, type BreakpointOptions, Breakpoints } from "./breakpoints.ts";
import type { AttachReason, ProgramEnd } from "./contract.ts";
import type { ModuleInfo, ThreadInfo } from "./engine.ts";
import type { EventName } from "./events.ts";
import type { EventMap, LifecycleData } from "./event_map.ts";
import type { OwnRequest } from "./memory.ts";
import type { HandlerOf, OriginOf, SessionOf, StopOf } from "./program_parts.ts";
import { ProgramView } from "./program_view.ts";
import { asItCame } from "./provenance.ts";
import type { SourcePlace } from "./source_lines.ts";
import { Thread } from "./thread.ts";
import { untilEnd } from "./until_end.ts";
import type { WaitOptions } from "./wait_options.ts";

/** Data of the events of a program's life, in their order. Each is held until its handlers are done. */
export type LifecycleEventData = LifecycleData<Program>;

/** Every event by its name. Events are frozen plain objects; each but `engineCreate` names its program, process and thread. */
export type DebugEventMap = EventMap<Program>;

/** Any event of a program. */
export type DebugEvent = DebugEventMap[Exclude<EventName, "engineCreate">];

/**
 * Called with an event while the programs are held (but for `output` and `engineOutput`, which hold nothing). It may be async
 * and look into the program. What it returns decides how the program goes on; of several answers the least execution wins.
 */
export type EventHandler<K extends EventName> = HandlerOf<Program, K>;

/** Handlers by event name. */
export type EventHandlers = { readonly [K in EventName]?: EventHandler<K> };

/** Why {@linkcode DebugSession.wait} came back: the programs are held, or none is left (`ended`). */
export type Stop = StopOf<Program, DebugEvent>;

/** Where a program came from: what its session says of it. */
export type ProgramOrigin = OriginOf<Program>;

/** What a program needs of its session. */
export type ProgramSession = SessionOf<Program, Stop, DebugEvent>;

/**
 * One debugged process. It is stopped while a handler or a loop body runs and between waits, and can be looked into then.
 * `await using` lets it go as it came: terminated if it was launched, detached (it runs on) if it was attached to.
 */
export class Program extends ProgramView implements AsyncDisposable {
  /** Given by its session, different from all others. */
  readonly id: string;
  /** Which engine debugs it: `dbgeng`, `v8`. */
  readonly engineId: string;
  /** Why it came into the session: launched, attached to by the user, or by itself, as the child of another. */
  readonly reason: AttachReason;
  /** The program that started it, for a child. */
  readonly parent: Program | undefined;
  /** The system's id of the process. */
  readonly processId: number;
  /** File name of its image, for example `app.exe`. */
  readonly name: string;
  /** Its image as a module. */
  readonly image: ModuleInfo;
  readonly #session: ProgramSession;
  readonly #request: OwnRequest;
  readonly #breakpoints: Breakpoints;
  readonly #ended = Promise.withResolvers<ProgramEnd>();
  #dispose: (() => Promise<void>) | undefined;
  #end: ProgramEnd | undefined;
  #isAwaited = false;

  /** Not for users: sessions make programs. */
  constructor(session: ProgramSession, origin: ProgramOrigin) {
    super((program) => requestOf(session, program as Program), origin.architecture);
    this.#session = session;
    this.#request = requestOf(session, this);
    this.id = origin.id;
    this.engineId = origin.engineId;
    this.reason = origin.reason;
    this.parent = origin.parent;
    this.processId = origin.processId;
    this.image = origin.image;
    this.name = origin.name ?? (origin.image.imageName.split(/[\\/]/).at(-1) || origin.image.name);
    this.#breakpoints = new Breakpoints(this.#request, (threadId) => this.#thread({ threadId }), (handler, signal) => {
      session.listen("breakpoint", handler, this, signal);
    });
  }

  /** Not for users: a session that exists for this program alone ends with it. */
  disposeWith(dispose: () => Promise<void>): void {
    this.#dispose = dispose;
  }

  /** The program that was launched or attached to, whose child, or child's child, this is; itself, if it is no child. */
  get root(): Program {
    return this.parent?.root ?? this;
  }

  /** The same as {@linkcode processId}. */
  get pid(): number {
    return this.processId;
  }

  /** What it does now. */
  get state(): "stopped" | "running" | "ended" {
    if (this.#end) return "ended";
    return this.#session.isRunning(this) ? "running" : "stopped";
  }

  /** How it left the session, once it did. */
  get end(): ProgramEnd | undefined {
    return this.#end;
  }

  /** Resolves when it leaves the session, however. */
  get ended(): Promise<ProgramEnd> {
    if (!this.#end && !this.#isAwaited) this.#session.listen("programDestroy", () => {}, this); // a script stays for it
    this.#isAwaited = true;
    return this.#ended.promise;
  }

  /** Not for users: the same for who waits for something else beside it; no script stays for that. */
  get left(): Promise<ProgramEnd> {
    return this.#ended.promise;
  }

  /** Not for users: the session says how it left. */
  finish(end: ProgramEnd): void {
    if (this.#end) return;
    this.#end = Object.freeze(end);
    this.#breakpoints.end();
    this.#ended.resolve(this.#end);
  }

  /** Listens to events of this program only. */
  on<K extends EventName>(name: K, handler: EventHandler<K>): this {
    this.#session.listen(name, handler, this);
    return this;
  }

  /** Its events one by one, as `session.events()`; it is held while the loop's body runs. Ends with the program. */
  events(options: WaitOptions = {}): AsyncGenerator<DebugEvent, void, void> {
    return this.#session.events(options, this);
  }

  /** Lets the session's programs run to the next stop. */
  wait(options: WaitOptions = {}): Promise<Stop> {
    return this.#session.wait(options);
  }

  /**
   * Lets the programs run until an event of this one, which it then is stopped at (but for those that hold nothing).
   * @throws {StateError} kind `program-gone` when it leaves the session before that.
   */
  next<K extends EventName>(name: K, options: WaitOptions = {}): Promise<DebugEventMap[K]> {
    return this.#session.next(name, options, this);
  }

  /** Lets the programs run until this one has left the session, past every stop; gives how it left. */
  run(options: WaitOptions = {}): Promise<ProgramEnd> {
    return untilEnd(() => this.#end, () => this.#session.next("programDestroy", options, this));
  }

  /** Lets it go: it runs on without a debugger. */
  detach(): Promise<void> {
    return this.#session.release(this, "detach");
  }

  /** Ends it. */
  terminate(): Promise<void> {
    return this.#session.release(this, "terminate");
  }

  /**
   * Leaves it suspended, for another debugger to take up with `attach(pid, { existing: true })`: `IDebugClient::AbandonCurrentProcess`.
   *
   * @throws {StateError} kind `running`, where it has not come to its first stop, or another program is being opened.
   */
  abandon(): Promise<void> {
    return this.#session.release(this, "abandon");
  }

  /**
   * Sets a breakpoint: at a symbol as `module!name`, also of a module that is yet to come, at an address, or where a source line begins.
   *
   * @throws {EngineError} kind `failed` for a name that its module has not, for a line without code, and for one that is in several functions
   * ({@linkcode linesOf} has its addresses).
   * @example
   * ```ts no-eval
   * await program.breakpoint({ file: "orders.cpp", line: 42 }, { hit: ({ thread, hits }) => console.log(thread.threadId, hits) });
   * ```
   */
  async breakpoint(where: string | bigint | SourcePlace, options: BreakpointOptions = {}): Promise<Breakpoint> {
    return await this.#breakpoints.add(where, options);
  }

  async #runTo(place: string | bigint | SourcePlace, threadId: number): Promise<Stop | undefined> {
    const breakpoint = await this.breakpoint(place, { thread: this.thread(threadId), hit: () => "break" });
    try {
      const stop = await this.wait();
      const isThere = stop.reason === "event" && stop.event.type === "breakpoint" && stop.event.id === breakpoint.id;
      return isThere ? undefined : stop;
    } finally {
      if (!this.#end) await breakpoint.remove();
    }
  }

  /** All breakpoints that are set, those of `execute("bp …")` as well. */
  breakpoints(): Promise<readonly BreakpointRecord[]> {
    return this.#breakpoints.list();
  }

  /** Its threads, with their names. */
  async threads(): Promise<Thread[]> {
    return (await this.#request("threads")).map((thread) => this.#thread(thread));
  }

  /** One thread by the system's id, for example an event's. */
  thread(threadId: number): Thread {
    requireId("Cannot use a thread", "its id", threadId);
    return this.#thread({ threadId });
  }

  #thread(thread: ThreadInfo): Thread {
    const request: OwnRequest = (name, ...values) => this.#session.request(this, thread.threadId, name, ...values);
    const { memory, pointerSize } = this;
    return new Thread({ request, types: this.#request, memory, pointerSize }, thread, {
      session: this.#session,
      move: (kind) => this.#session.step(this, thread.threadId, kind),
      runTo: (place) => this.#runTo(place, thread.threadId),
    });
  }

  /** Runs a debugger command, as typed in WinDbg; gives what it printed, up to 8,000,000 characters. One that runs the program waits for a stop; what asks for input gets its end. */
  async execute(command: string): Promise<string> {
    requireText("Cannot run a command", "it", command);
    return await this.#session.execute(this, command);
  }

  /** Lets it go as it came, if it is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#dispose) return await this.#dispose();
    if (!this.#end) await this.#session.release(this, asItCame(this));
  }
}

/** Asks about a program, with no thread in focus. */
function requestOf(session: ProgramSession, program: Program): OwnRequest {
  return (name, ...values) => session.request(program, undefined, name, ...values);
}
