import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as latch from "../../mod.ts";

const MOD = new URL("../../mod.ts", import.meta.url);

/** Names that exist at run time. */
const VALUES = [
  "AttachError",
  "Breakpoint",
  "DebugSession",
  "Dump",
  "EngineError",
  "FileError",
  "HandlerError",
  "Memory",
  "Program",
  "ProgramView",
  "SessionManager",
  "StateError",
  "Thread",
  "ThreadView",
  "Type",
  "TypedValue",
  "attach",
  "connect",
  "fetchProgramSymbols",
  "launch",
  "openDump",
  "quoteCommandLine",
  "startProcessServer",
];

/** Names that exist for the type checker only. */
const TYPES = [
  "Architecture",
  "AttachCall",
  "AttachDebugging",
  "AttachErrorKind",
  "AttachExisting",
  "AttachNoninvasive",
  "AttachOptions",
  "AttachReason",
  "AttachRequest",
  "AttachTarget",
  "BreakpointChange",
  "BreakpointHit",
  "BreakpointOptions",
  "BreakpointRecord",
  "BreakpointRequest",
  "ChildOption",
  "ChildPolicies",
  "ChildPolicy",
  "ConnectOptions",
  "Connection",
  "ConnectionOptions",
  "DebugEngine",
  "DebugEvent",
  "DebugEventMap",
  "DebugSessionOptions",
  "DumpRecord",
  "DumpSource",
  "DumpType",
  "EngineErrorKind",
  "EngineEvent",
  "EngineEventData",
  "EngineEventName",
  "EngineFactory",
  "EngineInfo",
  "EngineOptions",
  "EngineReport",
  "EnumValue",
  "ErrorDetails",
  "ErrorRecord",
  "EventCallback",
  "EventHandler",
  "EventHandlers",
  "EventMap",
  "EventName",
  "EventPlace",
  "ExecutionStatus",
  "FetchProgramSymbolsOptions",
  "Field",
  "FieldRecord",
  "FileErrorKind",
  "HandlerOf",
  "HandlerOptions",
  "InputSource",
  "IntegerSize",
  "LaunchInput",
  "LaunchOptions",
  "LaunchRequest",
  "LifecycleData",
  "LifecycleEventData",
  "ListOptions",
  "LoadedFile",
  "Local",
  "LocalRecord",
  "ModuleInfo",
  "NumberArray",
  "OpenDumpOptions",
  "OpenOptions",
  "OriginOf",
  "OwnRequest",
  "PlainValue",
  "Port",
  "PortHost",
  "PortProgram",
  "PortSupplier",
  "Position",
  "ProcessInfo",
  "ProcessServer",
  "ProcessServerOptions",
  "ProgramEnd",
  "ProgramNode",
  "ProgramOrigin",
  "ProgramRequest",
  "ProgramRequests",
  "ReadOptions",
  "RegisterRecord",
  "RegisterValue",
  "ReportOptions",
  "ReportRecord",
  "ReportRequest",
  "ReportedParts",
  "Scope",
  "SessionOptions",
  "SourceLine",
  "SourcePlace",
  "StackFrame",
  "StateErrorKind",
  "StepEnd",
  "StepKind",
  "StepOptions",
  "StepStop",
  "Stop",
  "StopOf",
  "StopReport",
  "Suppliers",
  "SymbolsOption",
  "TextEncoding",
  "ThreadInfo",
  "ThreadReport",
  "TraceEntry",
  "TypeKind",
  "TypeRecord",
  "TypeReference",
  "TypeTree",
  "Value",
  "VariableRecord",
  "WaitOptions",
  "WantedEvent",
  "WritableValue",
];

/** All names that `deno doc` finds. */
async function documented(): Promise<string[]> {
  const args = ["doc", "--json", fileURLToPath(MOD)];
  const { stdout, success } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.ok(success);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: { name: string }[] }>;
  };
  return Object.values(nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name));
}

Deno.test("mod.ts exports these values and no others", () => {
  assert.deepEqual(Object.keys(latch).sort(), VALUES);
});

Deno.test("mod.ts exports these types and no others", async () => {
  const types = (await documented()).filter((name) => !(name in latch));
  assert.deepEqual(types.sort(), TYPES);
});

Deno.test("importing mod.ts needs no permission, prints nothing and ends by itself", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--no-config", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`import ${JSON.stringify(MOD.href)};\n`));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  assert.deepEqual([code, decoder.decode(stdout), decoder.decode(stderr)], [0, "", ""]);
});
