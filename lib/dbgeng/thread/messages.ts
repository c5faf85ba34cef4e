import type { EngineApi } from "../engine_api.ts";
import type { EngineEvent } from "../../session/engine.ts";
import type { ErrorRecord } from "../../session/errors.ts";
import type { DoorMemory } from "./door.ts";
import type { SharedWords } from "./lifeline.ts";

/** To the engine's thread: a call of one of {@linkcode EngineApi}'s methods. */
export interface EngineRequest {
  readonly id: number;
  readonly name: keyof EngineApi;
  readonly values: readonly unknown[];
}

/** Where the engine's thread and its caller sleep: see `border.ts`. */
export interface Doors {
  readonly requests: DoorMemory;
  readonly answers: DoorMemory;
}

/** The first message to the engine's thread. */
export interface EngineStart {
  /** What it shares with other threads. */
  readonly shared: SharedWords;
  /** Where calls and answers are handed over. */
  readonly doors: Doors;
}

/** From the engine's thread: an answer, or an event that holds nothing. */
export type EngineMessage =
  | {
    readonly id: number;
    readonly value: unknown;
    /** Address of the object that takes interrupts, after `open`. */
    readonly pointer?: bigint;
  }
  | { readonly id: number; readonly error: ErrorRecord }
  | { readonly notice: EngineEvent };
