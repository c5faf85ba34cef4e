/** Attaching, launching and process servers: the engine's calls, and what their failures mean. */
import { HresultError } from "../../com/hresult.ts";
import { encodeWide } from "../../com/memory.ts";
import { StructView } from "../../com/struct_view.ts";
import type { EngineAttach, EngineLaunch, ProcessInfo } from "../../session/engine.ts";
import { AttachError, type AttachErrorKind, codeText } from "../../session/errors.ts";
import {
  DEBUG_ATTACH_EXISTING,
  DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK,
  DEBUG_ATTACH_INVASIVE_RESUME_PROCESS,
  DEBUG_ATTACH_NONINVASIVE,
  DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND,
  DEBUG_CLASS_USER_WINDOWS,
  DEBUG_PROC_DESC_NO_COMMAND_LINE,
  DEBUG_PROC_DESC_NO_MTS_PACKAGES,
  DEBUG_PROC_DESC_NO_PATHS,
  DEBUG_PROC_DESC_NO_SESSION_ID,
  DEBUG_PROC_DESC_NO_USER_NAME,
} from "../generated/constants.ts";
import { DEBUG_CREATE_PROCESS_OPTIONS } from "../generated/structs.ts";
import { type EngineObjects, readText } from "./objects.ts";
import { whileSuspended } from "./suspension.ts";
import { isDebugged, ownEnvironment } from "./windows.ts";

const DEBUG_PROCESS = 1;
const DEBUG_ONLY_THIS_PROCESS = 2;

/** Asks for an attach; it is carried out by the next wait. */
export function attach(objects: EngineObjects, request: EngineAttach): void {
  const flags = (request.noninvasive ? DEBUG_ATTACH_NONINVASIVE : 0) |
    (request.noninvasive === "noSuspend" ? DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND : 0) |
    (request.existing ? DEBUG_ATTACH_EXISTING : 0) |
    (request.initialBreak === false ? DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK : 0) |
    (request.resume ? DEBUG_ATTACH_INVASIVE_RESUME_PROCESS : 0);
  try {
    const ask = (): void => objects.client.AttachProcess(request.server, request.processId, flags);
    if (request.server === 0n && !request.existing) whileSuspended(request.processId, ask);
    else ask();
  } catch (error) {
    if (error instanceof HresultError && isServerGone(error)) throw error;
    // A process that ended while somebody holds its handle is "denied": the list of processes tells.
    if (!runningIds(objects, request.server).includes(request.processId)) {
      throw cannotAttach(request.processId, NO_PROCESS, error);
    }
    // Wine denies access to a process that is being debugged already, where Windows says so.
    if (request.server === 0n && isDebugged(request.processId)) throw cannotAttach(request.processId, DEBUGGED, error);
    throw attachFailure(`attach to process ${request.processId}`, error);
  }
}

/** Asks for a launch, carried out by the next wait. Gives the memory that must live until then. */
export function launch({ client }: EngineObjects, request: EngineLaunch): Uint8Array[] {
  const options = new StructView(DEBUG_CREATE_PROCESS_OPTIONS);
  // Windows' flag for an environment in UTF-16 is the engine's to add: it refuses to be given it (E_NOTIMPL).
  options.set("CreateFlags", request.followChildren ? DEBUG_PROCESS : DEBUG_ONLY_THIS_PROCESS);
  const commandLine = encodeWide(request.commandLine);
  const directory = request.directory === null ? null : encodeWide(request.directory);
  const environment = environmentBlock(request);
  try {
    client.CreateProcess2Wide(request.server, commandLine, options.bytes, options.bytes.length, directory, environment);
  } catch (error) {
    throw attachFailure(`launch ${request.commandLine}`, error);
  }
  return [commandLine, options.bytes, directory, environment].filter((bytes) => bytes !== null);
}

/** The zero-terminated lines of an environment; null where the program takes over the debugger's own as it is. */
function environmentBlock({ environment, clearEnvironment }: EngineLaunch): Uint8Array<ArrayBuffer> | null {
  if (environment.length === 0 && !clearEnvironment) return null;
  const names = new Set(environment.map(variableName));
  const inherited = clearEnvironment ? [] : ownEnvironment().filter((line) => !names.has(variableName(line)));
  return encodeWide([...inherited, ...environment].join("\0") + "\0");
}

