/**
 * What crosses the stream. After the greetings the client calls the engine, by number, and the host answers in that order.
 * Only interrupts, the receipts of notices, and programs' inputs overtake.
 * @module
 */
import type { EngineApi } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import type { ErrorRecord } from "../session/errors.ts";

/** The protocol's version: both sides must have the same. */
export const VERSION = 4;

/** The first message in each direction. */
export interface Greeting {
  readonly hello: "latch";
  readonly version: number;
}

/** Asks whether the other side is there, and says so. */
export type Beat = { readonly beat: "ask" | "answer" };

/** A piece of what a launched program reads, by the number in its launch; null is the end. The next one follows the receipt. */
export interface InputPart {
  readonly input: number;
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

/** From the script's side. */
export type ClientMessage =
  /** A call of one of the engine's methods. */
  | { readonly id: number; readonly call: keyof EngineApi; readonly values: readonly unknown[] }
  /** Stops what runs. */
  | { readonly interrupt: true }
  | InputPart
  /** Nobody wants to wait for the engine any more. */
  | { readonly giveUp: true }
  /** How many notices have been taken so far. */
  | { readonly noted: number };

/** From the engine's side. */
export type HostMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorRecord }
  /** A piece of an input was taken; or nobody will read it. */
  | { readonly input: number; readonly isRead: boolean }
  /** The engine has gone for good. */
  | { readonly lost: ErrorRecord }
  /** An event that holds nothing. */
  | { readonly notice: EngineEvent };
