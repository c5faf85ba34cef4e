/**
 * The contract between a session and its engines and ports: who attaches, who tells whom of what, in which order.
 * The words are those of debuggers' SDKs: the session is the session debug manager, a {@linkcode PortSupplier} makes ports, a
 * {@linkcode Port} knows programs, a {@linkcode ProgramNode} says which {@linkcode DebugEngine} a program takes. No engine's
 * name occurs here. See https://learn.microsoft.com/visualstudio/extensibility/debugger/attaching-to-the-program
 * @module
 */
import type { Architecture } from "./architecture.ts";
import type { ChildPolicies } from "./children.ts";
import type { EngineEvent, EngineInfo, ModuleInfo, ProcessInfo, ProgramRequests, WantedEvent } from "./engine.ts";
import type { ExecutionStatus } from "./status.ts";

/** Why a program comes into a session: it was launched, somebody attached to it, or it is a child that came by itself. */
export type AttachReason = "launch" | "user" | "auto";

/** How a program left its session. */
export interface ProgramEnd {
  /** What happened to it. */
  readonly reason: "exited" | "detached" | "terminated" | "abandoned" | "lost";
  /** Its exit code, if it ended while it was debugged. */
  readonly exitCode?: number;
  /**
   * Which DLL or function was not there, or what else kept Windows from loading it, if it ended of that; why it was let go, if nobody asked
   * for that; and what to do.
   */
  readonly cause?: string;
}

/** How to attach, as plain data. See {@linkcode AttachOptions}. */
export interface AttachRequest {
  /** Whether it is only looked at, and not even suspended for that. */
  readonly noninvasive: boolean | "noSuspend";
  /** Whether it is taken up from a debugger that abandoned it. */
  readonly existing: boolean;
  /** Whether to break in. */
  readonly initialBreak: boolean;
  /** Whether a suspended program is resumed. */
  readonly resume: boolean;
  /** What becomes of its children. */
  readonly children: ChildPolicies;
}

/** What to launch, as plain data but for its input. See {@linkcode LaunchOptions}. */
export interface LaunchRequest {
  /** As it was given: a list still is to be quoted for the system, a text is a command line. */
  readonly command: string | readonly string[];
  /** Working folder; null for the debugger's. */
  readonly directory: string | null;
  /** `NAME=value` lines. */
  readonly environment: readonly string[];
  /** Whether they stand alone, or on top of the debugger's own environment. */
  readonly clearEnvironment: boolean;
  /** Whether the program is to stay stopped once it is loaded. */
  readonly initialBreak: boolean;
  /** What becomes of its children. */
  readonly children: ChildPolicies;
  /** What it reads from its standard input, if it is given something. */
  readonly input?: LaunchInput;
}

/** A launched program's standard input. */
export interface LaunchInput {
  /** Is read from when the program is there, until it has gone. */
  readonly source: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Is told why it ended before its end. */
  onError(error: unknown): void;
}

/** What a program's engine is told when it is to attach: the same in all three ways. */
export interface AttachCall {
  /** Takes every event of the program, from now until it has left. There is no other way for events. */
  readonly callback: EventCallback;
  /** Why it comes. */
  readonly reason: AttachReason;
  /** How to attach. */
  readonly request: AttachRequest;
}

/**
 * Tells the session of an event. The engine waits for the answer before it does anything else with the program: `break`
 * leaves the program stopped until the next {@linkcode DebugEngine.run}, anything else is how the program goes on.
 */
export type EventCallback = (report: EngineReport) => Promise<ExecutionStatus>;

/** What an engine tells: its events, and the five of a program's life. Every one but the first names its program. */
export type EngineReport =
  /** First of all, once for each engine. */
  | { readonly type: "engineCreate"; readonly engine: DebugEngine }
  /** The program is there: its events follow. */
  | {
    readonly type: "programCreate";
    readonly programId: string;
    readonly processId: number;
    readonly threadId: number;
    readonly name: string;
    readonly image: ModuleInfo;
    readonly architecture?: Architecture;
  }
  /** All that it begins with is loaded. It is stopped here, unless it runs already (`running`). */
  | {
    readonly type: "loadComplete";
    readonly programId: string;
    readonly threadId: number;
    readonly running: boolean;
  }
  /** A launched program is about to run its own first instruction. */
  | { readonly type: "entryPoint"; readonly programId: string; readonly threadId: number }
  /** The last of all: the program is not debugged any more. */
  | { readonly type: "programDestroy"; readonly programId: string; readonly end: ProgramEnd }
  /** Any other event; `createProcess` comes before the program's `programCreate`. */
  | ({ readonly programId: string } & EngineEvent);

/** Why {@linkcode DebugEngine.run} came back. */
export type StopReport =
  /** The session answered `break` to an event. */
  | { readonly kind: "held" }
  /** {@linkcode DebugEngine.causeBreak} was called, or the engine stopped for a reason of its own, such as the end of a step. */
  | { readonly kind: "interrupt" | "break"; readonly programId: string | undefined; readonly threadId: number }
  /** No program is left. */
  | { readonly kind: "ended" };

