/**
 * Calls a slot of a COM object's vtable.
 *
 * A symbol that `Deno.dlopen` declared is called by V8 directly (5 ns), a pointer through `Deno.UnsafeFnPointer` costs a
 * microsecond. So on 64-bit Intel Windows one symbol serves all methods: `_initterm_e(first, last)` of the C run-time library
 * calls each function pointer between two addresses, without arguments, and returns the first non-zero result. The one
 * function there is {@linkcode thunkCode}, made in memory (nothing is written to disk): it loads the arguments from a *frame*, a
 * fixed piece of memory that JavaScript sees as typed arrays, and jumps through the vtable. That takes 11 ns more than the same
 * call in C (`deno task bench`).
 *
 * Elsewhere (Windows on ARM, unit tests on Linux) the portable way is taken.
 * @module
 */
import { takeForeignCalls } from "./gate.ts";
import { makeExecutable, PAGE, runsMachineCode, takePages } from "./pages.ts";
import { thunkCode } from "./thunk.ts";

/** The most arguments that a call can have; `dbgeng.h` needs 12 and leaves the rest for variadic calls. */
export const MAX_ARGUMENTS = 16;

const WORD = 8;
/** Words of a frame: object, byte offset of the slot, whole result, then arguments, then cells for results by pointer. */
const SLOT_WORD = 1;
const RESULT_WORD = 2;
export const FIRST_ARGUMENT = 3;
const FIRST_CELL = FIRST_ARGUMENT + MAX_ARGUMENTS;
const FRAME_WORDS = 64;

/** Memory for one call that is under way; a call made inside a callback of another call has the next frame. */
export class Frame {
  readonly words: BigUint64Array<ArrayBuffer>;
  readonly signed: BigInt64Array<ArrayBuffer>;
  readonly uints: Uint32Array<ArrayBuffer>;
  readonly ints: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
  /** Address of the cell that takes the result given back through the argument of the same index. */
  readonly cells: readonly bigint[];
  /** What native code points into during the call: held here so that it is not collected. */
  readonly held: unknown[] = new Array(MAX_ARGUMENTS).fill(null);

  constructor(memory: ArrayBuffer, address: bigint, readonly run: (frame: Frame, argumentCount: number) => number) {
    this.words = new BigUint64Array(memory, 0, FRAME_WORDS);
    this.signed = new BigInt64Array(memory, 0, FRAME_WORDS);
    this.uints = new Uint32Array(memory, 0, 2 * FRAME_WORDS);
    this.ints = new Int32Array(memory, 0, 2 * FRAME_WORDS);
    this.doubles = new Float64Array(memory, 0, FRAME_WORDS);
    this.cells = Array.from({ length: MAX_ARGUMENTS }, (_, index) => address + BigInt(WORD * (FIRST_CELL + index)));
  }

  /** Calls `slot` of `object` with the arguments written before and gives its 32-bit result. */
  call(object: bigint, slot: number, argumentCount: number): number {
    this.words[0] = object;
    this.uints[2 * SLOT_WORD] = WORD * slot;
    const result = this.run(this, argumentCount);
    takeForeignCalls();
    return result;
  }

  /** Index of a cell in `words` and `signed`. */
  static cell(index: number): number {
    return FIRST_CELL + index;
  }
}

const frames: Frame[] = [];
let depth = 0;

/** Takes the next free frame; every one taken is given back by {@linkcode leaveFrame}. */
export function enterFrame(): Frame {
  const frame = frames[depth] ??= runsMachineCode() ? fastFrame() : portableFrame();
  depth++;
  return frame;
}

/** Gives the innermost frame back. */
export function leaveFrame(): void {
  depth--;
}

const symbols = {
  _initterm_e: { parameters: ["usize", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let crt: Deno.DynamicLibrary<typeof symbols> | undefined;

/** Two pages that live as long as the process: the frame with the table of one function, and that function. */
function fastFrame(): Frame {
  crt ??= Deno.dlopen("ucrtbase.dll", symbols);
  const call = crt.symbols._initterm_e;
  const { address, memory } = takePages(2);
  const code = address + BigInt(PAGE);
  new Uint8Array(memory, PAGE).set(thunkCode(address, FIRST_ARGUMENT, MAX_ARGUMENTS));
  const first = address + BigInt(WORD * FRAME_WORDS);
  const last = first + BigInt(WORD);
  new BigUint64Array(memory)[FRAME_WORDS] = code;
  makeExecutable(code);
  return new Frame(memory, address, () => call(first, last));
}

function portableFrame(): Frame {
  const memory = new ArrayBuffer(WORD * FRAME_WORDS);
  const address = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(memory))));
  return new Frame(memory, address, portableCall);
}

/** Every argument goes as 64 bits: callees look at the part that they declared. */
function portableCall(frame: Frame, argumentCount: number): number {
  const object = frame.words[0] ?? 0n;
  const vtable = pointerAt(object, 0);
  const method = pointerAt(vtable, frame.uints[2 * SLOT_WORD] ?? 0);
  const parameters = new Array<"u64">(argumentCount + 1).fill("u64");
  const pointer = Deno.UnsafePointer.create(method) as Deno.PointerObject<never>;
  const target = new Deno.UnsafeFnPointer(pointer, { parameters, result: "u64" });
  const values = Array.from(frame.words.subarray(FIRST_ARGUMENT, FIRST_ARGUMENT + argumentCount));
  const result = (target.call as (...values: bigint[]) => bigint)(object, ...values);
  frame.words[RESULT_WORD] = result;
  return Number(BigInt.asIntN(32, result));
}

function pointerAt(address: bigint, offset: number): bigint {
  return new Deno.UnsafePointerView(Deno.UnsafePointer.create(address) as Deno.PointerObject).getBigUint64(offset);
}
