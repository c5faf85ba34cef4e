import type {
  EngineApi,
  EngineConnection,
  EngineFactory,
  EngineInfo,
  EventName,
  Focus,
  ProcessInfo,
} from "./engine.ts";
import { quoteCommandLine } from "./command_line.ts";
import { AttachError, EngineError, StateError } from "./errors.ts";
import type { DebugEvent, EventHandler, EventHandlers, Stop } from "./events.ts";
import { type HandlerOptions, Handlers, isInsideHandler, type Scope } from "./handlers.ts";
import { iterateEvents } from "./iterate.ts";
import { newOpening, type Opening, type OpeningShape } from "./opening.ts";
import type { AttachOptions, LaunchOptions, OpenOptions, SessionOptions } from "./options.ts";
import { ProcessServerPort } from "./port.ts";
import type { Program, ProgramSession, WaitOptions } from "./program.ts";
import { Runner } from "./runner.ts";
import { onLeaving } from "./leaving.ts";

/** A target that names a process: its id, its image's file name, or an entry of a list of processes. */
export type AttachTarget = number | string | ProcessInfo;

const ENDS = { detach: "detached", terminate: "terminated", abandon: "abandoned" } as const;

/**
 * The session debug manager: one engine, the programs that it debugs, and the handlers of their events. It knows no engine
 * by name. See {@linkcode DebugSession} for the one that scripts use.
 */
export class SessionManager implements AsyncDisposable {
  readonly #factory: EngineFactory;
  readonly #options: SessionOptions;
  readonly #handlers: Handlers;
  #runner: Promise<Runner> | undefined;
  #current: Runner | undefined;
  #info: EngineInfo | undefined;
  #closed = false;
  #opening: Promise<unknown> = Promise.resolve();
  #stopWatching: (() => void) | undefined;

  /** Not for users: {@linkcode DebugSession} brings the engine. */
  constructor(options: SessionOptions, factory: EngineFactory) {
    const deadline = options.handlerDeadline ?? 60_000;
    if (!(deadline > 0)) throw new RangeError(`Cannot use a handlerDeadline of ${deadline} ms: it must be above 0`);
    this.#options = options;
    this.#factory = factory;
    this.#handlers = new Handlers(deadline);
  }

  /** The programs that are debugged now, by process id. */
  get programs(): ReadonlyMap<number, Program> {
    return this.#current?.programs ?? new Map();
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.#current?.running ?? false;
  }

  /**
   * Listens to an event of every program, those to come included. Handlers are called one after another.
   * @param name Name of the event.
   * @param handler Called with it; what it returns decides how the program goes on.
   * @param options Limits the handler to a program, or to the life of a signal.
   */
  on<K extends EventName>(name: K, handler: EventHandler<K>, options: HandlerOptions = {}): this {
    const { program, signal } = options;
    this.#handlers.add(name, handler, { scope: program && { program }, signal });
    return this;
  }

  /** Takes a handler away. */
  off<K extends EventName>(name: K, handler: EventHandler<K>): this {
    this.#handlers.remove(name, handler);
    return this;
  }

  /** Which engine works here: folder, version, architecture, each DLL as it was really loaded. Opens it if need be. */
  async engine(): Promise<EngineInfo> {
    await this.#open();
    return this.#info as EngineInfo;
  }

  /** The processes that run on this machine. */
  async processes(): Promise<ProcessInfo[]> {
    const runner = await this.#open();
    return await runner.whileStopped(() => runner.request("processes", 0n));
  }

  /**
   * Attaches to a process. Resolves when it is complete: every module that is loaded was reported, and the program is stopped
   * (unless `initialBreak` is false). Disposal lets it run on.
   * @throws {AttachError} `kind` says why.
   */
  async attach(target: AttachTarget, options: AttachOptions = {}): Promise<Program> {
    refuseCombinations(options);
    const runner = await this.#open();
    const processId = await resolveTarget(runner, target, options.port);
    if (processId === Deno.pid && !options.port) {
      throw new AttachError(
        "self",
        `Cannot attach to process ${processId}: it is this script itself; attach from another process`,
      );
    }
    if (runner.programs.has(processId)) {
      throw new AttachError(
        "already-attached",
        `Cannot attach to process ${processId}: this session debugs it already; use what session.programs holds`,
      );
    }
    const { noninvasive = false, existing = false, initialBreak = true, resume = false } = options;
    const invasive = !noninvasive && !existing;
    const shape = {
      processId,
      origin: "attached" as const,
      untilBreak: initialBreak && invasive,
      stops: initialBreak || !invasive,
    };
    const action = `Cannot attach to process ${processId}`;
    const ask = (): Promise<void> =>
      runner.request("attach", {
        server: options.port?.handle ?? 0n,
        processId,
        noninvasive,
        existing,
        initialBreak,
        resume,
      });
    return await this.#complete(runner, { ...shape, action }, options, ask);
  }

