/** What the engine's failures to attach, launch and connect mean, and what to do next. */
import { HresultError } from "../../com/hresult.ts";
import {
  AttachError,
  type AttachErrorKind,
  codeText,
  EngineError,
  type ErrorDetails,
  StateError,
} from "../../session/errors.ts";

/** What a failure means. */
export interface Meaning {
  readonly kind: AttachErrorKind;
  /** The cause, and after a semicolon what to do next. */
  readonly text: string;
}

/** There is no process of that id. */
export const NO_PROCESS: Meaning = {
  kind: "no-such-process",
  text: "no such process runs; list the processes and look at the id",
};
const DENIED: Meaning = {
  kind: "access-denied",
  text: "Windows denied access; run elevated, or as the user who owns the process",
};
const ELEVATION: Meaning = {
  kind: "elevation",
  text: "it takes the rights of an administrator; run elevated",
};
const DEBUGGED: Meaning = {
  kind: "already-attached",
  text:
    "another debugger is attached; end that one first, or, if it has abandoned the process, attach with existing: true",
};
const EXITING: Meaning = {
  kind: "exiting",
  text: "it is ending; start it again (the process that stays may be another one, which it started)",
};
const OTHER_ARCHITECTURE: Meaning = {
  kind: "architecture",
  text: "the engine cannot debug a process of its architecture; use the engine of that architecture",
};
const MISSING: Meaning = { kind: "not-found", text: "there is no such file; give the full path with its extension" };
const NO_SERVER: Meaning = {
  kind: "server-unreachable",
  text: "no process server answers there; look at the address, and whether it is started",
};
const HANGS_UP: Meaning = {
  kind: "server-unreachable",
  text: "what answers there hangs up, and is no process server, or one that is ending; look at the address",
};
const OTHER_VERSION: Meaning = {
  kind: "version-mismatch",
  text: "its debugger engine is of another version, or it is no process server; use the same version on both machines",
};
const NOT_UNDERSTOOD: Meaning = {
  kind: "server-unreachable",
  text: "the text is not understood; it is what -premote takes, for example tcp:server=HOST,port=PORT",
};
const BAD_FLAGS: Meaning = {
  kind: "invalid-flags",
  text: "the engine allows these options neither together nor here; leave one out",
};
const NOT_ALONE: Meaning = {
  kind: "not-supported",
  text: "existing works on this machine, and while the session debugs no other program; let the others go first",
};
const REFUSED: Meaning = { kind: "failed", text: "the engine refused; look the code up in Microsoft's documentation" };

/** By the unsigned code. An NTSTATUS comes with bit 28 set, or as it is. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [0xD000000B, NO_PROCESS], // STATUS_INVALID_CID
  [0xD0000008, NO_PROCESS], // STATUS_INVALID_HANDLE
  [0xD000000D, NO_PROCESS], // STATUS_INVALID_PARAMETER
  [0xD0000022, DENIED], // STATUS_ACCESS_DENIED
  [0x80070005, DENIED], // E_ACCESSDENIED
  [0x800702E4, ELEVATION], // ERROR_ELEVATION_REQUIRED
  [0x80070522, ELEVATION], // ERROR_PRIVILEGE_NOT_HELD
  [0xD0000061, ELEVATION], // STATUS_PRIVILEGE_NOT_HELD
  [0xD0000048, DEBUGGED], // STATUS_PORT_ALREADY_SET
  [0xD000010A, EXITING], // STATUS_PROCESS_IS_TERMINATING
  [0xC000010A, EXITING],
  [0xD0000353, { kind: "not-supported", text: 'no debugger has abandoned it; attach without "existing"' }], // STATUS_PORT_NOT_SET
  [0xD00000BB, OTHER_ARCHITECTURE], // STATUS_NOT_SUPPORTED
  [0xC00000BB, OTHER_ARCHITECTURE],
  [0x80070032, OTHER_ARCHITECTURE], // ERROR_NOT_SUPPORTED
  [0x800700C1, { // ERROR_BAD_EXE_FORMAT
    kind: "architecture",
    text: "it is no program that Windows can run here; give a program built for this system",
  }],
  [0x800700D8, { // ERROR_EXE_MACHINE_TYPE_MISMATCH
    kind: "architecture",
    text: "it is built for another processor; give a program built for this system",
  }],
  [0x800702DB, { // ERROR_WAIT_1: what Wine gives for a process that ended before it had begun
    kind: "architecture",
    text:
      "Wine could not begin it; if it is a 32-bit program, this machine runs no 32-bit code, as some virtual machines do not",
  }],
  [0x80004001, { kind: "not-supported", text: "this engine cannot do that; use Microsoft's own dbgeng.dll" }], // E_NOTIMPL
  [0x80070002, MISSING], // ERROR_FILE_NOT_FOUND
  [0x80070003, MISSING], // ERROR_PATH_NOT_FOUND
  [0x8007010B, { kind: "not-found", text: "the working folder does not exist; give one that does" }], // ERROR_DIRECTORY
  [0x80010110, OTHER_VERSION], // RPC_E_VERSION_MISMATCH
  [0x8007051A, OTHER_VERSION], // ERROR_REVISION_MISMATCH
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

const E_INVALIDARG = 0x80070057;
const E_UNEXPECTED = 0x8000FFFF;

/** What a failure means, if that is known; of the given kinds only, if any are given. */
export function meaningOf({ hresult }: HresultError, kinds?: readonly AttachErrorKind[]): Meaning | undefined {
  const meaning = MEANINGS.get(hresult >>> 0);
  return meaning && (!kinds || kinds.includes(meaning.kind)) ? meaning : undefined;
}

