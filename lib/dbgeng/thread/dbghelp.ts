/**
 * What the engine's own library of symbols, `dbghelp.dll`, tells of types and variables beyond the engine's interfaces: bit fields, bases,
 * enumerators. The handle by which the engine knows a process is that library's as well, of dumps and of other machines' processes, too.
 */
import { enumerate } from "../../com/enumerate.ts";
import { encodeWide, readBytes, readWide } from "../../com/memory.ts";
import { I386 } from "../../files/machines.ts";
import type { SourceLine } from "../../session/source_lines.ts";
import { kernel32 } from "./kernel.ts";
import type { EngineObjects } from "./objects.ts";

const functions = {
  SymGetTypeInfo: { parameters: ["usize", "u64", "u32", "i32", "buffer"], result: "i32" },
  SymGetTypeFromNameW: { parameters: ["usize", "u64", "buffer", "buffer"], result: "i32" },
  SymGetOptions: { parameters: [], result: "u32" },
  SymSetOptions: { parameters: ["u32"], result: "u32" },
  UnDecorateSymbolName: { parameters: ["buffer", "buffer", "u32", "u32"], result: "u32" },
  SymEnumSourceLinesW: {
    parameters: ["usize", "u64", "buffer", "buffer", "u32", "u32", "function", "usize"],
    result: "i32",
  },
  SymGetLineFromAddrW64: { parameters: ["usize", "u64", "buffer", "buffer"], result: "i32" },
  SymGetLineNextW64: { parameters: ["usize", "buffer"], result: "i32" },
  SymFromAddrW: { parameters: ["usize", "u64", "buffer", "buffer"], result: "i32" },
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
  /** Bytes; 0 where that is not known. */
  readonly size: number;
  /** `SYMFLAG_…` */
  readonly flags: number;
  /** Of a constant. */
  readonly value: bigint;
}

/** `SYMOPT_CASE_INSENSITIVE` */
const CASE_INSENSITIVE = 0x1;

/** SYMBOL_INFOW: its size without the name, and where its fields are. */
const SYMBOL_INFO = {
  size: 88,
  type: 4,
  length: 28,
  module: 32,
  flags: 40,
  value: 48,
  address: 56,
  maxName: 80,
} as const;

/** Bytes of a VARIANT. */
const VARIANT = 24;
/** By its type (VT_…): how many bits an integer in a VARIANT has, and whether it has a sign. */
const INTEGERS: Readonly<Record<number, readonly [bits: number, isSigned: boolean]>> = {
  ...{ 16: [8, true], 2: [16, true], 3: [32, true], 20: [64, true], 22: [32, true] },
  ...{ 17: [8, false], 18: [16, false], 19: [32, false], 21: [64, false], 23: [32, false], 11: [16, false] },
};

/** SRCCODEINFOW: its size, and where its fields are. */
const LINE = { size: 1080, file: 546, number: 1068, address: 1072 } as const;

/** IMAGEHLP_LINEW64: its size, and where its fields are. */
const LINE_INFO = { size: 40, number: 16, file: 24, address: 32 } as const;

/** Where code of a source line begins. */
export interface LineStart {
  readonly file: string;
  readonly address: bigint;
}

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

  /** Where a line begins in files whose path ends with a name, of one module; at most so many. */
  lines(module: bigint, file: string, line: number, most: number): LineStart[] {
    const found: LineStart[] = [];
    const pattern = encodeWide(`*${file.replaceAll(/[*?#+[\]\\/]/g, "?")}`);
    enumerate((at) => {
      const info = new DataView(readBytes(at, LINE.size).buffer);
      if (info.getUint32(LINE.number, true) === line) {
        found.push({ file: readWide(at + BigInt(LINE.file)) ?? "", address: info.getBigUint64(LINE.address, true) });
      }
      return found.length < most;
    }, (each) => dbghelp().SymEnumSourceLinesW(this.#handle, module, null, pattern, line, 0, each, 0n));
    return found;
  }

  /** The function or variable that an address is in; undefined without one. */
  at(address: bigint): FoundSymbol | undefined {
    const info = symbolInfo();
    return dbghelp().SymFromAddrW(this.#handle, address, new BigUint64Array(1), info) === 0
      ? undefined
      : foundSymbol(info);
  }

  /** The line that an address is in, with its code up to where that of another line or function begins; undefined without one. */
  lineAt(address: bigint): SourceLine | undefined {
    const bytes = new Uint8Array(LINE_INFO.size);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, LINE_INFO.size, true);
    if (dbghelp().SymGetLineFromAddrW64(this.#handle, address, new Uint32Array(1), bytes) === 0) return undefined;
    const begin = view.getBigUint64(LINE_INFO.address, true);
    const line = view.getUint32(LINE_INFO.number, true);
    const file = readWide(view.getBigUint64(LINE_INFO.file, true)) ?? "";
    const hasNext = dbghelp().SymGetLineNextW64(this.#handle, bytes) !== 0;
    const around = this.at(address);
    const ends = [
      hasNext ? view.getBigUint64(LINE_INFO.address, true) : 0n, // that of the function which the compiler wrote next
      around ? around.address + BigInt(around.size) : 0n,
    ].filter((end) => end > address);
    const end = ends.reduce((first, each) => each < first ? each : first, ends[0] ?? address + 1n);
    return { file, line, address: begin, size: Number(end - begin) };
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
    size: view.getUint32(SYMBOL_INFO.length, true),
    value: view.getBigInt64(SYMBOL_INFO.value, true),
    address: view.getBigUint64(SYMBOL_INFO.address, true),
    flags: view.getUint32(SYMBOL_INFO.flags, true),
  };
}