/** Upper case, as Windows compares; lines like `=C:=C:\\` have a name that begins with the sign. */
function variableName(line: string): string {
  return line.slice(0, line.indexOf("=", 1)).toUpperCase();
}

interface Meaning {
  readonly kind: AttachErrorKind;
  /** What it means and what to do next. */
  readonly text: string;
}

const NO_PROCESS: Meaning = {
  kind: "no-such-process",
  text: "no such process runs; list the processes and look at the id",
};
const DENIED: Meaning = {
  kind: "access-denied",
  text: "Windows denied access; run elevated, or as the user who owns the process",
};
const DEBUGGED: Meaning = { kind: "already-attached", text: "another debugger is attached; end that one first" };
const MISSING: Meaning = { kind: "not-found", text: "there is no such file; give the full path with its extension" };
const NO_SERVER: Meaning = {
  kind: "server-unreachable",
  text: "no process server answers there; look at the address, and whether it is started",
};

/** What the engine's codes mean, by the unsigned value. NTSTATUS values come with bit 28 set. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [0xD000000B, NO_PROCESS], // STATUS_INVALID_CID
  [0xD0000008, NO_PROCESS], // STATUS_INVALID_HANDLE
  [0xD000000D, NO_PROCESS], // STATUS_INVALID_PARAMETER
  [0xD0000022, DENIED],
  [0x80070005, DENIED],
  [0x800702E4, { kind: "access-denied", text: "it asks for elevation; run elevated" }],
  [0xD0000048, DEBUGGED], // STATUS_PORT_ALREADY_SET
  [0xD000010A, { kind: "exiting", text: "it is ending; start it again" }],
  [0xD0000353, { kind: "not-supported", text: 'no debugger has abandoned it; attach without "existing"' }],
  [0xD00000BB, {
    kind: "architecture",
    text: "the engine cannot debug a process of its architecture; use the engine of that architecture",
  }],
  [0xC00000BB, {
    kind: "architecture",
    text: "the engine cannot debug a process of its architecture; use the engine of that architecture",
  }],
  [0x800700C1, {
    kind: "architecture",
    text: "it is no program that Windows can run here; give a program built for this system",
  }],
  [0x80070002, MISSING],
  [0x80070003, MISSING],
  [0x8007010B, { kind: "not-found", text: "the working folder does not exist; give one that does" }],
  [0x800706BA, NO_SERVER], // RPC_S_SERVER_UNAVAILABLE
  [0x800706BE, NO_SERVER], // RPC_S_CALL_FAILED
  [0x8007274D, NO_SERVER], // WSAECONNREFUSED
  [0x8007274C, NO_SERVER], // WSAETIMEDOUT
  [0x80072746, NO_SERVER], // WSAECONNRESET
  [0x80072AF9, { kind: "server-unreachable", text: "its host name is not known; look at how it is written" }], // WSAHOST_NOT_FOUND
  [0x80072740, { kind: "address-in-use", text: "something listens there already; choose another port" }], // WSAEADDRINUSE
]);

/** Codes of a process server that was connected and does not answer any more. */
const SERVER_GONE: ReadonlySet<number> = new Set([
  0x80010007, // RPC_E_SERVER_DIED
  0x80010008, // RPC_E_CLIENT_DIED, which the engine says of its peer
  0x8001000A, // RPC_E_CANTTRANSMIT_CALL, on every call after that
  0x80010012, // RPC_E_SERVER_DIED_DNE
  0x80010108, // RPC_E_DISCONNECTED
  0x80072746, // WSAECONNRESET
]);

/** Whether a failure says that the process server has gone. */
export function isServerGone(error: HresultError): boolean {
  return SERVER_GONE.has(error.hresult >>> 0);
}

