/**
 * What engines tell and are asked: plain records, so that they cross a thread or a byte stream. No engine's name occurs here.
 * @module
 */

import type { Architecture } from "./architecture.ts";
import type { BreakpointChange, BreakpointRecord } from "./breakpoint_records.ts";
import type { ErrorRecord } from "./errors.ts";
import type { Position, SourceLine, SourcePlace } from "./source_lines.ts";
import type { StepKind } from "./status.ts";
import type { LocalRecord, TypeReference, TypeTree, VariableRecord } from "./type_records.ts";

/** A loaded image. Addresses and sizes are in bytes. */
export interface ModuleInfo {
  /** Short name as symbols have it, in events and lists alike, for example `kernel32`. A renamed program may keep its old one. */
  readonly name: string;
  /** Path of its file; a mere name where nothing tells more, as of a process server's `ntdll.dll` when it is loaded. */
  readonly imageName: string;
  /** Address of its first byte. */
  readonly base: bigint;
  /** Size in memory, in bytes. */
  readonly size: number;
  /** Checksum of its header. */
  readonly checksum: number;
  /** Link time of its header: seconds since 1970, or a hash in reproducible builds. */
  readonly timestamp: number;
}

/** What every event says: where it happened. */
export interface EventPlace {
  /** Windows' id of the process. */
  readonly processId: number;
  /** Windows' id of the thread. */
  readonly threadId: number;
}

/** Data of each event kind, as the engine reports it. */
export interface EngineEventData {
  /** A process came under the debugger: launched, attached to, or the child of one. */
  createProcess: {
    readonly module: ModuleInfo;
    readonly startAddress: bigint;
    /** What it was compiled for; undefined where nothing tells. */
    readonly architecture?: Architecture;
    /** Windows' id of the debugged process that started it; undefined for one that was launched or attached to. */
    readonly parentId?: number;
    /** Whether it is a child that is only told of: it is let go before anything runs again. */
    readonly letGo?: true;
  };
  /** A process ended. */
  exitProcess: {
    readonly exitCode: number;
    /** Which DLL or function was not there, or what else kept Windows from loading it, and what to do; if it ended of that. */
    readonly cause?: string;
  };
  /** A thread started. */
  createThread: { readonly startAddress: bigint };
  /** A thread ended. */
  exitThread: { readonly exitCode: number };
  /** A DLL was mapped. */
  loadModule: { readonly module: ModuleInfo };
  /** A DLL was unmapped. */
  unloadModule: { readonly base: bigint; readonly imageName: string };
  /** An exception was raised: first chance before the program's own handlers, second chance when none took it. */
  exception: {
    readonly code: number;
    /** Microsoft's name of the code, or what raises such exceptions (`C++ exception`), or the code as text. */
    readonly name: string;
    /** Of a C++ exception the thrown type, and the text of a `std::exception`; why a fast fail was raised. Where they can be read. */
    readonly details?: string;
    readonly firstChance: boolean;
    readonly address: bigint;
    readonly flags: number;
    /** The exception's own parameters, for example access kind and address of an access violation. */
    readonly parameters: readonly bigint[];
  };
  /** A breakpoint that the debugger set was hit. */
  breakpoint: { readonly id: number; readonly address: bigint };
  /** Windows reported an error of the debugged system. */
  systemError: { readonly error: number; readonly level: number };
  /** The program printed a debug string. */
  output: {
    readonly text: string;
    /** Whether the string was longer than the 64 KiB that its event can tell of, and is cut there. Known under Wine, of this machine's programs. */
    readonly truncated?: true;
  };
  /** The engine itself printed something. */
  engineOutput: { readonly text: string };
}

/** Names of the events that engines report. */
export type EngineEventName = keyof EngineEventData;

/** What an engine can be told to report, beside what it always does. */
export type WantedEvent = EngineEventName | "entryPoint";

/** One event as the engine reports it. */
export type EngineEvent = {
  [K in EngineEventName]: { readonly type: K } & EventPlace & EngineEventData[K];
}[EngineEventName];

/** A process that runs on this machine or on a process server's. */
export interface ProcessInfo {
  /** Windows' id of the process. */
  readonly processId: number;
  /** File name of its executable; empty where Windows does not tell. */
  readonly name: string;
  /** The engine's description (services, packages …), often empty. */
  readonly description: string;
  /** Full path of its executable; empty where Windows does not tell. */
  readonly path: string;
  /**
   * Its command line, as it was started with and has not changed since; empty where Windows does not tell, and for a confined script without the
   * right to read memory.
   */
  readonly commandLine: string;
}

/** One thread of a program. */
export interface ThreadInfo {
  /** The system's id of the thread. */
  readonly threadId: number;
  /** What the program calls it, by `SetThreadDescription` or, while it was debugged, by exception 0x406D1388; undefined without. */
  readonly name?: string;
}

/**
 * One frame of a stack, innermost first. Functions that the compiler inlined have frames of their own before that of the function which
 * has their code; all addresses of these are the same.
 */
export interface StackFrame {
  /** The instruction it is at. */
  readonly address: bigint;
  /** Where it returns to. */
  readonly returnAddress: bigint;
  /** Its frame's base. */
  readonly frameAddress: bigint;
  /** Its stack pointer. */
  readonly stackAddress: bigint;
  /** `module!function`; the module's name where no function is known to be there; null outside of all modules. */
  readonly symbol: string | null;
  /** Bytes behind the start of the function, or else of the module. */
  readonly displacement: bigint;
  /** Source file, where symbols tell. */
  readonly file: string | null;
  /** Source line, counted from 1: where the function was at that time, or called the next one. */
  readonly line: number | null;
  /** Whether the function was inlined into that of the next frame without this mark. Known where symbols tell. */
  readonly inline?: true;
}

