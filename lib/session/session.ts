import type {
  EngineApi,
  EngineConnection,
  EngineFactory,
  EngineInfo,
  EventName,
  Focus,
  ProcessInfo,
} from "./engine.ts";
import { refuseCombinations } from "./attach_rules.ts";
import { environmentLines, quoteCommandLine } from "./command_line.ts";
import { AttachError, EngineError, StateError } from "./errors.ts";
import type { DebugEvent, EventHandler, Stop } from "./events.ts";
import { type HandlerOptions, Handlers } from "./handlers.ts";
import { iterateEvents } from "./iterate.ts";
import { Opener } from "./opener.ts";
import type { AttachOptions, LaunchOptions, SessionOptions } from "./options.ts";
import { ProcessServerPort } from "./port.ts";
import type { Program, ProgramSession, WaitOptions } from "./program.ts";
import { asItCame, type Release, releaseProgram } from "./release.ts";
import { Runner } from "./runner.ts";
import { onLeaving } from "./leaving.ts";
import { type AttachTarget, resolveTarget } from "./target.ts";

/**
 * The session debug manager: one engine, the programs that it debugs, and the handlers of their events. It knows no engine
 * by name. See {@linkcode DebugSession} for the one that scripts use.
 */
export class SessionManager implements AsyncDisposable {
  readonly #factory: EngineFactory;
  readonly #options: SessionOptions;
  readonly #handlers: Handlers;
  readonly #opener: Opener;
  #runner: Promise<Runner> | undefined;
  #current: Runner | undefined;
  #info: EngineInfo | undefined;
  #closed = false;
  #stopWatching: (() => void) | undefined;

  /** Not for users: {@linkcode DebugSession} brings the engine. */
  constructor(options: SessionOptions, factory: EngineFactory) {
    const deadline = options.handlerDeadline ?? 60_000;
    if (!(deadline > 0)) throw new RangeError(`Cannot use a handlerDeadline of ${deadline} ms: it must be above 0`);
    this.#options = options;
    this.#factory = factory;
    this.#handlers = new Handlers(deadline);
    this.#opener = new Opener(this.#handlers);
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
    return await this.#opener.open(runner, { ...shape, action }, options, ask);
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
    const environment = environmentLines(options.environment ?? {});
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
    return await this.#opener.open(runner, { ...shape, action }, options, () => runner.request("launch", request));
  }

  /**
   * Connects to a process server (`dbgsrv`, or `startProcessServer`). Its text is what WinDbg's `-premote` takes, for example
   * `tcp:server=lab7,port=5005`.
   * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-connectprocessserverwide
   * @param options `signal` gives the attempt up; until Windows has given it up too, other calls have to wait.
   * @throws {AttachError} kind `server-unreachable`.
   */
  async connect(remoteOptions: string, options: WaitOptions = {}): Promise<ProcessServerPort> {
    const { signal } = options;
    signal?.throwIfAborted();
    const runner = await this.#open();
    return await runner.whileStopped(async () => {
      const asked = runner.request("connectServer", remoteOptions);
      const handle = await orAborted(asked, signal, (late) => void runner.request("disconnectServer", late));
      return new ProcessServerPort(runner.request, remoteOptions, handle);
    });
  }

  /**
   * Lets the programs run to the next stop, or gives one that came meanwhile.
   * @throws {StateError} when there is no program, or when it is called inside a handler or a loop over `events()`.
   */
  async wait(options: WaitOptions = {}): Promise<Stop> {
    options.signal?.throwIfAborted();
    const runner = this.#active();
    runner.refuseWhileHeld("Cannot wait");
    const stop = runner.waiting.take();
    if (stop) return stop;
    if (!runner.hasStop) {
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
          await releaseProgram(runner, program, asItCame(program));
        }
        await runner.finish();
      });
    } finally {
      await this.#closeEngine(runner);
    }
  }

  async #closeEngine({ engine, waiting }: Runner): Promise<void> {
    try {
      await engine.call("close");
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "lost")) throw error; // else it is as closed as can be
    } finally {
      waiting.fail(new StateError("closed", "The session was disposed while something waited for it"));
      engine.dispose();
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
      request: async <K extends keyof EngineApi>(name: K, ...values: Parameters<EngineApi[K]>) =>
        await this.#active().request(name, ...values),
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
    if (moved) runner.refuseWhileHeld(`Cannot run the program by "${command}"`);
    if (moved) await runner.runAsTold();
    return text;
  }

  async #letGo(program: Program, how: Release): Promise<void> {
    if (program.end) return;
    const runner = this.#active();
    await runner.whileStopped(() => releaseProgram(runner, program, how));
  }
}

function leaveNow(runner: Runner): void {
  const programs = [...runner.programs.values()];
  runner.engine.leaveNow(programs.map((program) => ({ processId: program.processId, how: asItCame(program) })));
}

/** What was asked for, unless the signal aborts first; what comes after that is undone. */
async function orAborted<T>(asked: Promise<T>, signal: AbortSignal | undefined, undo: (late: T) => void): Promise<T> {
  if (!signal) return await asked;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
    asked.then(undo, () => {});
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