/** The typed error of something that could not be opened. */
export function attachFailure(action: string, error: unknown): Error {
  if (!(error instanceof HresultError)) return error instanceof Error ? error : new Error(String(error));
  if (isServerGone(error)) return error; // the engine knows its address
  const meaning = MEANINGS.get(error.hresult >>> 0) ?? { kind: "failed", text: "the engine refused" };
  return new AttachError(meaning.kind, `Cannot ${action}: ${meaning.text}${codeText(error)}`, error);
}

function cannotAttach(processId: number, { kind, text }: Meaning, error: unknown): AttachError {
  const details = error instanceof HresultError ? error : {};
  return new AttachError(kind, `Cannot attach to process ${processId}: ${text}${codeText(details)}`, details);
}

/** The processes that run on this machine (server 0n) or on a server's. */
export function processes(objects: EngineObjects, server: bigint): ProcessInfo[] {
  const known = runningIds(objects, server).filter((id) => id !== 0);
  return known.map((processId) => describeProcess(objects.client, server, processId));
}

/** Ids of all processes there. */
export function runningIds({ client }: EngineObjects, server: bigint): number[] {
  let ids = new Uint32Array(512);
  let count = client.GetRunningProcessSystemIds(server, ids, ids.length);
  while (count > ids.length) {
    ids = new Uint32Array(2 * count);
    count = client.GetRunningProcessSystemIds(server, ids, ids.length);
  }
  return Array.from(ids.subarray(0, count));
}

const DESCRIPTION_FLAGS = DEBUG_PROC_DESC_NO_PATHS | DEBUG_PROC_DESC_NO_MTS_PACKAGES | DEBUG_PROC_DESC_NO_COMMAND_LINE |
  DEBUG_PROC_DESC_NO_SESSION_ID | DEBUG_PROC_DESC_NO_USER_NAME;

/** A process may end, or be closed to us, between the list and this question: then it has no name. */
function describeProcess(client: EngineObjects["client"], server: bigint, processId: number): ProcessInfo {
  try {
    let description = "";
    const name = readText((buffer, size) => {
      const text = new Uint8Array(1024);
      const result = client.GetRunningProcessDescriptionWide(
        server,
        processId,
        DESCRIPTION_FLAGS,
        buffer,
        size,
        text,
        text.length / 2,
      );
      const used = Math.max(0, Math.min(result.ActualDescriptionSize, text.length / 2) - 1);
      description = new TextDecoder("utf-16le").decode(text.subarray(0, 2 * used));
      return result.ActualExeNameSize;
    });
    return { processId, name, description };
  } catch {
    return { processId, name: "", description: "" };
  }
}

const NOT_UNDERSTOOD = "the text is not understood; it is what -premote takes, for example tcp:server=HOST,port=PORT";

/** Connects to a process server; gives its handle. */
export function connectServer({ client }: EngineObjects, options: string): bigint {
  try {
    return client.ConnectProcessServerWide(options);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const meaning = MEANINGS.get(error.hresult >>> 0);
    const text = meaning?.kind === "server-unreachable" ? meaning.text : NOT_UNDERSTOOD;
    const message = `Cannot connect to process server "${options}": ${text}${codeText(error)}`;
    throw new AttachError("server-unreachable", message, error);
  }
}

/** Begins to serve processes; who serves must then wait for the end. */
export function startServer({ client }: EngineObjects, options: string): void {
  try {
    client.StartProcessServerWide(DEBUG_CLASS_USER_WINDOWS, options, null);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const meaning = MEANINGS.get(error.hresult >>> 0);
    const text = meaning?.text ?? "the text is not understood; it is what dbgsrv -t takes, for example tcp:port=5005";
    const message = `Cannot serve processes at "${options}": ${text}${codeText(error)}`;
    throw new AttachError(meaning?.kind ?? "failed", message, error);
  }
}

/** Ends the server that this engine started: it has no other way than to connect to itself. */
export function stopServer({ client }: EngineObjects, options: string): void {
  const [transport, ...rest] = options.split(":");
  try {
    client.EndProcessServer(client.ConnectProcessServerWide(`${transport}:server=127.0.0.1,${rest.join(":")}`));
  } catch {
    // A transport that does not reach its own machine by this name: the server ends with the process.
  }
}
