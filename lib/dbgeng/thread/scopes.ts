/** The scope: the frame, or the registers, by which the engine finds locals and registers. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { DEBUG_FRAME_DEFAULT } from "../generated/constants.ts";
import { IDebugSymbols5 } from "../generated/debug_symbols.ts";
import { DEBUG_STACK_FRAME } from "../generated/structs.ts";
import type { EngineObjects } from "./objects.ts";

/** Bytes of CONTEXT and of that of 32-bit programs. */
const CONTEXT_SIZE = { x64: 1232, x86: 716 } as const;

/** A scope as the engine tells it. */
interface Scope {
  readonly instruction: bigint;
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly context: Uint8Array<ArrayBuffer>;
}

/**
 * Does something that chooses a scope, beginning with that of the last event. Afterwards it is again what a command has chosen: `.frame` a frame, `.cxr`
 * registers.
 */
export function withOwnScope<T>(objects: EngineObjects, act: () => T): T {
  using symbols = objects.symbols.query(IDebugSymbols5);
  const chosen = scopeOf(objects);
  const frame = chosen && symbols.GetCurrentScopeFrameIndexEx(DEBUG_FRAME_DEFAULT);
  try {
    symbols.ResetScope();
    return act();
  } finally {
    symbols.ResetScope();
    // By its number a frame has its registers again; given as a scope it would have those of the innermost.
    if (frame) symbols.SetScopeFrameByIndexEx(DEBUG_FRAME_DEFAULT, frame);
    if (chosen && !isSame(chosen, scopeOf(objects))) {
      symbols.SetScope(chosen.instruction, chosen.frame, chosen.context, chosen.context.length);
    }
  }
}

/** The registers that a dump has of its exception; undefined where its thread is there, and tells more, or nothing is told of them. */
export function storedContext(objects: EngineObjects): Uint8Array<ArrayBuffer> | undefined {
  return withOwnScope(objects, () => {
    const own = scopeOf(objects);
    try {
      objects.symbols.SetScopeFromStoredEvent();
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return undefined;
    }
    const stored = scopeOf(objects);
    return stored && !isPlaceOf(stored, own) ? stored.context : undefined;
  });
}

/** Undefined where nothing is stopped. */
function scopeOf({ symbols, isX86 }: EngineObjects): Scope | undefined {
  const frame = new Uint8Array(DEBUG_STACK_FRAME.size);
  const context = new Uint8Array(isX86 ? CONTEXT_SIZE.x86 : CONTEXT_SIZE.x64);
  try {
    return { instruction: symbols.GetScope(frame, context, context.length), frame, context };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}

function isSame(one: Scope, other: Scope | undefined): boolean {
  return one.instruction === other?.instruction &&
    one.context.every((byte, index) => byte === other.context[index]);
}

function isPlaceOf(one: Scope, other: Scope | undefined): boolean {
  const stackOf = ({ frame }: Scope): bigint => new StructView(DEBUG_STACK_FRAME, frame).get("StackOffset");
  return one.instruction === other?.instruction && stackOf(one) === stackOf(other);
}
