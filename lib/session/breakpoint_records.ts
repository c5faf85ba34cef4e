/**
 * Breakpoints as engines are asked for them and tell of them: plain records.
 * @module
 */

/** A breakpoint that is wanted. */
export interface BreakpointRequest {
  /** A function or other symbol as `module!name`, also of a module that is not there yet, or an address. */
  readonly where: string | bigint;
  /** Whether it goes with its first hit. */
  readonly once: boolean;
  /** Which pass is the first to be told, 1 being the next one. */
  readonly pass: number;
  /** The one thread whose breakpoint it is; all, if null. */
  readonly threadId: number | null;
}

/** What is done to the breakpoints of a program. */
export type BreakpointChange =
  | { readonly add: BreakpointRequest }
  | { readonly enable: number }
  | { readonly disable: number }
  | { readonly remove: number };

/** A breakpoint that is there. */
export interface BreakpointRecord {
  /** Its number, different from all others of its program. */
  readonly id: number;
  /** Whether an instruction is executed there, or data are read or written. */
  readonly kind: "code" | "data";
  /** Where it was asked for: an expression of the engine's. */
  readonly location: string;
  /** Its address; null as long as its module is not there. */
  readonly address: bigint | null;
  /** Whether it stops the program. */
  readonly enabled: boolean;
  /** Whether it goes with its next hit. */
  readonly once: boolean;
  /** Passes up to the one that is told, that included. */
  readonly passes: number;
  /** The one thread whose breakpoint it is; null for all. */
  readonly threadId: number | null;
}
