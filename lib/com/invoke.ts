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
    return this.run(this, argumentCount);
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
  const frame = frames[depth] ??= isFast() ? fastFrame() : portableFrame();
  depth++;
  return frame;
}

/** Gives the innermost frame back. */
export function leaveFrame(): void {
  depth--;
}

/** Whether calls take the fast way on this machine. */
function isFast(): boolean {
  return Deno.build.os === "windows" && Deno.build.arch === "x86_64";
}

const fastSymbols = {
  VirtualAlloc: { parameters: ["usize", "usize", "u32", "u32"], result: "usize" },
  VirtualProtect: { parameters: ["usize", "usize", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const callSymbols = {
  _initterm_e: { parameters: ["usize", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const MEM_COMMIT_RESERVE = 0x3000;
const PAGE_READWRITE = 0x04;
const PAGE_EXECUTE_READ = 0x20;
const PAGE = 4096;

let kernel: Deno.DynamicLibrary<typeof fastSymbols> | undefined;
let crt: Deno.DynamicLibrary<typeof callSymbols> | undefined;

/** Two pages that live as long as the process: the frame with the table of one function, and that function. */
function fastFrame(): Frame {
  kernel ??= Deno.dlopen("kernel32.dll", fastSymbols);
  crt ??= Deno.dlopen("ucrtbase.dll", callSymbols);
  const { VirtualAlloc, VirtualProtect } = kernel.symbols;
  const call = crt.symbols._initterm_e;
  const data = VirtualAlloc(0n, BigInt(2 * PAGE), MEM_COMMIT_RESERVE, PAGE_READWRITE);
  if (data === 0n) throw new Error("Cannot make a call frame: VirtualAlloc returned no memory");
  const code = data + BigInt(PAGE);
  const memory = nativeMemory(data, 2 * PAGE);
  new Uint8Array(memory, PAGE).set(thunkCode(data, FIRST_ARGUMENT, MAX_ARGUMENTS));
  const first = data + BigInt(WORD * FRAME_WORDS);
  const last = first + BigInt(WORD);
  new BigUint64Array(memory)[FRAME_WORDS] = code;
  // Written first, executable after: memory that is both at once is what security products look for.
  if (VirtualProtect(code, BigInt(PAGE), PAGE_EXECUTE_READ, new Uint32Array(1)) === 0) {
    throw new Error("Cannot make a call frame: Windows refused to make its code executable");
  }
  return new Frame(memory, data, () => call(first, last));
}

function nativeMemory(address: bigint, length: number): ArrayBuffer {
  return Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(address) as Deno.PointerObject, length);
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