/** The value of an expression or a register: integers as bigint, floating point as number, vectors as bytes. */
export type RegisterValue = bigint | number | Uint8Array<ArrayBuffer>;

/** What a dump contains: `mini` stacks and module list, `full` all memory. */
export type DumpType = "mini" | "full";

/** What an expression comes to: a number of the engine's, or, in a script runtime, a plain copy of a value. */
export type Value = bigint | number | string | boolean | null | undefined | readonly Value[] | {
  readonly [name: string]: Value;
};

/** What a report can have. */
export interface ReportedParts {
  /** The thread's stack, innermost frame first. */
  readonly stack: StackFrame[];
  /** The thread's registers by name. */
  readonly registers: Record<string, RegisterValue>;
  /** The modules that are loaded. */
  readonly modules: ModuleInfo[];
  /** The program's threads. */
  readonly threads: ThreadInfo[];
}

/** Which parts are wanted; a stack, if `frames` says how much of it. */
export interface ReportRequest {
  /** Frames at most. */
  readonly frames?: number;
  /** Whether the registers are. */
  readonly registers: boolean;
  /** Whether the modules are. */
  readonly modules: boolean;
  /** Whether the threads are. */
  readonly threads: boolean;
}

/** The parts that could be had, and why others could not. */
export interface ReportRecord extends Partial<ReportedParts> {
  /** Errors, as they cross a thread. */
  readonly failed: { readonly [P in keyof ReportedParts]?: ErrorRecord };
}

/** What can be asked about a stopped program; with a thread in focus where it is about one. */
export interface ProgramRequests {
  /** Its threads. */
  threads(): ThreadInfo[];
  /** The modules that are loaded. */
  modules(): ModuleInfo[];
  /** The thread's stack, innermost frame first. */
  stack(frames: number): StackFrame[];
  /** Several of these at once; one that fails leaves the others. */
  report(request: ReportRequest): ReportRecord;
  /** The thread's registers by name. */
  registers(): Record<string, RegisterValue>;
  /** Sets one of them. */
  writeRegister(name: string, value: bigint | number): void;
  /** Reads memory; `uncached`: from the program in any case. */
  read(address: bigint, length: number, uncached?: boolean): Uint8Array<ArrayBuffer>;
  /** Writes memory; gives how many bytes. */
  write(address: bigint, bytes: Uint8Array<ArrayBuffer>): number;
  /** What an address is in, and how far: a function or variable, else a module. */
  nameAt(address: bigint): { readonly symbol: string; readonly displacement: bigint } | null;
  /** The address of a symbol. */
  addressOf(symbol: string): bigint | null;
  /** A variable, of the thread in focus where each thread has its own; null where there is none of the name. */
  variable(name: string): VariableRecord | null;
  /** A type; null where there is none of the name. */
  type(which: TypeReference): TypeTree | null;
  /** Parameters and locals of a frame of the thread, the innermost being 0. */
  locals(frame: number): LocalRecord[];
  /** Makes a change; gives the breakpoint that it is about, as it is then, if it is there. Without a change: all that users have set. */
  breakpoints(change?: BreakpointChange): BreakpointRecord[];
  /** The source line that an address is in, or the pieces of code that a line has become, by address. */
  sourceLines(which: bigint | SourcePlace): SourceLine[];
  /** Where the thread is. */
  position(): Position;
  /** Has the next run carry out one step of the thread. */
  step(kind: StepKind): void;
  /** The value of an expression. */
  evaluate(expression: string): Value;
  /** Runs a command; gives what it printed, and whether it has the program run. */
  execute(command: string): { readonly text: string; readonly moved: boolean };
  /** Writes a dump. */
  writeDump(path: string, type: DumpType, comment: string | null): void;
}

/** What a dump is of. */
export interface DumpRecord {
  /** The process; what stands for it where the dump does not tell. */
  readonly processId: number;
  /** The exception's thread, or else the first. */
  readonly threadId: number;
  /** Path of its program. */
  readonly program: string;
  /** The exception that it was written at, a break of the debugger's included; null where it has none. */
  readonly exception: Extract<EngineEvent, { type: "exception" }> | null;
  /** What the program was compiled for. */
  readonly architecture: Architecture | undefined;
}

/** One file of the engine as it was really loaded. */
export interface LoadedFile {
  /** Its file name. */
  readonly name: string;
  /** Where it was loaded from. */
  readonly path: string;
  /** Its file version. */
  readonly version: string;
}

/** Which engine works here. */
export interface EngineInfo {
  /** Folder that it came from. */
  readonly folder: string;
  /** How it was found: `option`, `LATCH_ENGINE`, `Windows Kits`, `NuGet`, `System32`. */
  readonly source: string;
  /** File version of `dbgeng.dll`. */
  readonly version: string;
  /** What it was built for, for example `x86_64`. */
  readonly architecture: string;
  /** Each DLL of the family. */
  readonly files: readonly LoadedFile[];
}

/** How to open an engine. */
export interface EngineOptions {
  /** Folder that holds the engine's DLLs; other places are not tried then. */
  readonly engine?: string;
  /** Where symbols are looked for, as `.sympath` takes it. Without it: beside the images, never on the network. */
  readonly symbolPath?: string;
}
