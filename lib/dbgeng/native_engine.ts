import type {
  AttachCall,
  DebugEngine,
  LaunchRequest,
  PortHost,
  PortProgram,
  ProgramRequest,
  StopReport,
} from "../session/contract.ts";
import { quoteCommandLine } from "../session/command_line.ts";
import type { EngineConnection, EngineInput, EngineLaunch } from "./engine_api.ts";
import type { EngineInfo, EngineOptions, WantedEvent } from "../session/engine.ts";
import type { EngineStop } from "./engine_api.ts";
import type { ProcessInfo } from "../session/engine.ts";
import { AttachError, EngineError } from "../session/errors.ts";
import type { ExecutionStatus } from "../session/status.ts";
import { nestingFault, short } from "./expressions.ts";
import { movesProgram } from "./moving_commands.ts";
import { NativePrograms } from "./native_programs.ts";
import { PageCache } from "./page_cache.ts";

/** The id under which program nodes name this engine. */
export const DBGENG = "dbgeng";

/** Handle of the process server that stands for this machine. */
export const LOCAL = 0n;

/**
 * Windows' debugger engine as a session sees it: turns what the engine's thread reports, process by process, into the events
 * of programs, and adds those of a program's life.
 */
export class NativeEngine implements DebugEngine {
  readonly id = DBGENG;
  readonly #connection: EngineConnection;
  /** What the connection is asked through. */
  readonly #requests: PageCache;
  readonly #options: EngineOptions;
  readonly #programs: NativePrograms;
  #info: Promise<EngineInfo> | undefined;
  #isCreated = false;
  /** How the programs go on from where they are, unless they are to step: past a break of the debugger's own. */
  #resume: ExecutionStatus | undefined;
  #wantsEntry = false;
  /** Whether the thread holds the end of a process, which is over only when it has run again. */
  #isEnding = false;
  #lost: Error | undefined;
  #loss: PromiseWithResolvers<never> | undefined;

