import { requireOneOf, requireOptions, requireText } from "./arguments.ts";
import { AttachError, StateError } from "./errors.ts";
import { askAbout, execute, step } from "./asking.ts";
import { attachProgram } from "./attaching.ts";
import { endSession, leaveNow } from "./ending.ts";
import { Engines, type Suppliers } from "./engines.ts";
import type { AttachRequest, DebugEngine, Port, PortProgram } from "./contract.ts";
import type { EngineInfo, ProcessInfo } from "./engine.ts";
import type { EventName } from "./events.ts";
import {
  type DebugEvent,
  type DebugEventMap,
  type EventHandler,
  Program,
  type ProgramSession,
  type Stop,
} from "./program.ts";
import type { WaitOptions } from "./wait_options.ts";
import { type HandlerOptions, Handlers } from "./handlers.ts";
import { iterateEvents } from "./iterate.ts";
import { onLeaving } from "./leaving.ts";
import { nextEvent } from "./next.ts";
import { Opener } from "./opener.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions, SessionOptions } from "./options.ts";
import { type Release, releaseProgram } from "./release.ts";
import { inputError, orCancelled } from "./input.ts";
import { attachRequest, connectTimeout, launchRequest, requestOfLaunch } from "./requests.ts";
import { Runners } from "./runners.ts";
import { type AttachTarget, requireTarget, resolveTarget } from "./target.ts";
import { requireTime } from "./time.ts";
import { Trace, type TraceEntry } from "./trace.ts";

/**
 * The session debug manager: engines, ports, the programs that are debugged, and the handlers of their events. It knows no
 * engine by name. See {@linkcode DebugSession} for the one that scripts use.
 */
export class SessionManager implements AsyncDisposable {
  readonly #trace = new Trace();
  readonly #opener = new Opener();
  readonly #engines: Engines;
  readonly #runners: Runners;
  readonly #cookie = Symbol("session");
  #disposal: Promise<void> | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #watchExit: boolean;

