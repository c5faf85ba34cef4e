/** What users import: `mod.ts` at the top has all of this, bundled. */
export { attach, connect, type Connection, launch } from "./open.ts";
export { openDump, type OpenDumpOptions } from "./open_dump.ts";
export { type ProcessServer, type ProcessServerOptions, startProcessServer } from "./process_server.ts";
export { DebugSession, type DebugSessionOptions } from "./debug_session.ts";
export type { ConnectionOptions } from "./connection.ts";
export { FileError, type FileErrorKind } from "../files/error.ts";
export { fetchProgramSymbols, type FetchProgramSymbolsOptions, type SymbolsOption } from "./symbols.ts";
export {
  AttachError,
  type AttachErrorKind,
  EngineError,
  type EngineErrorKind,
  type ErrorDetails,
  type ErrorRecord,
  HandlerError,
  StateError,
  type StateErrorKind,
} from "../session/errors.ts";
export type { EventName } from "../session/events.ts";
export type { EventMap, LifecycleData } from "../session/event_map.ts";
export {
  type DebugEvent,
  type DebugEventMap,
  type EventHandler,
  type EventHandlers,
  type LifecycleEventData,
  Program,
  type ProgramOrigin,
  type Stop,
} from "../session/program.ts";
export type { HandlerOf, OriginOf, StopOf } from "../session/program_parts.ts";
export type { WaitOptions } from "../session/wait_options.ts";
export type { InputSource } from "../session/input.ts";
export type { HandlerOptions, Scope } from "../session/handlers.ts";
export type {
  AttachDebugging,
  AttachExisting,
  AttachNoninvasive,
  AttachOptions,
  ConnectOptions,
  LaunchOptions,
  OpenOptions,
  SessionOptions,
} from "../session/options.ts";
export { Dump, type DumpSource } from "../session/dump.ts";
export { Thread } from "../session/thread.ts";
export { ThreadView } from "../session/thread_view.ts";
export type { ReportOptions, ThreadReport } from "../session/thread_report.ts";
export { ProgramView } from "../session/program_view.ts";
export type { Position, SourceLine, SourcePlace } from "../session/source_lines.ts";
export type { StepEnd, StepOptions, StepStop } from "../session/steps.ts";
export { Breakpoint, type BreakpointHit, type BreakpointOptions } from "../session/breakpoints.ts";
export type { BreakpointChange, BreakpointRecord, BreakpointRequest } from "../session/breakpoint_records.ts";
export { type Field, Type } from "../session/types.ts";
export type {
  FieldRecord,
  LocalRecord,
  RegisterRecord,
  TypeKind,
  TypeRecord,
  TypeReference,
  TypeTree,
  VariableRecord,
} from "../session/type_records.ts";
export { TypedValue } from "../session/typed_value.ts";
export type { EnumValue, NumberArray, PlainValue } from "../session/value_decode.ts";
export type { WritableValue } from "../session/value_encode.ts";
export type { ListOptions, Local } from "../session/values.ts";
export { type IntegerSize, Memory, type OwnRequest, type ReadOptions, type TextEncoding } from "../session/memory.ts";
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
} from "../session/contract.ts";
export type { ChildOption, ChildPolicies, ChildPolicy } from "../session/children.ts";
export type { Suppliers } from "../session/engines.ts";
export type { TraceEntry } from "../session/trace.ts";
export { SessionManager } from "../session/session.ts";
export type { AttachTarget } from "../session/target.ts";
export type { ExecutionStatus, StepKind } from "../session/status.ts";
export type {
  DumpRecord,
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
  ReportedParts,
  ReportRecord,
  ReportRequest,
  StackFrame,
  ThreadInfo,
  Value,
  WantedEvent,
} from "../session/engine.ts";
export type { Architecture } from "../session/architecture.ts";
export { quoteCommandLine } from "../session/command_line.ts";
