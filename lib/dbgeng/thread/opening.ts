/** Attaching, launching and process servers: the engine's calls. What their failures mean: `failures.ts`. */
import { HresultError } from "../../com/hresult.ts";
import { encodeWide } from "../../com/memory.ts";
import { StructView } from "../../com/struct_view.ts";
import { knowsChildren } from "../../session/children.ts";
import type { EngineAttach, EngineLaunch } from "../engine_api.ts";
import type { ProcessInfo } from "../../session/engine.ts";
import { AttachError, codeText } from "../../session/errors.ts";
import { sameImage } from "../../session/target.ts";
import {
  DEBUG_ATTACH_EXISTING,
  DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK,
  DEBUG_ATTACH_INVASIVE_RESUME_PROCESS,
  DEBUG_ATTACH_NONINVASIVE,
  DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND,
  DEBUG_CLASS_USER_WINDOWS,
} from "../generated/constants.ts";
import { DEBUG_CREATE_PROCESS_OPTIONS } from "../generated/structs.ts";
import {
  attachFailure,
  attachMeaning,
  cannotConnect,
  connectMeaning,
  isServerGone,
  meaningOf,
  NO_PROCESS,
  unanswered,
} from "./failures.ts";
import { describeProcess, processName } from "./describe.ts";
import type { EngineObjects } from "./objects.ts";
import { withInput } from "./standard_input.ts";
import { heldOnWine } from "./suspension.ts";
import { isWine, ownEnvironment } from "./windows.ts";
import { readFile } from "./windows_files.ts";
import { isDebugged } from "./windows_processes.ts";

const DEBUG_PROCESS = 1;
const DEBUG_ONLY_THIS_PROCESS = 2;

/** Asks for an attach; it is carried out by the next wait. `isHere`: whether the process is one of this machine's, by whatever way. */
export function attach(objects: EngineObjects, request: EngineAttach, isHere: boolean): void {
  const flags = (request.noninvasive ? DEBUG_ATTACH_NONINVASIVE : 0) |
    (request.noninvasive === "noSuspend" ? DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND : 0) |
    (request.existing ? DEBUG_ATTACH_EXISTING : 0) |
    (request.initialBreak === false ? DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK : 0) |
    (request.resume ? DEBUG_ATTACH_INVASIVE_RESUME_PROCESS : 0);
  const ask = (): void => objects.client.AttachProcess(request.server, request.processId, flags);
  try {
    // Only looking, and taking up what is suspended already, do not stumble over ending threads.
    if (request.server !== 0n || request.noninvasive || request.existing) ask();
    else heldOnWine(request.processId, ask);
  } catch (error) {
    if (error instanceof HresultError && isServerGone(error)) throw error;
    // A process that ended while somebody holds its handle is "denied": the list of processes tells.
    const isThere = runningIds(objects, request.server).includes(request.processId);
    const debugged = isHere && isDebugged(request.processId);
    const meaning = attachMeaning(error, { isThere, debugged, existing: request.existing ?? false });
    throw attachFailure(`attach to process ${request.processId}`, error, meaning);
  }
}

/** Why the wait that was to carry an attach out failed. To look at what is not there is refused only then, as a wrong argument. */
export function attachFailedLate(objects: EngineObjects, { server, processId }: EngineAttach, error: unknown): Error {
  const isGone = !(error instanceof HresultError && isServerGone(error)) &&
    !runningIds(objects, server).includes(processId);
  return attachFailure(`attach to process ${processId}`, error, isGone ? NO_PROCESS : undefined);
}

/** Asks for a launch, carried out by the next wait. Gives the memory that must live until then. */
export function launch({ client }: EngineObjects, request: EngineLaunch): Uint8Array[] {
  const options = new StructView(DEBUG_CREATE_PROCESS_OPTIONS);
  // Windows' flag for an environment in UTF-16 is the engine's to add: it refuses to be given it (E_NOTIMPL).
  options.set("CreateFlags", knowsChildren(request.children) ? DEBUG_PROCESS : DEBUG_ONLY_THIS_PROCESS);
  const commandLine = encodeWide(request.commandLine);
  const directory = request.directory === null ? null : encodeWide(request.directory);
  const environment = environmentBlock(request);
  try {
    refuseLinuxPrograms(request);
    // The engine starts the process at once.
    withInput(request.input, () => {
      const { server } = request;
      client.CreateProcess2Wide(server, commandLine, options.bytes, options.bytes.length, directory, environment);
    });
  } catch (error) {
    throw attachFailure(`launch ${request.commandLine}`, error);
  }
  return [commandLine, options.bytes, directory, environment].filter((bytes) => bytes !== null);
}