  /**
   * Launches a program: a list of arguments is quoted for Windows, a string is the command line itself. Resolves when Windows
   * hands the program over, its static modules loaded and reported, before its own code runs (unless `initialBreak` is false).
   * Disposal terminates it.
   * @throws {AttachError} `kind` says why.
   */
  async launch(command: string | readonly string[], options: LaunchOptions = {}): Promise<Program> {
    const commandLine = typeof command === "string" ? command : quoteCommandLine(command);
    if (commandLine.trim() === "") throw new TypeError("Cannot launch: the command is empty");
    const environment = Object.entries(options.environment ?? {}).map(([name, value]) => variable(name, value));
    const runner = await this.#open();
    const request = {
      server: options.port?.handle ?? 0n,
      commandLine,
      directory: options.directory ?? null,
      environment,
      clearEnvironment: options.clearEnvironment ?? false,
      followChildren: options.followChildren ?? false,
    };
    const shape = {
      processId: undefined,
      origin: "launched" as const,
      untilBreak: true,
      stops: options.initialBreak ?? true,
    };
    const action = `Cannot launch ${commandLine}`;
    return await this.#complete(runner, { ...shape, action }, options, () => runner.request("launch", request));
  }

  /**
   * Connects to a process server (`dbgsrv`, or `startProcessServer`). Its text is what WinDbg's `-premote` takes, for example
   * `tcp:server=lab7,port=5005`.
   * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-connectprocessserverwide
   * @throws {AttachError} kind `server-unreachable`.
   */
  async connect(remoteOptions: string): Promise<ProcessServerPort> {
    const runner = await this.#open();
    return await runner.whileStopped(async () => {
      const handle = await runner.request("connectServer", remoteOptions);
      return new ProcessServerPort(runner.request, remoteOptions, handle);
    });
  }

  /**
   * Lets the programs run to the next stop, or gives one that came meanwhile.
   * @throws {StateError} when there is no program, or when it is called inside a handler.
   */
  async wait(options: WaitOptions = {}): Promise<Stop> {
    options.signal?.throwIfAborted();
    if (isInsideHandler()) {
      throw new StateError(
        "in-handler",
        "Cannot wait inside a handler: return an execution status, the program goes on after it",
      );
    }
    const runner = this.#active();
    const stop = runner.waiting.take();
    if (stop) return stop;
    if (runner.programs.size === 0) {
      throw new StateError("no-program", "Cannot wait: no program is debugged; attach or launch one first");
    }
    const next = runner.waiting.next(options.signal, () => runner.abort());
    runner.start();
    return await next;
  }

