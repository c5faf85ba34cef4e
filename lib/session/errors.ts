/** Why an attach, a launch or a connection failed. */
export type AttachErrorKind =
  | "no-such-process"
  | "ambiguous"
  | "access-denied"
  | "elevation"
  | "already-attached"
  | "architecture"
  | "exiting"
  | "exited"
  | "self"
  | "invalid-flags"
  | "not-found"
  | "not-supported"
  | "server-unreachable"
  | "version-mismatch"
  | "address-in-use"
  | "failed";

/** What all errors of this library have: a machine-readable kind beside the one-line message. */
export interface ErrorDetails {
  /** The engine's code, a signed 32-bit HRESULT, where the engine was asked. */
  readonly hresult?: number | undefined;
  /** Microsoft's name of the code. */
  readonly symbol?: string | undefined;
  /** The engine method that failed. */
  readonly call?: string | undefined;
}

/** What the engine said, to stand at the end of a message. */
export function codeText(details: ErrorDetails): string {
  if (details.hresult === undefined) return "";
  const code = "0x" + (details.hresult >>> 0).toString(16).toUpperCase().padStart(8, "0");
  return ` [${details.call ? `${details.call}: ` : ""}${details.symbol ? `${details.symbol} ` : ""}${code}]`;
}

/** Attaching, launching or connecting failed. The message is one line and ends with what to do next. */
export class AttachError extends Error {
  /** The name of the class. */
  override readonly name = "AttachError";
  /** Why, for programs. */
  readonly kind: AttachErrorKind;
  /** The engine's code, if the engine was asked. */
  readonly hresult: number | undefined;
  /** Microsoft's name of the code, where it is known. */
  readonly symbol: string | undefined;

  /** Not for users: sessions make it. */
  constructor(kind: AttachErrorKind, message: string, details: ErrorDetails = {}) {
    super(message);
    this.kind = kind;
    this.hresult = details.hresult;
    this.symbol = details.symbol;
  }
}

/** Why an engine could not be opened. */
export type EngineErrorKind =
  | "not-found"
  | "incomplete"
  | "conflict"
  | "in-use"
  | "permission"
  | "platform"
  | "not-supported"
  | "lost"
  | "defect"
  | "not-supported"
  | "failed";

/** There is no engine to work with, or it refused a call. */
export class EngineError extends Error {
  /** The name of the class. */
  override readonly name = "EngineError";
  /** Why, for programs. */
  readonly kind: EngineErrorKind;
  /** The engine method that failed, if one did. */
  readonly call: string | undefined;
  /** The engine's code, if a call failed. */
  readonly hresult: number | undefined;
  /** Microsoft's name of the code, where it is known. */
  readonly symbol: string | undefined;

  /** Not for users: sessions make it. */
  constructor(kind: EngineErrorKind, message: string, details: ErrorDetails = {}) {
    super(message);
    this.kind = kind;
    this.call = details.call;
    this.hresult = details.hresult;
    this.symbol = details.symbol;
  }
}

/** Which rule a call broke. */
export type StateErrorKind =
  | "no-program"
  | "running"
  | "in-handler"
  | "interrupted"
  | "closed"
  | "program-gone"
  | "unresolved"
  | "removed";

/** A call came at a moment at which it cannot be answered; it did not reach the engine. */
export class StateError extends Error {
  /** The name of the class. */
  override readonly name = "StateError";
  /** Which rule was broken, for programs. */
  readonly kind: StateErrorKind;

  /** Not for users: sessions make it. */
  constructor(kind: StateErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** An event handler threw (see `cause`) or did not answer in time; the program went on. */
export class HandlerError extends Error {
  /** The name of the class. */
  override readonly name = "HandlerError";
  /** The event whose handler failed. */
  readonly event: string;
  /** Whether it was cut off by the deadline. */
  readonly timedOut: boolean;

  /** Not for users: sessions make it. */
  constructor(event: string, message: string, options: { cause?: unknown; timedOut?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.event = event;
    this.timedOut = options.timedOut ?? false;
  }
}

/** An error as it crosses a thread or a byte stream, where classes are lost. */
export interface ErrorRecord {
  /** The name of its class. */
  readonly name: string;
  /** Why, for programs. */
  readonly kind?: string;
  /** What it says. */
  readonly message: string;
  /** What the engine said. */
  readonly details?: ErrorDetails;
}

/** Builds the error that a record describes; its stack is the caller's. */
export function errorFromRecord(record: ErrorRecord): Error {
  const details = record.details ?? {};
  switch (record.name) {
    case "AttachError":
      return new AttachError(record.kind as AttachErrorKind, record.message, details);
    case "EngineError":
      return new EngineError(record.kind as EngineErrorKind, record.message, details);
    case "StateError":
      return new StateError(record.kind as StateErrorKind, record.message);
    case "TypeError":
      return new TypeError(record.message);
    case "RangeError":
      return new RangeError(record.message);
    case "NotCapable":
      return new Deno.errors.NotCapable(record.message);
    default:
      return new Error(record.message);
  }
}

/** The record of anything thrown. */
export function recordFromError(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  const { kind, call, hresult, symbol } = error as Partial<EngineError>;
  return { name, message, details: { call, hresult, symbol }, ...(kind === undefined ? {} : { kind }) };
}
