/** A thread that calls a callback object of another one; see foreign_calls_test.ts. */
import { ComObject, HresultError, IDebugOutputCallbacks2, IDebugOutputCallbacksWide } from "../../lib/dbgeng/mod.ts";

const CALLS = 1_000;

const scope = globalThis as unknown as { onmessage: (event: MessageEvent<ForeignCalls>) => void };

/** What the thread is to call, and where it says how far it has come. */
export interface ForeignCalls {
  readonly pointer: bigint;
  /** 0 at first; 1 when all calls have come back; 2 when one of them was wrong. */
  readonly state: Int32Array<ArrayBuffer>;
}

scope.onmessage = ({ data: { pointer, state } }) => {
  let isRight = false;
  try {
    isRight = callAll(pointer);
  } finally {
    Atomics.store(state, 0, isRight ? 1 : 2);
    Atomics.notify(state, 0);
  }
};

function callAll(pointer: bigint): boolean {
  const object = ComObject.from(IDebugOutputCallbacks2, pointer);
  const before = object.AddRef();
  for (let index = 0; index < CALLS; index++) object.Output2(index, 7, 0xffff_ffff_ffff_fff0n, `grüße 世界 ${index}`);
  object.Output2(CALLS, 0, 0n, null);
  object.Output(CALLS + 1, "narrow");
  const other = object.query(IDebugOutputCallbacks2);
  const isSame = other.pointer === pointer && object.AddRef() === before + 2 && object.Release() === before + 1;
  other[Symbol.dispose]();
  return isSame && isRefused(object) && object.Release() === before - 1;
}

function isRefused(object: ComObject): boolean {
  try {
    object.query(IDebugOutputCallbacksWide);
    return false;
  } catch (error) {
    return error instanceof HresultError && error.symbol === "E_NOINTERFACE";
  }
}