/** How scripts of Linux begin, and its programs. */
const LINUX = [[0x23, 0x21], [0x7f, 0x45, 0x4c, 0x46]]; // "#!" and "\x7fELF"

/** Wine starts programs of Linux as well. The engine never hears of these, and they would run on, debugged by nobody. */
function refuseLinuxPrograms({ server, commandLine }: EngineLaunch): void {
  if (server !== 0n || !isWine()) return;
  const [, quoted, plain = ""] = /^\s*(?:"([^"]*)"|(\S+))/.exec(commandLine) ?? [];
  const begin = readFile(quoted ?? plain, 4);
  const isLinux = begin && LINUX.some((magic) => magic.every((byte, index) => begin[index] === byte));
  if (isLinux) throw new HresultError("CreateProcess", ERROR_BAD_EXE_FORMAT);
}

const ERROR_BAD_EXE_FORMAT = 0x800700c1 | 0;

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

/** The processes that run on this machine (server 0n) or on a server's, but for the debugger's own; of one name, if one is given. */
export function processes({ client }: EngineObjects, server: bigint, name?: string): ProcessInfo[] {
  const ids = runningIds({ client }, server).filter((id) => id !== 0 && !isSelf(server, id));
  const isMeant = (id: number): boolean => name === undefined || sameImage(processName(client, server, id), name);
  return ids.filter(isMeant).map((id) => describeProcess(client, server, id));
}

function isSelf(server: bigint, processId: number): boolean {
  return server === 0n && processId === Deno.pid;
}

/** A debugger cannot hold itself. */
export function refuseSelf({ server, processId }: EngineAttach): void {
  if (!isSelf(server, processId)) return;
  const advice = "it is the debugger itself; attach from another process";
  throw new AttachError("self", `Cannot attach to process ${processId}: ${advice}`);
}

/** Ids of all processes there. */
export function runningIds({ client }: Pick<EngineObjects, "client">, server: bigint): number[] {
  let ids = new Uint32Array(512);
  let count = client.GetRunningProcessSystemIds(server, ids, ids.length);
  while (count > ids.length) {
    ids = new Uint32Array(2 * count);
    count = client.GetRunningProcessSystemIds(server, ids, ids.length);
  }
  return Array.from(ids.subarray(0, count));
}

/** Connects to a process server; gives its handle. `patience`: how long the watchdog lets that last, in milliseconds. */
export function connectServer(
  { client }: EngineObjects,
  options: string,
  patience: number,
  clock: { readonly connectingFor: number },
): bigint {
  try {
    return client.ConnectProcessServerWide(options);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    if (clock.connectingFor >= patience) throw unanswered(options, patience, error);
    const meaning = connectMeaning(error);
    throw new AttachError(meaning.kind, `${cannotConnect(options)}: ${meaning.text}${codeText(error)}`, error);
  }
}

/** Begins to serve processes; who serves must then wait for the end. */
export function startServer({ client }: EngineObjects, options: string): void {
  try {
    client.StartProcessServerWide(DEBUG_CLASS_USER_WINDOWS, options, null);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    const meaning = meaningOf(error);
    const text = meaning?.text ?? "the text is not understood; it is what dbgsrv -t takes, for example tcp:port=5005";
    const message = `Cannot serve processes at "${options}": ${text}${codeText(error)}`;
    throw new AttachError(meaning?.kind ?? "failed", message, error);
  }
}

/** Serves for some time; whether the server was ended meanwhile. */
export function serve({ client }: EngineObjects, milliseconds: number): boolean {
  const begin = performance.now();
  client.WaitForProcessServerEnd(milliseconds);
  // S_OK says the end and the end of the time alike; once the server has ended, the wait comes back at once.
  return performance.now() - begin < milliseconds / 2;
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
