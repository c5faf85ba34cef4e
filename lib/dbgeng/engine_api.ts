/**
 * The engine's core as its callers see it, wherever it runs: requests by process, and what stopped the programs. All of it is
 * plain data, so that it crosses a thread.
 * @module
 */
import type { BreakpointChange, BreakpointRecord } from "../session/breakpoint_records.ts";
import type { ChildPolicies } from "../session/children.ts";
import type {
  DumpRecord,
  DumpType,
  EngineEvent,
  EngineInfo,
  EngineOptions,
  EventPlace,
  ModuleInfo,
  ProcessInfo,
  RegisterValue,
  ReportRecord,
  ReportRequest,
  StackFrame,
  ThreadInfo,
  WantedEvent,
} from "../session/engine.ts";
import type { InputSink } from "../session/input.ts";
import type { ExecutionStatus, StepKind } from "../session/status.ts";
import type { Position, SourceLine, SourcePlace } from "../session/source_lines.ts";
import type { LocalRecord, TypeReference, TypeTree, VariableRecord } from "../session/type_records.ts";

/** Why the engine stopped running the programs. */
export type EngineStop =
  /** An event that somebody listens to, or a process's start or end: the programs are held until the next `run`. */
  | { readonly kind: "event"; readonly event: EngineEvent }
  /** A process reached the breakpoint at which Windows hands it over, all its static modules being loaded. */
  | ({ readonly kind: "initialBreak" } & EventPlace)
  /** A launched process is at the first instruction of its image. */
  | ({ readonly kind: "entryPoint" } & EventPlace)
  /** An interrupt that was asked for. */
  | ({ readonly kind: "interrupt" } & EventPlace)
  /** The engine stopped for a reason of its own, for example at the end of a step. */
  | ({ readonly kind: "break" } & EventPlace)
  /** The thread of the last event was ended from outside, and the engine had to let its process go, which runs on. */
  | { readonly kind: "left"; readonly processId: number }
  /** No process is left. */
  | { readonly kind: "ended" }
  /** The time is over, the programs run on. */
  | { readonly kind: "expired" };

/** How to attach. */
export interface EngineAttach {
  /** Handle of the process server, 0n for this machine. */
  readonly server: bigint;
  readonly processId: number;
  readonly noninvasive?: boolean | "noSuspend";
  readonly existing?: boolean;
  readonly initialBreak?: boolean;
  readonly resume?: boolean;
  /** What becomes of its children, and of theirs. */
  readonly children?: ChildPolicies;
}

/** What to launch. */
export interface EngineLaunch {
  readonly server: bigint;
  /** Quoted for Windows. */
  readonly commandLine: string;
  readonly directory: string | null;
  /** `NAME=value` lines. */
  readonly environment: readonly string[];
  /** Whether they stand alone, or on top of the debugger's own environment. */
  readonly clearEnvironment: boolean;
  /** What becomes of its children, and of theirs. */
  readonly children: ChildPolicies;
  /** The {@linkcode EngineInput} that it reads; without it, it reads what the debugger does. Not with a process server. */
  readonly input?: number;
}

/** Standard input of a program that is to be launched. */
export interface EngineInput extends InputSink {
  /** What stands for it in the launch. */
  readonly id: number;
  /** The launch has been answered, or does not come: has to be called in any case. */
  launched(): void;
}

/** Which program and thread a request is about; without a thread, the program's event thread or first one. */
export interface Focus {
  readonly processId: number;
  readonly threadId?: number;
}

/** Memory, and the page that it lies in. */
export interface MemoryWithPage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** All of it, where it may be kept until the programs run or are written to. */
  readonly page: Uint8Array<ArrayBuffer> | null;
}

/** A program that is let go, and how. */
export interface Departure {
  readonly processId: number;
  readonly how: "detach" | "terminate";
}

/**
 * All that a session asks of an engine. Every method is synchronous on the engine's thread and throws typed errors.
 * While programs run, none but the interrupt may be called.
 */
