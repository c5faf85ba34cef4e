import { DBGENG, NativeEngine } from "../dbgeng/native_engine.ts";
import { LOCAL_ADDRESS, localSupplier, processServerSupplier } from "../dbgeng/native_ports.ts";
import type { Port, PortHost } from "../session/contract.ts";
import type { EventName } from "../session/events.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions, SessionOptions } from "../session/options.ts";
import type { DebugEventMap, Program, Stop } from "../session/program.ts";
import { SessionManager } from "../session/session.ts";
import type { AttachTarget } from "../session/target.ts";
import type { WaitOptions } from "../session/wait_options.ts";
import { InspectorPortSupplier } from "../v8/supplier.ts";
import { called, withSight } from "./calls.ts";
import { CHANNEL, type ConnectionOptions, openConnection, requireConnectionOptions } from "./connection.ts";
import { keepStore, requireSymbols, symbolPathWith, type SymbolsOption } from "./symbols.ts";

/** Options of a {@linkcode DebugSession}. */
export interface DebugSessionOptions extends SessionOptions, ConnectionOptions {
  /**
   * Symbol servers, and the folder of this machine that keeps what they give: the engine looks there too, after `symbolPath`. Nothing is
   * fetched but by {@linkcode fetchProgramSymbols}. Requires `--allow-net`, `--allow-read` and `--allow-write`; not in confined scripts, nor with `host`.
   * @default {symbols are looked for on this machine alone}
   */
  readonly symbols?: SymbolsOption;
}

/**
 * A session of Windows' debugger engine: many programs, one engine, one set of handlers. Requires `--allow-ffi`; on Linux, and
 * with the option `host`, `--allow-run`.
 *
 * A process can have one session at a time whose engine lives in it; others have hosts.
 *
 * @example Watch every module that a program loads
 * ```ts
 * import { DebugSession } from "@latch/latch";
 *
 * await using session = new DebugSession();
 * session.on("loadModule", (event) => console.log(event.program.name, event.module.name));
 * await session.launch(["notepad.exe"]);
 * await session.wait();
 * ```
 */
export class DebugSession extends SessionManager {
  readonly #forget: () => void;
  /** Whether its engine is this machine's. */
  readonly #isHere: boolean;

  /** Opens nothing yet: the engine comes with the first program. */
  constructor(options: DebugSessionOptions = {}) {
    requireConnectionOptions(options);
    const symbols = options.symbols === undefined
      ? undefined
      : requireSymbols(options.symbols, CHANNEL in globalThis, options.host);
    const engineOptions = symbols ? { ...options, symbolPath: symbolPathWith(options.symbolPath, symbols) } : options;
    const dbgeng = (host: PortHost): NativeEngine => new NativeEngine(openConnection(options), host, engineOptions);
    super(options, {
      engines: { [DBGENG]: dbgeng },
      ports: [localSupplier, new InspectorPortSupplier(), processServerSupplier],
      local: { address: LOCAL_ADDRESS, engineId: DBGENG },
    });
    this.#isHere = options.host === undefined;
    this.#forget = symbols ? keepStore(this, symbols) : () => {};
  }

  /**
   * Attaches to a process. Resolves when it is complete: every module that is loaded was reported, and the program is stopped
   * (unless `initialBreak` is false). Disposal lets it run on.
   * @throws {AttachError} `kind` says why.
   */
  override async attach(target: AttachTarget, options: AttachOptions = {}): Promise<Program> {
    const attaching = (): Promise<Program> =>
      super.attach(target, options).catch((error) => {
        throw withSight(error, this.#isHere && options.port === undefined);
      });
    return await called(DebugSession.prototype.attach, attaching);
  }

  /**
   * Launches a program: a list of arguments is quoted for Windows, a string is the command line itself. Resolves when the
   * system hands the program over, its static modules loaded and reported, before its own code runs (unless `initialBreak`
   * is false). Disposal terminates it.
   * @throws {AttachError} `kind` says why.
   */
  override async launch(command: string | readonly string[], options: LaunchOptions = {}): Promise<Program> {
    return await called(DebugSession.prototype.launch, () => super.launch(command, options));
  }

  /**
   * Connects to a port: a process server by what WinDbg's `-premote` takes, for example `tcp:server=lab7,port=5005`; or a
   * script runtime's inspector, by its address.
   * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-connectprocessserverwide
   * @throws {AttachError} kind `server-unreachable`, also when nothing answers in time.
   */
  override async connect(address: string, options: ConnectOptions = {}): Promise<Port> {
    return await called(DebugSession.prototype.connect, () => super.connect(address, options));
  }

  /**
   * Lets the programs run to the next stop, or gives one that came meanwhile.
   * @throws {StateError} when there is no program, or when it is called inside a handler or a loop over `events()`.
   */
  override async wait(options: WaitOptions = {}): Promise<Stop> {
    return await called(DebugSession.prototype.wait, () => super.wait(options));
  }

  /**
   * Lets the programs run until an event, of any of them, and leaves them stopped there (but for those that hold nothing).
   * @throws {StateError} kind `program-gone` when no program is left before it comes, `interrupted` after `interrupt()`.
   */
  override async next<K extends EventName>(name: K, options: WaitOptions = {}): Promise<DebugEventMap[K]> {
    return await called(DebugSession.prototype.next, () => super.next(name, options));
  }

  /** Lets the programs run until none is left, past every stop. */
  override async run(options: WaitOptions = {}): Promise<void> {
    await called(DebugSession.prototype.run, () => super.run(options));
  }

  /** Lets every program go as it came, ends the engines. Idempotent. One that does not stop within a second is left behind. */
  override [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    return super[Symbol.asyncDispose]();
  }
}
