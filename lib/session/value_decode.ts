/** Bytes of a program as values of JavaScript's, by their types. */
import { type FieldRecord, isClass, type TypeRecord } from "./type_records.ts";
import type { TypeScope } from "./types.ts";
import { type FieldPath, membersOf } from "./value_fields.ts";

/** A value of an enumeration. */
export interface EnumValue {
  /** Its name; of several flags `A | B`; null where the type has none for it. */
  readonly name: string | null;
  /** Its number: a bigint where the type has eight bytes. */
  readonly value: number | bigint;
}

/** An array of numbers. */
export type NumberArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** What {@linkcode TypedValue.read} gives. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | EnumValue
  | NumberArray
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** Bits of an integer that belong to a field. */
export type Bits = NonNullable<FieldRecord["bits"]>;

/** Memory that was read, and what is still missing: reading goes on when it is there. */
export class Chunks {
  readonly #chunks: { readonly address: bigint; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  readonly pointerSize: 4 | 8;

  constructor(pointerSize: 4 | 8) {
    this.pointerSize = pointerSize;
  }

  /** Whether nothing was added yet. */
  get isNew(): boolean {
    return this.#chunks.length === 0;
  }

  add(address: bigint, bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push({ address, bytes });
  }

  /** @throws {Missing} for what is not there yet. */
  at(address: bigint, length: number): DataView<ArrayBuffer> {
    for (const { address: begin, bytes } of this.#chunks) {
      const offset = address - begin;
      if (offset < 0n || offset + BigInt(length) > BigInt(bytes.length)) continue;
      return new DataView(bytes.buffer, bytes.byteOffset + Number(offset), length);
    }
    throw new Missing(address, length);
  }
}

/** Memory that is to be read first. */
export class Missing {
  constructor(readonly address: bigint, readonly length: number) {}
}

/** A value at an address. */
export function decode(scope: TypeScope, type: TypeRecord, chunks: Chunks, address: bigint, bits?: Bits): PlainValue {
  if (type.kind === "array") return decodeArray(scope, type, chunks, address);
  if (isClass(type.kind)) return decodeClass(scope, type, chunks, address);
  if (type.kind === "function") return address;
  if (type.kind === "void") return null;
  return decodeScalar(type, chunks.at(address, type.size), bits);
}

function decodeScalar(type: TypeRecord, view: DataView<ArrayBuffer>, bits?: Bits): PlainValue {
  const { kind, size, signed = false } = type;
  if (kind === "float") return decodeFloat(view);
  const isInteger = size === 1 || size === 2 || size === 4 || size === 8;
  if (!isInteger) return bytesOf(view);
  const value = bits ? bitsOf(integerOf(view, false), bits, signed) : integerOf(view, signed);
  const plain = size === 8 ? value : Number(value);
  if (kind === "boolean") return value !== 0n;
  if (kind === "pointer" || kind === "reference") return value;
  return kind === "enumeration" ? enumValue(type, value, plain) : plain;
}

function decodeFloat(view: DataView<ArrayBuffer>): PlainValue {
  if (view.byteLength === 2) return view.getFloat16(0, true);
  if (view.byteLength === 4) return view.getFloat32(0, true);
  return view.byteLength === 8 ? view.getFloat64(0, true) : bytesOf(view);
}

/** A little-endian integer of 1, 2, 4 or 8 bytes. */
export function integerOf(view: DataView<ArrayBuffer>, isSigned: boolean): bigint {
  const { byteLength: size } = view;
  const value = size === 8
    ? view.getBigUint64(0, true)
    : BigInt(size === 4 ? view.getUint32(0, true) : size === 2 ? view.getUint16(0, true) : view.getUint8(0));
  return isSigned ? BigInt.asIntN(8 * size, value) : value;
}

function bitsOf(value: bigint, { position, length }: Bits, isSigned: boolean): bigint {
  const part = BigInt.asUintN(length, value >> BigInt(position));
  return isSigned ? BigInt.asIntN(length, part) : part;
}

function bytesOf(view: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}