  /** Every event, one by one; the programs are held while the loop's body runs. Ends when no program is left. */
  events(options: WaitOptions = {}): AsyncGenerator<DebugEvent, void, void> {
    return iterateEvents(() => this.#active(), this.#handlers, options);
  }

  /** Stops running programs: whoever waits gets a stop with reason `interrupt`. */
  interrupt(): void {
    this.#active().interrupt();
  }

  /** Lets every program go as it came, ends the engine. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatching?.();
    const runner = await this.#runner?.catch(() => undefined);
    if (!runner) return;
    try {
      await runner.whileStopped(async () => {
        for (const program of [...runner.programs.values()]) {
          await this.#release(runner, program, leaving(program));
        }
      });
      await runner.engine.call("close");
    } finally {
      runner.waiting.fail(new StateError("closed", "The session was disposed while something waited for it"));
      runner.engine.dispose();
    }
  }

  #active(): Runner {
    if (this.#closed) throw new StateError("closed", "Cannot use the session: it was disposed");
    if (!this.#current) {
      throw new StateError("no-program", "Cannot do that: no program is debugged; attach or launch one first");
    }
    return this.#current;
  }

  #open(): Promise<Runner> {
    if (this.#closed) return Promise.reject(new StateError("closed", "Cannot use the session: it was disposed"));
    this.#runner ??= this.#openEngine();
    return this.#runner;
  }

  async #openEngine(): Promise<Runner> {
    const connection: EngineConnection = this.#factory();
    try {
      const { engine, symbolPath } = this.#options;
      this.#info = await connection.call("open", {
        ...(engine === undefined ? {} : { engine }),
        ...(symbolPath === undefined ? {} : { symbolPath }),
      });
    } catch (error) {
      connection.dispose();
      this.#runner = undefined;
      throw error;
    }
    const runner = new Runner(connection, this.#handlers, this.#programSession());
    if (this.#options.watchExit ?? true) {
      this.#stopWatching = onLeaving({ gently: () => this[Symbol.asyncDispose](), now: () => leaveNow(runner) });
    }
    return this.#current = runner;
  }

  #programSession(): ProgramSession {
    return {
      request: <K extends keyof EngineApi>(name: K, ...values: Parameters<EngineApi[K]>) =>
        this.#active().request(name, ...values),
      listen: (name, handler, program) => void this.on(name, handler, { program }),
      wait: (options) => this.wait(options),
      events: (options, program) => iterateEvents(() => this.#active(), this.#handlers, options, program),
      release: (program, how) => this.#letGo(program, how),
      execute: (focus, command) => this.#execute(focus, command),
      isRunning: () => this.running,
    };
  }

  async #execute(focus: Focus, command: string): Promise<string> {
    const runner = this.#active();
    const { text, moved } = await runner.request("execute", focus, command);
    if (moved) await runner.runAsTold();
    return text;
  }

  async #letGo(program: Program, how: keyof typeof ENDS): Promise<void> {
    if (program.end) return;
    const runner = this.#active();
    await runner.whileStopped(() => this.#release(runner, program, how));
  }

  async #release(runner: Runner, program: Program, how: keyof typeof ENDS): Promise<void> {
    if (program.end) return;
    try {
      await runner.request(how, program.processId);
      runner.remove(program, { reason: ENDS[how] });
    } catch (error) {
      if (!isGone(error)) throw error;
      runner.remove(program, { reason: "lost" });
    }
  }

  /** Openings go one after another: the engine tells a launch's process only by its being the next. */
  async #complete(
    runner: Runner,
    shape: OpeningShape,
    options: OpenOptions,
    ask: () => Promise<void>,
  ): Promise<Program> {
    const previous = this.#opening;
    const turn = Promise.withResolvers<void>();
    this.#opening = turn.promise;
    await previous;
    const { signal } = options;
    const opening = newOpening(shape);
    const removals: (() => void)[] = [];
    const abort = (): void => void this.#giveUp(runner, opening, signal);
    try {
      listenAll(this.#handlers, options.on ?? {}, opening, removals);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort, { once: true });
      return await runner.open(opening, ask);
    } catch (error) {
      for (const remove of removals) remove();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      turn.resolve();
    }
  }

  /** Undoes an opening whose signal aborted: its process may come up yet, and must not stay. */
  async #giveUp(runner: Runner, opening: Opening, signal: AbortSignal | undefined): Promise<void> {
    if (opening.settled) return;
    opening.settled = true;
    try {
      const program = await opening.appeared.promise;
      if (program) await runner.whileStopped(() => this.#release(runner, program, leaving(program)));
    } finally {
      opening.done.reject(signal?.reason);
    }
  }
}

function leaveNow(runner: Runner): void {
  const programs = [...runner.programs.values()];
  runner.engine.leaveNow(programs.map((program) => ({ processId: program.processId, how: leaving(program) })));
}

/** Whether there is nothing left to let go: the program, its process server or the engine is not there any more. */
function isGone(error: unknown): boolean {
  if (error instanceof StateError) return error.kind === "program-gone" || error.kind === "no-program";
  return (error instanceof AttachError && error.kind === "server-unreachable") ||
    (error instanceof EngineError && error.kind === "lost");
}

/** Disposal follows how a program came. */
function leaving(program: Program): "detach" | "terminate" {
  return program.origin === "attached" ? "detach" : "terminate";
}

/** Adds the handlers; how to take them away is put into `removals` one by one, for a later one may be refused. */
function listenAll(handlers: Handlers, listeners: EventHandlers, scope: Scope, removals: (() => void)[]): void {
  for (const [name, handler] of Object.entries(listeners)) {
    if (handler) removals.push(handlers.add(name as EventName, handler as EventHandler<EventName>, { scope }));
  }
}

function variable(name: string, value: string): string {
  if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
    throw new TypeError(`Cannot launch: "${name}" is no name of an environment variable`);
  }
  return `${name}=${value}`;
}

/** Microsoft's rules, refused here so that the engine's one code for all of them needs no guessing. */
function refuseCombinations({ noninvasive, existing, initialBreak, resume }: AttachOptions): void {
  const refuse = (text: string): never => {
    throw new AttachError("invalid-flags", `Cannot attach: ${text}`);
  };
  if (existing && (noninvasive || initialBreak === false || resume)) refuse("existing goes with no other option");
  if (noninvasive && (initialBreak === false || resume)) {
    refuse("noninvasive goes with neither initialBreak: false nor resume");
  }
}

async function resolveTarget(
  runner: Runner,
  target: AttachTarget,
  port: ProcessServerPort | undefined,
): Promise<number> {
  if (typeof target === "object") return target.processId;
  if (typeof target === "number") {
    if (Number.isInteger(target) && target > 0 && target <= 0xffffffff) return target;
    throw new TypeError(`Cannot attach to process ${target}: a process id is a positive integer`);
  }
  const list = await runner.whileStopped(() => runner.request("processes", port?.handle ?? 0n));
  const plain = (name: string): string => name.toLowerCase().replace(/\.exe$/, "");
  const found = list.filter(({ name, processId }) => plain(name) === plain(target) && (port || processId !== Deno.pid));
  if (found.length === 1 && found[0]) return found[0].processId;
  if (found.length === 0) {
    throw new AttachError(
      "no-such-process",
      `Cannot attach to "${target}": no process has that image name; give its process id`,
    );
  }
  const matches = found.map(({ name, processId }) => `${name} (${processId})`).join(", ");
  throw new AttachError(
    "ambiguous",
    `Cannot attach to "${target}": several processes match: ${matches}; give a process id`,
  );
}
