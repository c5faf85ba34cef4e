/** A machine that stalls: what one instruction may take at most is over before it was executed. For inline sessions made of the sources. */
import { FIRST_ARGUMENT, Frame } from "../../lib/com/invoke.ts";
import { IDebugControl } from "../../lib/dbgeng/generated/debug_control.ts";
import { INSTRUCTION } from "../../lib/dbgeng/thread/alone.ts";
import { random } from "../random.ts";

const { slot: WAIT } = IDebugControl.methods["WaitForEvent"] ?? { slot: -1 };
const TIMEOUT = FIRST_ARGUMENT + 1;

/** A step with everything around it takes some six milliseconds under Wine: so many are sometimes enough. */
const LONGEST = 8;

/** Every second wait for an instruction ends early, until this is disposed. */
export interface Stalls extends Disposable {
  /** How many did. */
  readonly count: number;
}

/** Begins to stall. The seed decides which waits. */
export function stall(seed: number): Stalls {
  const { call } = Frame.prototype;
  const next = random(seed);
  let count = 0;
  Frame.prototype.call = function (object, slot, argumentCount): number {
    if (slot === WAIT && this.words[TIMEOUT] === BigInt(INSTRUCTION) && next() < 0.5) {
      count++;
      this.words[TIMEOUT] = BigInt(Math.floor(next() * LONGEST));
    }
    return call.call(this, object, slot, argumentCount);
  };
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void (Frame.prototype.call = call),
  };
}
