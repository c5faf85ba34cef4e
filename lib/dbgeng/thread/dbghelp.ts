/**
 * What the engine's own library of symbols, `dbghelp.dll`, tells of types and variables beyond the engine's interfaces: bit fields, bases,
 * enumerators. The handle by which the engine knows a process is that library's as well, of dumps and of other machines' processes, too.
 */
import { encodeWide, readWide } from "../../com/memory.ts";
import { I386 } from "../../files/machines.ts";
import { kernel32 } from "./kernel.ts";
import type { EngineObjects } from "./objects.ts";

const functions = {
  SymGetTypeInfo: { parameters: ["usize", "u64", "u32", "i32", "buffer"], result: "i32" },
  SymGetTypeFromNameW: { parameters: ["usize", "u64", "buffer", "buffer"], result: "i32" },
  SymGetOptions: { parameters: [], result: "u32" },
  SymSetOptions: { parameters: ["u32"], result: "u32" },
  UnDecorateSymbolName: { parameters: ["buffer", "buffer", "u32", "u32"], result: "u32" },
  SymFromNameW: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Dbghelp = Deno.DynamicLibrary<typeof functions>["symbols"];

let library: Deno.DynamicLibrary<typeof functions> | undefined;

/** The functions of the engine's own library. */
export function dbghelp(): Dbghelp {
  library ??= Deno.dlopen("dbghelp.dll", functions); // the engine's, which is loaded
  return library.symbols;
}

/** `IMAGEHLP_SYMBOL_TYPE_INFO`: what can be asked about a type. */
const INFO = {
  tag: 0,
  name: 1,
  length: 2,
  type: 3,
  basicType: 5,
  findChildren: 7,
  dataKind: 8,
  offset: 10,
  value: 11,
  count: 12,
  childrenCount: 13,
  bitPosition: 14,
  isVirtualBase: 15,
  virtualBasePointer: 17,
  classParent: 18,
  kindOfClass: 24,
  virtualBaseIndex: 30,
  isReference: 31,
} as const;

/** What is answered with a number of 32 bits, or as many as they are. */
export type NumberInfo = Exclude<keyof typeof INFO, "name" | "findChildren" | "value">;

/** `SymTagEnum` */
export const TAG = {
  data: 7,
  class: 11,
  enumeration: 12,
  functionType: 13,
  pointer: 14,
  array: 15,
  basic: 16,
  typedef: 17,
  base: 18,
} as const;

/** A symbol or type that was found by its name. */
export interface FoundSymbol {
  /** Address of its module. */
  readonly module: bigint;
  /** The type that it has, or is. */
  readonly type: number;
  readonly address: bigint;
  /** `SYMFLAG_…` */
  readonly flags: number;
  /** Of a constant. */
  readonly value: bigint;
}

/** `SYMOPT_CASE_INSENSITIVE` */
const CASE_INSENSITIVE = 0x1;

/** SYMBOL_INFOW: its size without the name, and where its fields are. */
const SYMBOL_INFO = { size: 88, type: 4, module: 32, flags: 40, value: 48, address: 56, maxName: 80 } as const;

/** Bytes of a VARIANT. */
const VARIANT = 24;
/** By its type (VT_…): how many bits an integer in a VARIANT has, and whether it has a sign. */
const INTEGERS: Readonly<Record<number, readonly [bits: number, isSigned: boolean]>> = {
  ...{ 16: [8, true], 2: [16, true], 3: [32, true], 20: [64, true], 22: [32, true] },
  ...{ 17: [8, false], 18: [16, false], 19: [32, false], 21: [64, false], 23: [32, false], 11: [16, false] },
};

/** Symbols of the engine's current process. */
export class Symbols {
  /** Bytes of a pointer of the process: symbols give references to parameters the size of what they refer to. */
  readonly pointerSize: 4 | 8;
  readonly #handle: bigint;
  readonly #buffer = new Uint8Array(VARIANT);
  readonly #view = new DataView(this.#buffer.buffer);

  constructor(objects: EngineObjects) {
    this.#handle = BigInt(objects.system.GetCurrentProcessHandle());
    this.pointerSize = objects.machines.get(objects.currentProcess()) === I386 ? 4 : 8;
  }

  /** A number; undefined where the type has none of the kind. */
  number(module: bigint, type: number, info: NumberInfo): number | undefined {
    return this.#ask(module, type, INFO[info]) ? Number(this.#view.getBigUint64(0, true)) : undefined;
  }

  /** A name; empty without one. */
  name(module: bigint, type: number): string {
    if (!this.#ask(module, type, INFO.name)) return "";
    const text = this.#view.getBigUint64(0, true);
    try {
      return readWide(text) ?? "";
    } finally {
      kernel32().LocalFree(text);
    }
  }

  /** The value of an enumerator; undefined where it is none. */
  value(module: bigint, type: number): bigint | undefined {
    if (!this.#ask(module, type, INFO.value)) return undefined;
    const integer = INTEGERS[this.#view.getUint16(0, true)];
    if (!integer) return undefined;
    const [bits, isSigned] = integer;
    const value = this.#view.getBigUint64(8, true);
    return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  }

  /** Members, bases, enumerators or arguments, at most so many. */
  children(module: bigint, type: number, most: number): number[] {
    const count = Math.min(most, this.number(module, type, "childrenCount") ?? 0);
    if (count === 0) return [];
    const params = new Uint32Array(2 + count); // TI_FINDCHILDREN_PARAMS
    params[0] = count;
    const bytes = new Uint8Array(params.buffer);
    const isThere = dbghelp().SymGetTypeInfo(this.#handle, module, type, INFO.findChildren, bytes) !== 0;
    return isThere ? [...params.subarray(2)] : [];
  }

  /** A variable or function as `module!name`. */
  find(name: string): FoundSymbol | undefined {
    const { SymFromNameW, SymGetOptions, SymSetOptions } = dbghelp();
    const options = SymGetOptions();
    // The engine has names found whatever their letters' case is: of two that differ in that alone, the one that is meant comes first.
    for (const each of [options & ~CASE_INSENSITIVE, options]) {
      const info = symbolInfo();
      SymSetOptions(each);
      const isFound = SymFromNameW(this.#handle, encodeWide(name), info) !== 0;
      SymSetOptions(options);
      if (isFound) return foundSymbol(info);
    }
    return undefined;
  }

  /** A type by its name, of one module. */
  findType(module: bigint, name: string): number | undefined {
    const info = symbolInfo();
    const isThere = dbghelp().SymGetTypeFromNameW(this.#handle, module, encodeWide(name), info) !== 0;
    return isThere ? foundSymbol(info).type : undefined;
  }

  #ask(module: bigint, type: number, info: number): boolean {
    this.#buffer.fill(0);
    return dbghelp().SymGetTypeInfo(this.#handle, module, type, info, this.#buffer) !== 0;
  }
}

function symbolInfo(): Uint8Array<ArrayBuffer> {
  const info = new Uint8Array(SYMBOL_INFO.size);
  const view = new DataView(info.buffer);
  view.setUint32(0, SYMBOL_INFO.size, true);
  view.setUint32(SYMBOL_INFO.maxName, 1, true); // nobody asks for the name
  return info;
}

function foundSymbol(info: Uint8Array<ArrayBuffer>): FoundSymbol {
  const view = new DataView(info.buffer);
  return {
    module: view.getBigUint64(SYMBOL_INFO.module, true),
    type: view.getUint32(SYMBOL_INFO.type, true),
    value: view.getBigInt64(SYMBOL_INFO.value, true),
    address: view.getBigUint64(SYMBOL_INFO.address, true),
    flags: view.getUint32(SYMBOL_INFO.flags, true),
  };
}