  /** Not for users: {@linkcode DebugSession} brings engines and ports. */
  constructor(options: SessionOptions, suppliers: Suppliers) {
    requireOptions("Cannot open a session", options);
    const { handlerDeadline = 60_000, watchExit = true } = options;
    requireOneOf("Cannot open a session", "watchExit", watchExit, [true, false]);
    requireTime("handlerDeadline", handlerDeadline);
    this.#watchExit = watchExit;
    const isLoaded = (engine: DebugEngine): boolean => this.#engines.has(engine);
    this.#runners = new Runners(new Handlers(handlerDeadline), this.#trace, this.#programSession(), isLoaded);
    this.#runners.execution.keepsScript = !this.#watchExit;
    this.#engines = new Engines(suppliers, {
      newProgramId: () => this.#runners.newProgramId(),
      load: (engineId) => this.#load(engineId),
      whileStopped: (action) => this.#runners.execution.whileStopped(action),
    });
  }

  /** The programs that are debugged now, by their own ids. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#runners.programs;
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.#runners.running;
  }

  /** What the session asked of engines and ports and what they told, oldest first; the last 1,000 entries. */
  get trace(): readonly TraceEntry[] {
    return this.#trace.entries;
  }

  /**
   * Listens to an event of every program, those to come included. Handlers are called one after another.
   * @param name Name of the event.
   * @param handler Called with it; what it returns decides how the program goes on.
   * @param options Limits the handler to a program, or to the life of a signal.
   */
  on<K extends EventName>(name: K, handler: EventHandler<K>, options: HandlerOptions = {}): this {
    requireOptions("Cannot listen", options);
    const { program, signal } = options;
    if (program !== undefined && !(program instanceof Program)) {
      throw new TypeError("Cannot listen: program is no program; session.programs holds those there are");
    }
    this.#runners.handlers.add(name, handler, { scope: program && { program }, signal });
    return this;
  }

  /** Takes a handler away. */
  off<K extends EventName>(name: K, handler: EventHandler<K>): this {
    this.#runners.handlers.remove(name, handler);
    return this;
  }

  /** Which engine works on this machine: folder, version, architecture, each DLL as it was really loaded. Loads it if need be. */
  async engine(): Promise<EngineInfo> {
    return await (await this.#load(this.#engines.local)).info();
  }

  /** The processes that run on this machine. */
  async processes(): Promise<ProcessInfo[]> {
    this.#refuseClosed();
    return await (await this.#engines.localPort()).processes();
  }

  /**
   * Attaches to a process. Resolves when it is complete: every module that is loaded was reported, and the program is stopped
   * (unless `initialBreak` is false). Disposal lets it run on.
   * @throws {AttachError} `kind` says why.
   */
  async attach(target: AttachTarget, options: AttachOptions = {}): Promise<Program> {
    requireTarget(target);
    const request = attachRequest(options);
    this.#refuseClosed();
    const action = (what: string): string => `Cannot attach to process ${what}`;
    return await this.#opener.inTurn(this.#runners, action(nameOf(target)), options.signal, async () => {
      this.#refuseClosed();
      const port = options.port ?? await this.#engines.localPort(options.signal);
      const processId = await resolveTarget(port, target);
      if (this.#runners.findAt(port, processId)) {
        const advice = "this session debugs it already; use what session.programs holds";
        throw new AttachError("already-attached", `${action(`${processId}`)}: ${advice}`);
      }
      const program = await port.program(processId);
      this.#runners.expect(program.id, "user", port);
      const stops = request.initialBreak || request.noninvasive !== false || request.existing;
      return await this.#open(program, action(`${processId}`), stops, request, options);
    });
  }

  /**
   * Launches a program: a list of arguments is quoted for Windows, a string is the command line itself. Resolves when the
   * system hands the program over, its static modules loaded and reported, before its own code runs (unless `initialBreak`
   * is false). Disposal terminates it.
   * @throws {AttachError} `kind` says why.
   */
  async launch(command: string | readonly string[], options: LaunchOptions = {}): Promise<Program> {
    return await orCancelled(options, async () => {
      const request = launchRequest(command, options, (cause) => this.#runners.execution.fail(inputError(cause)));
      this.#refuseClosed();
      const action = `Cannot launch ${typeof command === "string" ? command : command.join(" ")}`;
      return await this.#opener.inTurn(this.#runners, action, options.signal, async () => {
        this.#refuseClosed();
        const port = options.port ?? await this.#engines.localPort(options.signal);
        const program = await port.launch(request);
        this.#runners.expect(program.id, "launch", port);
        return await this.#open(program, action, request.initialBreak, requestOfLaunch(request), options);
      });
    });
  }

  #open(
    program: PortProgram,
    action: string,
    stops: boolean,
    request: AttachRequest,
    options: AttachOptions | LaunchOptions,
  ): Promise<Program> {
    const host = { runners: this.#runners, cookie: this.#cookie, load: (id: string) => this.#load(id) };
    const ask = (): Promise<void> => attachProgram(program, program.launch ? "launch" : "user", request, host);
    this.#watch();
    return this.#opener.open(this.#runners, { program, action, stops, ask }, options);
  }

  /**
   * Connects to a port: a process server by what WinDbg's `-premote` takes, for example `tcp:server=lab7,port=5005`; or a
   * script runtime's inspector, by its address.
   * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-connectprocessserverwide
   * @throws {AttachError} kind `server-unreachable`, also when nothing answers in time.
   */
  async connect(address: string, options: ConnectOptions = {}): Promise<Port> {
    requireOptions("Cannot connect", options);
    requireText("Cannot connect", "the address", address);
    const timeout = connectTimeout(options);
    options.signal?.throwIfAborted();
    this.#refuseClosed();
    return await this.#engines.connect(address, options.signal, timeout);
  }

  /**
   * Lets the programs run to the next stop, or gives one that came meanwhile.
   * @throws {StateError} when there is no program, or when it is called inside a handler or a loop over `events()`.
   */
  async wait(options: WaitOptions = {}): Promise<Stop> {
    requireOptions("Cannot wait", options);
    options.signal?.throwIfAborted();
    this.#refuseClosed();
    const { execution, hasStop } = this.#runners;
    execution.refuseWhileHeld("Cannot wait");
    const stop = execution.waiting.take();
    if (stop) return stop;
    this.#requireProgram("wait", hasStop);
    return await execution.nextStop(options.signal);
  }

  /**
   * Lets the programs run until an event, of any of them, and leaves them stopped there (but for those that hold nothing).
   * @throws {StateError} kind `program-gone` when no program is left before it comes, `interrupted` after `interrupt()`.
   */
  async next<K extends EventName>(name: K, options: WaitOptions = {}): Promise<DebugEventMap[K]> {
    return await nextEvent(this.#runners, name, (waiting) => this.wait(waiting), options);
  }

  /** Lets the programs run until none is left, past every stop. */
  async run(options: WaitOptions = {}): Promise<void> {
    while ((await this.wait(options)).reason !== "ended");
  }

  /**
   * Every event, one by one; the programs are held while the loop's body runs, so that one which waits there for another loop waits for ever, or
   * for its `signal`; loops beside one another are served in turn. Ends when no program is left. @throws {StateError} kind `in-handler` in a handler.
   */
  events(options: WaitOptions = {}): AsyncGenerator<DebugEvent, void, void> {
    return iterateEvents(() => this.#active("iterate"), options);
  }

  /** Stops running programs: whoever waits gets a stop with reason `interrupt`. */
  interrupt(): void {
    this.#active("interrupt").execution.interrupt();
  }

  /** Lets every program go as it came, ends the engines. Idempotent. One that does not stop within a second is left behind. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  async #dispose(): Promise<void> {
    try {
      await endSession(this.#runners, async () => [...await this.#engines.loaded(), ...this.#runners.engines]);
    } finally {
      this.#stopWatching?.(); // not before: should the script end meanwhile, its programs are let go all the same
    }
  }

  async #load(engineId: string): Promise<DebugEngine> {
    this.#refuseClosed();
    const engine = await this.#engines.load(engineId);
    this.#runners.of(engine);
    this.#watch();
    return engine;
  }

  #watch(): void {
    if (!this.#watchExit || this.#stopWatching || this.#disposal) return;
    const gently = (): Promise<void> => this[Symbol.asyncDispose]();
    this.#stopWatching = onLeaving({ gently, now: () => leaveNow(this.#runners) });
  }

  #refuseClosed(): void {
    if (this.#disposal) throw new StateError("closed", "Cannot use the session: it was disposed");
  }

  #active(verb: string): Runners {
    this.#refuseClosed();
    this.#requireProgram(verb, this.#runners.hasStop || this.#engines.any);
    return this.#runners;
  }

  #requireProgram(verb: string, isThere: boolean): void {
    if (isThere) return;
    throw new StateError("no-program", `Cannot ${verb}: no program is debugged; attach or launch one first`);
  }

  #programSession(): ProgramSession {
    return {
      request: (program, threadId, name, ...values) =>
        this.#whileOpen(() => askAbout(this.#runners, program, threadId, name, values)),
      listen: (name, on, program, signal) => void this.on(name, on, signal ? { program, signal } : { program }),
      wait: (options) => this.wait(options),
      next: (name, options, program) =>
        nextEvent(this.#runners, name, (waiting) => this.wait(waiting), options, program),
      events: (options, program) => iterateEvents(() => this.#active("iterate"), options, program),
      release: (program, how) => this.#letGo(program, how),
      execute: (program, command) => this.#whileOpen(() => execute(this.#runners, program, command)),
      step: (program, threadId, kind) => this.#whileOpen(() => step(this.#runners, program, threadId, kind)),
      isRunning: (program) => this.#runners.runnerWith(program)?.running ?? false,
    };
  }

  async #whileOpen<T>(ask: () => Promise<T>): Promise<T> {
    this.#refuseClosed();
    return await ask();
  }

  async #letGo(program: Program, how: Release): Promise<void> {
    if (program.end) return;
    this.#refuseClosed();
    await this.#runners.execution.whileStopped(() => releaseProgram(this.#runners, program, how));
  }
}

function nameOf(target: AttachTarget): string {
  return typeof target === "object" ? `${target.processId}` : `${target}`;
}
