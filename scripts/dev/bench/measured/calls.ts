/**
 * Nanoseconds of the lightest call, `GetEngineOptions`, by each way of calling that was considered. One JSON object on stdout.
 * Run by bench.ts inside the host: arguments are the engine's folder and the number of calls.
 * @module
 */
import type { ComObject } from "../../../../lib/com/com_object.ts";
import { enterFrame, FIRST_ARGUMENT, Frame, leaveFrame } from "../../../../lib/com/invoke.ts";
import { IDebugControl } from "../../../../lib/dbgeng/generated/debug_control.ts";
import { loadEngine } from "../../../../lib/dbgeng/thread/library.ts";
import { EngineObjects } from "../../../../lib/dbgeng/thread/objects.ts";

const SLOT = IDebugControl.methods["GetEngineOptions"]?.slot ?? 0;
const CC_STDCALL = 4;
const VT_I4 = 3;
const VT_UI8 = 21;
/** Bytes of a VARIANT, and where its value lies. */
const VARIANT_SIZE = 24;
const VARIANT_VALUE = 8;

const automation = {
  DispCallFunc: {
    parameters: ["usize", "usize", "u32", "u16", "u32", "buffer", "buffer", "buffer"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Makes one call and gives the options that the engine answered. */
type Way = () => number;

/** Only what is in lib/com/invoke.ts: the argument is written, the result read, nothing is checked. */
function bareThunk(object: ComObject): Way {
  return () => {
    const frame = enterFrame();
    frame.words[FIRST_ARGUMENT] = frame.cells[0] ?? 0n;
    frame.call(object.pointer, SLOT, 1);
    const value = frame.uints[2 * Frame.cell(0)] ?? 0;
    leaveFrame();
    return value;
  };
}

function functionPointer(object: ComObject): Way {
  const vtable = new Deno.UnsafePointerView(at(new Deno.UnsafePointerView(at(object.pointer)).getBigUint64()));
  const definition = { parameters: ["usize", "buffer"], result: "i32" } as const;
  const method = at(vtable.getBigUint64(8 * SLOT)) as Deno.PointerObject<typeof definition>;
  const target = new Deno.UnsafeFnPointer(method, definition);
  const value = new Uint32Array(1);
  return () => {
    target.call(object.pointer, value);
    return value[0] ?? 0;
  };
}

/** Automation's own caller of vtable slots: arguments are VARIANTs, pointers to them and their types lie in arrays. */
function dispCallFunc(object: ComObject): Way {
  const { DispCallFunc } = Deno.dlopen("oleaut32.dll", automation).symbols;
  const value = new Uint32Array(1);
  const argument = new DataView(new ArrayBuffer(VARIANT_SIZE));
  argument.setUint16(0, VT_UI8, true);
  argument.setBigUint64(VARIANT_VALUE, addressOf(value), true);
  const types = Uint16Array.of(VT_UI8);
  const variants = BigUint64Array.of(addressOf(new Uint8Array(argument.buffer)));
  const result = new Uint8Array(VARIANT_SIZE);
  return () => {
    DispCallFunc(object.pointer, BigInt(8 * SLOT), CC_STDCALL, VT_I4, 1, types, variants, result);
    return value[0] ?? 0;
  };
}

function at(address: bigint): Deno.PointerObject {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null) throw new Error("Cannot look at address 0");
  return pointer;
}

function addressOf(view: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(view));
}

/** Half of the calls warm up; a way that gives a wrong answer is no way. */
function nanoseconds(way: Way, calls: number, expected: number): number {
  for (let index = 0; index < calls / 2; index++) way();
  let wrong = 0;
  const start = performance.now();
  for (let index = 0; index < calls; index++) wrong |= way() ^ expected;
  const elapsed = performance.now() - start;
  if (wrong !== 0) throw new Error("Cannot measure: a call gave other options than the engine has");
  return elapsed * 1e6 / calls;
}

const [folder = "", count = "1000000"] = Deno.args;
const { control } = new EngineObjects(loadEngine(folder), "");
const calls = Number(count);
const expected = control.GetEngineOptions();
const figures = {
  comObject: nanoseconds(() => control.GetEngineOptions(), calls, expected),
  thunk: nanoseconds(bareThunk(control), calls, expected),
  functionPointer: nanoseconds(functionPointer(control), calls / 20, expected),
  dispCallFunc: nanoseconds(dispCallFunc(control), calls / 20, expected),
};
console.log(JSON.stringify(figures));