  constructor(connection: EngineConnection, host: PortHost, { engine, symbolPath }: EngineOptions) {
    this.#connection = connection;
    this.#requests = new PageCache(connection);
    this.#options = {
      ...(engine === undefined ? {} : { engine }),
      ...(symbolPath === undefined ? {} : { symbolPath }),
    };
    this.#programs = new NativePrograms(this.#requests, host);
    connection.onNotice = (event) => this.#programs.notice(event);
    connection.onLost = (error): void => {
      this.#lost = error;
      this.#requests.forget();
      this.#programs.starve();
      this.#loss?.reject(error);
    };
  }

  async info(): Promise<EngineInfo> {
    this.#info ??= this.#requests.call("open", this.#options);
    try {
      return await this.#info;
    } catch (error) {
      this.#connection.dispose();
      throw error;
    }
  }

  giveUp(): void {
    this.#connection.giveUp?.();
  }

  ref(isNeeded: boolean): void {
    this.#connection.ref?.(isNeeded);
  }

  moves(command: string): boolean {
    const fault = nestingFault(command);
    if (fault !== undefined) throw new RangeError(`Cannot execute ${short(command)}: it is ${fault}`);
    return movesProgram(command);
  }

  async subscribe(names: readonly WantedEvent[]): Promise<void> {
    this.#wantsEntry = names.includes("entryPoint");
    await this.#requests.call("subscribe", names);
  }

  async attach(program: PortProgram, call: AttachCall): Promise<void> {
    await this.attachThrough(LOCAL, program, call);
  }

  /** Attaches to or launches a program through a process server. */
  async attachThrough(server: bigint, program: PortProgram, call: AttachCall): Promise<void> {
    if (!this.#isCreated) {
      this.#isCreated = true;
      await call.callback({ type: "engineCreate", engine: this });
    }
    const { launch, node } = program;
    const input = launch?.input && this.#openInput(server);
    try {
      if (launch) await this.#requests.call("launch", launchCall(server, launch, input));
      else await this.#requests.call("attach", { server, processId: node.hostPid, ...call.request });
    } catch (error) {
      input?.close();
      throw error;
    } finally {
      input?.launched();
    }
    this.#programs.expect(program, call, input);
  }

  #openInput(server: bigint): EngineInput {
    const refuse = (where: string): never => {
      throw new AttachError("not-supported", `Cannot launch with an input: ${where}; leave out input`);
    };
    if (server !== LOCAL) refuse("a process server gives its programs none");
    return this.#connection.openInput?.() ?? refuse("this engine takes none");
  }

  async run(status: ExecutionStatus): Promise<StopReport> {
    for (;;) {
      await this.#programs.leaveStart(this.#wantsEntry);
      const resume = this.#resume !== undefined && GOES_ON.has(status) ? this.#resume : status;
      this.#resume = undefined;
      this.#isEnding = false;
      const stop = await this.#runThread(resume);
      const answer = await this.#unlessLost(this.#tell(stop));
      if (typeof answer === "object") return answer;
      if (answer === "break") return { kind: "held" };
      if (!this.#programs.any && !this.#isEnding) return { kind: "ended" };
      status = answer;
    }
  }

  async #runThread(status: ExecutionStatus): Promise<EngineStop> {
    try {
      return await this.#requests.call("run", status);
    } catch (error) {
      // A confined script's program may turn out to be another one than it was granted (NotCapable).
      const isOfOpening = error instanceof AttachError || error instanceof Deno.errors.NotCapable;
      if (isOfOpening) await this.#programs.failed();
      throw error;
    }
  }

  /** A handler may take long, and need not ask the engine to find out that it has gone. */
  async #unlessLost<T>(told: Promise<T>): Promise<T> {
    const { promise, reject } = this.#loss = Promise.withResolvers<never>();
    if (this.#lost) reject(this.#lost);
    return await Promise.race([told, promise]);
  }

  /** What the session answers to what stopped the programs, or the stop itself. */
  async #tell(stop: EngineStop): Promise<ExecutionStatus | StopReport> {
    switch (stop.kind) {
      case "event":
        this.#isEnding = stop.event.type === "exitProcess";
        return await this.#programs.tell(stop.event);
      case "initialBreak":
        this.#resume = "goHandled";
        return await this.#programs.loaded(stop);
      case "entryPoint":
        return await this.#programs.entered(stop);
      case "left":
        return await this.#programs.left(stop.processId);
      case "expired":
        return "noChange";
      case "ended":
        return { kind: "ended" };
      default:
        if (stop.kind === "interrupt") this.#resume = "goHandled";
        return { kind: stop.kind, programId: this.#programs.idOf(stop.processId), threadId: stop.threadId };
    }
  }

  causeBreak(): void {
    this.#connection.interrupt();
  }

  async release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void> {
    await this.#programs.release(programId, how);
  }

  readonly request: ProgramRequest = async (programId, threadId, name, ...values) => {
    const processId = this.#programs.processOf(programId);
    const focus = threadId === undefined ? { processId } : { processId, threadId };
    const call = this.#requests.call as (name: string, ...values: unknown[]) => Promise<never>;
    return await call.call(this.#requests, name, focus, ...values);
  };

  /** The processes that run on this machine, or on a server's. */
  async processes(server: bigint, name?: string): Promise<ProcessInfo[]> {
    return await this.#requests.call("processes", server, name);
  }

  /** Connects to a process server, which may take so many milliseconds for each answer; gives its handle. */
  async connectServer(options: string, patience: number): Promise<bigint> {
    return await this.#requests.call("connectServer", options, patience);
  }

  /** Lets go of a process server. */
  async disconnectServer(server: bigint): Promise<void> {
    await this.#requests.call("disconnectServer", server);
  }

  /** Ends a process server. */
  async endServer(server: bigint): Promise<void> {
    await this.#requests.call("endServer", server);
  }

  leaveNow(departures: readonly { readonly programId: string; readonly how: "detach" | "terminate" }[]): void {
    this.#connection.leaveNow(
      departures.map(({ programId, how }) => ({ processId: this.#programs.processOf(programId), how })),
    );
  }

  async dispose(): Promise<void> {
    try {
      if (this.#isEnding && !this.#programs.any) await this.#requests.call("run", "go");
      await this.#requests.call("close");
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "lost")) throw error; // else it is as closed as can be
    } finally {
      this.#programs.starve();
      this.#connection.dispose();
    }
  }
}

function launchCall(server: bigint, launch: LaunchRequest, input: EngineInput | undefined): EngineLaunch {
  const { command, directory, environment, clearEnvironment, children } = launch;
  const commandLine = typeof command === "string" ? command : quoteCommandLine(command);
  const request = { server, commandLine, directory, environment, clearEnvironment, children };
  return input ? { ...request, input: input.id } : request;
}

const GOES_ON: ReadonlySet<ExecutionStatus> = new Set(["go", "goNotHandled"]);