/** A program's requests: what can be asked about a stopped program. An engine refuses what it does not know. */
export type ProgramRequest = <K extends keyof ProgramRequests>(
  programId: string,
  threadId: number | undefined,
  name: K,
  ...values: Parameters<ProgramRequests[K]>
) => Promise<ReturnType<ProgramRequests[K]>>;

/**
 * Controls programs: attaches, runs them, tells what happens, looks into them. All its programs run and stop together.
 * Between two runs they are stopped. Events come while `run` is under way, and `programDestroy` of {@linkcode release}.
 */
export interface DebugEngine {
  /** Its kind, as {@linkcode ProgramNode.engineId} names it. */
  readonly id: string;
  /** Which engine works here; for {@linkcode DebugSession.engine}. */
  info(): Promise<EngineInfo>;
  /**
   * The session is about to end, and nobody wants to wait for it any more: an engine that does not get on, or has not been opened yet, is
   * lost within two seconds.
   */
  giveUp?(): void;
  /** Whether the script is to stay for it, though nothing but a run may be under way: at first it is. */
  ref?(isNeeded: boolean): void;
  /** Which events are to be reported, beside those of programs' and processes' beginnings and ends. */
  subscribe(names: readonly WantedEvent[]): Promise<void>;
  /** Asks for an attach, or for a launch if the program was made by a port's `launch`. The next run carries it out. */
  attach(program: PortProgram, call: AttachCall): Promise<void>;
  /** Lets the programs go on until something stops them. */
  run(status: ExecutionStatus): Promise<StopReport>;
  /** Stops running programs: the pending `run` resolves soon after. */
  causeBreak(): void;
  /** Lets a stopped program go; reports its `programDestroy`. */
  release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void>;
  /** Asks about a stopped program. */
  readonly request: ProgramRequest;
  /** Whether a command, as it stands there, has the program run: where that is refused, the engine does not get it. */
  moves?(command: string): boolean;
  /** Lets programs go before it returns: the script's process ends, nothing can be awaited any more. */
  leaveNow(departures: readonly { readonly programId: string; readonly how: "detach" | "terminate" }[]): void;
  /** Ends the engine, whose programs were let go. */
  dispose(): Promise<void>;
}

/** Says which engine a program takes. Where the engine sits inside the program, it attaches by itself (`onAttach`). */
export interface ProgramNode {
  /** The engine's kind. */
  readonly engineId: string;
  /** Name of the machine where the program runs; empty for this one. */
  readonly hostName: string;
  /** Process that the program is in; 0 while it is not known. */
  readonly hostPid: number;
  /** What it is called; empty while it is not known. */
  readonly programName: string;
  /** The first way: `attached` ends the search, `defer` leaves it to the port or the engine. */
  onAttach?(programId: string, call: AttachCall): Promise<"attached" | "defer">;
}

/** A program as its port knows it. What scripts hold, the engine's view of it, is {@linkcode Program}. */
export interface PortProgram {
  /** Given by the session ({@linkcode PortHost.newProgramId}); stored by the engine and returned with every event. */
  readonly id: string;
  /** Where it is. */
  readonly port: Port;
  /** Which engine it takes. */
  readonly node: ProgramNode;
  /** What to launch, for a program that does not exist yet. */
  readonly launch?: LaunchRequest;
  /**
   * The second way: the port attaches, and may have the engine loaded for that. `session` is a cookie that tells one session
   * from another: a program that another one debugs is refused.
   */
  attach?(session: symbol, load: () => Promise<DebugEngine>, call: AttachCall): Promise<void>;
}

/** Where programs are: this machine, another one, an address. Disposal disconnects, and leaves what serves it running. */
export interface Port extends AsyncDisposable {
  /** What it was connected with. */
  readonly name: string;
  /** The processes that run there, with names and descriptions; or, of those, the ones of a name. A port may give more. */
  processes(name?: string): Promise<ProcessInfo[]>;
  /** The program that a process id names. @throws {AttachError} for one that cannot be attached to. */
  program(processId: number): Promise<PortProgram>;
  /** A program that is to be launched there. */
  launch(request: LaunchRequest): Promise<PortProgram>;
  /** Lets go of what serves it, which runs on. */
  disconnect(): Promise<void>;
  /** Ends what serves it. @throws {StateError} where there is nothing that could be ended. */
  shutdown(): Promise<void>;
}

/** What a port supplier needs of the session. */
export interface PortHost {
  /** A new program id. */
  newProgramId(): string;
  /** The session's engine of that kind, loaded if need be. */
  load(engineId: string): Promise<DebugEngine>;
  /** Does something that needs the programs of all engines stopped; lets them run on if they did. */
  whileStopped<T>(action: () => Promise<T>): Promise<T>;
}

/** Makes ports from the texts that `connect` takes. */
export interface PortSupplier {
  /** Its kind. */
  readonly id: string;
  /** Whether a text is an address of its kind. */
  accepts(address: string): boolean;
  /** Connects. `timeout`: how long whoever is there may take to answer, in milliseconds. */
  addPort(address: string, host: PortHost, signal?: AbortSignal, timeout?: number): Promise<Port>;
}

/** Makes an engine of one kind; `newProgramId` names programs that come by themselves. */
export type EngineFactory = (host: PortHost) => DebugEngine;