export interface EngineApi {
  open(options: EngineOptions): EngineInfo;
  close(): void;
  /** Which events are reported beside the starts and ends of processes; all others are answered inside the engine. */
  subscribe(names: readonly WantedEvent[]): void;
  attach(request: EngineAttach): void;
  launch(request: EngineLaunch): void;
  /** Lets the programs run, answering the pending event, until something stops them or the time is over. */
  run(status: ExecutionStatus, milliseconds?: number): EngineStop;
  /** Stops a launched process, which has not run yet, at the first instruction of its image. */
  breakAtEntry(processId: number): void;
  detach(processId: number): void;
  terminate(processId: number): void;
  abandon(processId: number): void;
  /** Lets programs go while this script's process ends: failures are passed over. */
  leave(departures: readonly Departure[]): void;
  /** The processes there, but for the debugger's own; of one name only, if one is given (see `sameImage`). */
  processes(server: bigint, name?: string): ProcessInfo[];
  /** `patience`: how long the server may take to answer, now and later, in milliseconds. */
  connectServer(options: string, patience: number): bigint;
  disconnectServer(server: bigint): void;
  endServer(server: bigint): void;
  /** Begins to serve this machine's processes to other debuggers. */
  startServer(options: string): void;
  /** Serves for some time; whether the server was ended meanwhile. */
  serve(milliseconds: number): boolean;
  /** Ends the server that `startServer` began. */
  stopServer(options: string): void;
  /** Opens a dump, as the only program; gives what it is of. `imagePath`: where images are looked for before the places that they had. */
  openDump(path: string, imagePath: string | null): DumpRecord;
  threads(focus: Focus): ThreadInfo[];
  modules(focus: Focus): ModuleInfo[];
  stack(focus: Focus, frames: number): StackFrame[];
  report(focus: Focus, request: ReportRequest): ReportRecord;
  registers(focus: Focus): Record<string, RegisterValue>;
  writeRegister(focus: Focus, name: string, value: bigint | number): void;
  read(focus: Focus, address: bigint, length: number): Uint8Array<ArrayBuffer>;
  /**
   * The same within one page of 4096 bytes, and with that page, where nothing changes it before the programs run again but who debugs them:
   * null for one that other processes or Windows may write to, that cannot be read, and of a program that is only looked at.
   */
  readWithPage(focus: Focus, address: bigint, length: number): MemoryWithPage;
  write(focus: Focus, address: bigint, bytes: Uint8Array<ArrayBuffer>): number;
  nameAt(focus: Focus, address: bigint): { readonly symbol: string; readonly displacement: bigint } | null;
  addressOf(focus: Focus, symbol: string): bigint | null;
  variable(focus: Focus, name: string): VariableRecord | null;
  type(focus: Focus, which: TypeReference): TypeTree | null;
  locals(focus: Focus, frame: number): LocalRecord[];
  breakpoints(focus: Focus, change?: BreakpointChange): BreakpointRecord[];
  sourceLines(focus: Focus, which: bigint | SourcePlace): SourceLine[];
  position(focus: Focus): Position;
  step(focus: Focus, kind: StepKind): void;
  evaluate(focus: Focus, expression: string): bigint | number;
  execute(focus: Focus, command: string): { readonly text: string; readonly moved: boolean };
  writeDump(focus: Focus, path: string, type: DumpType, comment: string | null): void;
}

/** An engine as a session sees it, wherever it lives. */
export interface EngineConnection {
  /** Called for events that hold nothing: debug strings and engine text. */
  onNotice: (event: EngineEvent) => void;
  /** Called once, when the engine has gone for good, where that can happen between two calls. */
  onLost?: (error: Error) => void;
  /** Asks the engine; rejects with the typed error. `run` resolves when something stopped the programs. */
  call<K extends keyof EngineApi>(name: K, ...values: Parameters<EngineApi[K]>): Promise<ReturnType<EngineApi[K]>>;
  /**
   * Nobody wants to wait for it any more: an engine that does not get on is lost within two seconds, and so is one whose other side
   * has not answered yet. The programs are let go as they came, as far as that can be done beside the engine.
   */
  giveUp?(): void;
  /**
   * Whether a process that was attached to is still to come up, or one that was launched (no id), where that cannot be told from the calls: it
   * may have come up and been refused.
   */
  awaits?(processId?: number): boolean;
  /**
   * Makes the input of a program that is to be launched; undefined where the engine has no such thing. It ends with the connection, and is
   * written to while programs run.
   */
  openInput?(): EngineInput | undefined;
  /** Stops running programs; the pending `run` resolves soon after. No call works while they run. */
  interrupt(): void;
  /** Lets programs go before it returns: the script's process ends, nothing can be awaited any more. */
  leaveNow(departures: readonly Departure[]): void;
  /** Whether the script is to stay for it while no call but a run is under way: at first it is. */
  ref?(isNeeded: boolean): void;
  /** Ends the engine's thread. No call may follow. */
  dispose(): void;
}