/** Why a connection to a process server failed. */
export function connectMeaning(error: HresultError): Meaning {
  if (isServerGone(error)) return HANGS_UP;
  return meaningOf(error, ["server-unreachable", "version-mismatch"]) ?? NOT_UNDERSTOOD;
}

/** How such a failure begins. */
export function cannotConnect(options: string): string {
  return `Cannot connect to process server "${options}"`;
}

/** Something takes the connection, and says nothing. */
export function unanswered(options: string, patience: number, details: ErrorDetails = {}): AttachError {
  const text = `no answer came within ${patience / 1000} s; look at the address, or give it more time by timeout`;
  return new AttachError("server-unreachable", `${cannotConnect(options)}: ${text}${codeText(details)}`, details);
}

/** What is known about the process that an attach failed for. */
export interface AttachCircumstances {
  /** Whether it is among those that run. */
  readonly isThere: boolean;
  /** Whether it has a debugger. */
  readonly debugged: boolean;
  /** Whether it was to be taken up from another debugger. */
  readonly existing: boolean;
}

/** What a failed attach means, by its code and by what else is known: for several causes the engine has one code. */
export function attachMeaning(
  error: unknown,
  { isThere, debugged, existing }: AttachCircumstances,
): Meaning | undefined {
  // A process that ended while somebody holds its handle is "denied": the list of processes tells.
  if (!isThere) return NO_PROCESS;
  const code = error instanceof HresultError ? error.hresult >>> 0 : undefined;
  if (code === 0xD000010A || code === 0xC000010A) return EXITING;
  if (existing && code === E_UNEXPECTED) return NOT_ALONE;
  // Wine denies access to a process that is being debugged already, where Windows says so.
  if (debugged) return DEBUGGED;
  return code === E_INVALIDARG ? BAD_FLAGS : undefined;
}

/** There is nothing to abandon where a program is only looked at. */
export function cannotAbandon(processId: number): AttachError {
  const text = "it is only looked at (noninvasive), nothing holds it for another debugger; use detach()";
  return new AttachError("not-supported", `Cannot abandon process ${processId}: ${text}`);
}

/** See {@linkcode Starting}. */
export function tooEarlyToAbandon(processId: number, isStarting: boolean): StateError {
  const text = isStarting
    ? "it has not come to its first stop; let it go on to that, or detach"
    : "another program is being opened; wait until that one is there";
  return new StateError("running", `Cannot abandon process ${processId}: ${text}`);
}

/** Whether a failure says that the process server has gone. */
export function isServerGone(error: HresultError): boolean {
  return SERVER_GONE.has(error.hresult >>> 0);
}

/** The typed error of something that could not be opened; `meaning` where more is known than the code. */
export function attachFailure(action: string, error: unknown, meaning?: Meaning): Error {
  if (!(error instanceof HresultError)) return error instanceof Error ? error : new Error(String(error));
  if (isServerGone(error)) return error; // the engine knows its address
  const { kind, text } = meaning ?? meaningOf(error) ?? REFUSED;
  return new AttachError(kind, `Cannot ${action}: ${text}${codeText(error)}`, error);
}

/** Codes of a wait that could not put a breakpoint into the program. */
const NO_MEMORY: ReadonlySet<number> = new Set([
  0x800703E6, // ERROR_NOACCESS
  0x8007012B, // ERROR_PARTIAL_COPY
  0x800701E7, // ERROR_INVALID_ADDRESS
]);

/** The typed error of a wait that failed, where its code tells what to do. */
export function waitFailure(error: HresultError): Error {
  if (!NO_MEMORY.has(error.hresult >>> 0)) return error;
  const text = "a breakpoint is at an address where the program has no memory; find it by bl, and clear it by bc";
  return new EngineError("failed", `Cannot run: ${text}${codeText(error)}`, error);
}

const INSTEAD = "let them go by detach(), or attach without noninvasive";

/** @throws {StateError} where the engine has no program that it could run. */
export function refuseRun(hasProgram: boolean, onlyObserves: boolean): void {
  if (!hasProgram) throw new StateError("no-program", "Cannot run: no program is being debugged");
  if (onlyObserves) {
    throw new StateError("no-program", `Cannot run: all programs are only looked at (noninvasive); ${INSTEAD}`);
  }
}