function enumValue({ values = [] }: TypeRecord, value: bigint, plain: number | bigint): EnumValue {
  return Object.freeze({ name: enumName(values, value), value: plain });
}

function enumName(values: NonNullable<TypeRecord["values"]>, value: bigint): string | null {
  const exact = values.find(([, each]) => each === value);
  if (exact) return exact[0];
  const bits = new Map<bigint, string>(); // of several names for one the first
  for (const [name, each] of values) if (each !== 0n && !bits.has(each)) bits.set(each, name);
  // Those that count up from 0 or 1 are no flags, though 1 and 2 are bits.
  const isOfFlags = bits.size > 2 && [...bits.keys()].every((each) => each > 0n && (each & (each - 1n)) === 0n);
  const names = [...bits].filter(([each]) => (value & each) !== 0n);
  const covered = names.reduce((sum, [each]) => sum | each, 0n);
  return isOfFlags && value > 0n && covered === value ? names.map(([, name]) => name).join(" | ") : null;
}

const decoders = {
  1: new TextDecoder("utf-8", { ignoreBOM: true }),
  2: new TextDecoder("utf-16le", { ignoreBOM: true }),
};

function decodeArray(scope: TypeScope, type: TypeRecord, chunks: Chunks, address: bigint): PlainValue {
  const element = scope.record(type.target ?? 0);
  const { count = 0 } = type;
  if (element.size === 0) return [];
  if (element.kind === "character") return textOf(bytesOf(chunks.at(address, type.size)), element.size);
  const numbers = numbersOf(element);
  if (numbers) return new numbers(bytesOf(chunks.at(address, type.size)).buffer);
  return Array.from({ length: count }, (_, index) => {
    return decode(scope, element, chunks, address + BigInt(index * element.size));
  });
}

/** A text up to its zero, or to the end of the bytes. */
export function textOf(bytes: Uint8Array<ArrayBuffer>, width: number): string {
  if (width === 4) {
    const points = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
    const end = points.indexOf(0);
    return Array.from(end < 0 ? points : points.subarray(0, end), codePoint).join("");
  }
  const text = decoders[width === 2 ? 2 : 1].decode(bytes);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function codePoint(value: number): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : "\ufffd";
}

/** What holds an array of a type's values; undefined where no typed array does. */
export function numbersOf({ kind, size, signed }: TypeRecord): (new (buffer: ArrayBuffer) => NumberArray) | undefined {
  return NUMBERS[`${kind} ${size} ${signed ?? ""}`];
}

const NUMBERS: Readonly<Record<string, new (buffer: ArrayBuffer) => NumberArray>> = {
  "integer 1 false": Uint8Array,
  "integer 1 true": Int8Array,
  "integer 2 false": Uint16Array,
  "integer 2 true": Int16Array,
  "integer 4 false": Uint32Array,
  "integer 4 true": Int32Array,
  "integer 8 false": BigUint64Array,
  "integer 8 true": BigInt64Array,
  "float 4 ": Float32Array,
  "float 8 ": Float64Array,
};

function decodeClass(scope: TypeScope, type: TypeRecord, chunks: Chunks, address: bigint): PlainValue {
  const members = [...membersOf(scope, type)].map(([name, path]): [string, PlainValue] => {
    const { type, bits } = path.at(-1) ?? path[0];
    return [name, decode(scope, scope.record(type), chunks, addressIn(path, chunks, address), bits)];
  });
  return Object.fromEntries(members);
}

/** Where a member lies, by the bases that it is in. */
export function addressIn(path: FieldPath, chunks: Chunks, address: bigint): bigint {
  return path.reduce((at, field) => at + offsetOf(field, chunks, at), address);
}

/** Where a field lies in an object: virtual bases by the table that the object's pointer leads to. */
function offsetOf({ offset, virtual }: FieldRecord, chunks: Chunks, address: bigint): bigint {
  if (!virtual) return BigInt(offset);
  const pointer = address + BigInt(virtual.pointer);
  const table = integerOf(chunks.at(pointer, chunks.pointerSize), false);
  return BigInt(virtual.pointer) + integerOf(chunks.at(table + BigInt(4 * virtual.index), 4), true);
}
