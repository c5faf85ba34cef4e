/**
 * Latch: Windows' own debugger engine, scripted in TypeScript.
 *
 * @example Stop at the first access violation of a program and show where
 * ```ts
 * import { launch } from "@latch/latch";
 *
 * await using program = await launch(["app.exe"], {
 *   on: {
 *     exception: async (event) => {
 *       const [frame] = await event.program.thread(event.threadId).stack(1);
 *       console.log(event.name, frame?.symbol, frame?.file, frame?.line);
 *     },
 *   },
 * });
 * await program.wait();
 * ```
 *
 * @module
 */
export { attach, connect, type Connection, launch } from "./lib/api/open.ts";
export { type ProcessServer, type ProcessServerOptions, startProcessServer } from "./lib/api/process_server.ts";
export { DebugSession, type DebugSessionOptions } from "./lib/api/debug_session.ts";
export type { ConnectionOptions } from "./lib/api/connection.ts";
export { fetchProgramSymbols, type FetchProgramSymbolsOptions, type SymbolsOption } from "./lib/api/symbols.ts";
export {
  AttachError,
  type AttachErrorKind,
  EngineError,
  type EngineErrorKind,
  HandlerError,
  StateError,
  type StateErrorKind,
} from "./lib/session/errors.ts";
export type { EventName } from "./lib/session/events.ts";
export type { EventMap, LifecycleData } from "./lib/session/event_map.ts";
export {
  type DebugEvent,
  type DebugEventMap,
  type EventHandler,
  type EventHandlers,
  type LifecycleEventData,
  Program,
  type ProgramOrigin,
  type Stop,
} from "./lib/session/program.ts";
export type { WaitOptions } from "./lib/session/wait_options.ts";
export type { InputSource } from "./lib/session/input.ts";
export type { HandlerOptions, Scope } from "./lib/session/handlers.ts";
export type {
  AttachDebugging,
  AttachExisting,
  AttachNoninvasive,
  AttachOptions,
  ConnectOptions,
  LaunchOptions,
  OpenOptions,
  SessionOptions,
} from "./lib/session/options.ts";
export { Thread } from "./lib/session/thread.ts";
export { type IntegerSize, Memory, type TextEncoding } from "./lib/session/memory.ts";
export type {
  AttachCall,
  AttachReason,
  AttachRequest,
  DebugEngine,
  EngineFactory,
  EngineReport,
  EventCallback,
  LaunchInput,
  LaunchRequest,
  Port,
  PortHost,
  PortProgram,
  PortSupplier,
  ProgramEnd,
  ProgramNode,
  ProgramRequest,
  StopReport,
} from "./lib/session/contract.ts";
export type { ChildOption, ChildPolicies, ChildPolicy } from "./lib/session/children.ts";
export type { Suppliers } from "./lib/session/engines.ts";
export type { TraceEntry } from "./lib/session/trace.ts";
export { SessionManager } from "./lib/session/session.ts";
export type { AttachTarget } from "./lib/session/target.ts";
export type { ExecutionStatus } from "./lib/session/status.ts";
export type {
  DumpType,
  EngineEvent,
  EngineEventData,
  EngineEventName,
  EngineInfo,
  EngineOptions,
  EventPlace,
  LoadedFile,
  ModuleInfo,
  ProcessInfo,
  ProgramRequests,
  RegisterValue,
  StackFrame,
  ThreadInfo,
  Value,
  WantedEvent,
} from "./lib/session/engine.ts";
export type { Architecture } from "./lib/session/architecture.ts";
export { quoteCommandLine } from "./lib/session/command_line.ts";
