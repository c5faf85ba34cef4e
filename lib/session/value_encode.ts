/** Values of JavaScript's as bytes of a program, by their types. */
import { isClass, type TypeRecord } from "./type_records.ts";
import type { TypeScope } from "./types.ts";
import { type Bits, integerOf, numbersOf, type PlainValue } from "./value_decode.ts";

/**
 * The bytes that hold a value. `before`: those that are there now, in which a bit field is changed.
 * @throws {TypeError} for what is no value of the type. @throws {RangeError} for one that does not fit.
 */
export function encode(
  scope: TypeScope,
  type: TypeRecord,
  value: unknown,
  before: Uint8Array<ArrayBuffer>,
  bits?: Bits,
): Uint8Array<ArrayBuffer> {
  if (isBytesOf(scope, type, value)) {
    return new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
  }
  switch (type.kind) {
    case "float":
      return encodeFloat(type, value, before);
    case "array":
      return encodeText(type, scope.record(type.target ?? 0), value);
    case "boolean":
      if (typeof value !== "boolean") throw wrong(type, value, "true or false");
      return encodeInteger(type, value ? 1n : 0n, before, bits);
    case "enumeration":
      return encodeInteger(type, enumNumber(type, value), before, bits);
    case "integer":
    case "character":
    case "pointer":
      return encodeInteger(type, value, before, bits);
    default:
      throw wrong(
        type,
        value,
        isClass(type.kind) ? "written member by member: field(name).write(…)" : `${type.size} bytes as a Uint8Array`,
      );
  }
}

/** As what reading gives arrays of numbers, and bytes for anything. */
function isBytesOf(
  scope: TypeScope,
  { size, kind, target = 0 }: TypeRecord,
  value: unknown,
): value is ArrayBufferView<ArrayBuffer> {
  if (!ArrayBuffer.isView(value) || value.byteLength !== size) return false;
  const numbers = kind === "array" ? numbersOf(scope.record(target)) : undefined;
  return value instanceof Uint8Array || (numbers !== undefined && value instanceof numbers);
}

function encodeFloat(type: TypeRecord, value: unknown, before: Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof value !== "number") throw wrong(type, value, "a number");
  const bytes = new Uint8Array(before);
  const view = new DataView(bytes.buffer);
  if (type.size === 2) view.setFloat16(0, value, true);
  else if (type.size === 4) view.setFloat32(0, value, true);
  else if (type.size === 8) view.setFloat64(0, value, true);
  else throw wrong(type, value, `${type.size} bytes as a Uint8Array`);
  return bytes;
}

function encodeInteger(type: TypeRecord, value: unknown, before: Uint8Array, bits?: Bits): Uint8Array<ArrayBuffer> {
  const { size, signed = false } = type;
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
    throw wrong(type, value, size === 8 ? "a bigint or an integer" : "an integer");
  }
  const number = BigInt(value as bigint | number);
  const width = bits?.length ?? 8 * size;
  const fits = (signed ? BigInt.asIntN : BigInt.asUintN)(width, number) === number;
  if (!fits) {
    throw new RangeError(
      `Cannot write ${number}: a ${signed ? "signed" : "unsigned"} integer of ${width} bits has no such value`,
    );
  }
  const bytes = new Uint8Array(before);
  const view = new DataView(bytes.buffer);
  const position = BigInt(bits?.position ?? 0);
  const mask = ((1n << BigInt(width)) - 1n) << position;
  const whole = (integerOf(view, false) & ~mask) | (BigInt.asUintN(width, number) << position);
  for (let index = 0; index < size; index++) bytes[index] = Number((whole >> BigInt(8 * index)) & 0xffn);
  return bytes;
}

function enumNumber(type: TypeRecord, value: unknown): unknown {
  if (typeof value === "object" && value !== null && "value" in value) return value.value;
  if (typeof value !== "string") return value;
  const found = type.values?.find(([name]) => name === value);
  if (found) return found[1];
  throw wrong(type, value, `one of ${type.values?.slice(0, 20).map(([name]) => name).join(", ")}`);
}

/** A text with its zero, and zeros behind it. */
function encodeText(type: TypeRecord, element: TypeRecord, value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value !== "string" || element.kind !== "character") {
    throw wrong(
      type,
      value,
      element.kind === "character" ? "a text" : `${type.size} bytes, or an array of numbers of as many`,
    );
  }
  const bytes = element.size === 1 ? new TextEncoder().encode(value) : element.size === 2 ? utf16(value) : utf32(value);
  if (bytes.length + element.size > type.size) {
    throw new RangeError(`Cannot write a text of ${bytes.length} bytes with its zero: ${type.name} has ${type.size}`);
  }
  const result = new Uint8Array(type.size);
  result.set(bytes);
  return result;
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return new Uint8Array(units.buffer);
}

function utf32(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.from(text, (point) => point.codePointAt(0) ?? 0).buffer);
}

function wrong({ name }: TypeRecord, value: unknown, wanted: string): TypeError {
  const shown = typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === "object"
    ? "an object"
    : String(value);
  return new TypeError(`Cannot write ${shown} to a ${name}: it must be ${wanted}`);
}

/** What {@linkcode TypedValue.write} takes: what reading gives, the name of an enumerator, or bytes. */
export type WritableValue = Exclude<PlainValue, readonly PlainValue[]> | Uint8Array;
