import type { Field, StructTable } from "./tables.ts";
import { fitsBigint, fitsNumber, type NumberKind } from "./widths.ts";

type Wide = "u64" | "i64" | "pointer";

/** What a field holds: 64-bit ones and pointers are bigints. */
export type FieldValue<F extends Field> = F["kind"] extends Wide ? bigint : number;

/** Names of a struct's fields that {@linkcode StructView} reads as one value. */
export type FieldName<T extends StructTable> = keyof T["fields"] & string;

/** Fields of a struct over bytes, by the struct's table. */
export class StructView<T extends StructTable> {
  /** The struct's own bytes, to be handed to native code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #table: T;
  readonly #view: DataView<ArrayBuffer>;

  /** Over `bytes` from `offset` on, or over new memory of zeros. */
  constructor(table: T, bytes: Uint8Array<ArrayBuffer> = new Uint8Array(table.size), offset = 0) {
    this.#table = table;
    this.bytes = bytes.subarray(offset, offset + table.size);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, table.size);
  }

  /** Reads a field; of an array the element at `index`. */
  get<K extends FieldName<T>>(name: K, index = 0): FieldValue<T["fields"][K] & Field> {
    const field = this.#table.fields[name] as Field;
    return readField(this.#view, field, field.offset + index * elementSize(field)) as FieldValue<
      T["fields"][K] & Field
    >;
  }

  /** Writes a field; of an array the element at `index`. */
  set<K extends FieldName<T>>(name: K, value: FieldValue<T["fields"][K] & Field>, index = 0): this {
    const field = this.#table.fields[name] as Field;
    writeField(this.#view, field, field.offset + index * elementSize(field), value);
    return this;
  }

  /** Where a field begins, in bytes. */
  offset(name: FieldName<T>): number {
    return (this.#table.fields[name] as Field).offset;
  }
}

function elementSize(field: Field): number {
  return field.size / (field.count ?? 1);
}

function readField(view: DataView, field: Field, at: number): number | bigint {
  switch (field.kind) {
    case "u8":
      return view.getUint8(at);
    case "u16":
      return view.getUint16(at, true);
    case "i32":
      return view.getInt32(at, true);
    case "u32":
      return bits(view.getUint32(at, true), field);
    case "i64":
      return view.getBigInt64(at, true);
    case "u64":
    case "pointer":
      return view.getBigUint64(at, true);
    case "f32":
      return view.getFloat32(at, true);
    case "f64":
      return view.getFloat64(at, true);
    default:
      throw new TypeError(`Cannot read a field of type ${field.type} as one value: use its bytes`);
  }
}

function bits(value: number, field: Field): number {
  if (!field.bits) return value;
  const [shift, width] = field.bits;
  return (value >>> shift) & (2 ** width - 1);
}

function refuseBeyond(kind: string, value: number | bigint): void {
  const isWithin = kind === "u64" || kind === "i64"
    ? fitsBigint(kind, value as bigint)
    : !isNumberKind(kind) || fitsNumber(kind, value as number);
  if (!isWithin) throw new RangeError(`Cannot write ${value} into a field: it is not ${kind}`);
}

function isNumberKind(kind: string): kind is NumberKind {
  return ["u8", "u16", "u32", "i32"].includes(kind);
}

function writeField(view: DataView, field: Field, at: number, value: number | bigint): void {
  if (field.bits) throw new TypeError("Cannot write a bit field: write the bytes it lies in");
  refuseBeyond(field.kind === "pointer" ? "u64" : field.kind, value);
  switch (field.kind) {
    case "u8":
      return view.setUint8(at, value as number);
    case "u16":
      return view.setUint16(at, value as number, true);
    case "i32":
      return view.setInt32(at, value as number, true);
    case "u32":
      return view.setUint32(at, value as number, true);
    case "i64":
      return view.setBigInt64(at, value as bigint, true);
    case "u64":
    case "pointer":
      return view.setBigUint64(at, value as bigint, true);
    case "f32":
      return view.setFloat32(at, value as number, true);
    case "f64":
      return view.setFloat64(at, value as number, true);
    default:
      throw new TypeError(`Cannot write a field of type ${field.type} as one value: use its bytes`);
  }
}
