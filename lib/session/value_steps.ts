/** From one value in a program to others, and to its bytes. */
import { EngineError, errorFromRecord } from "./errors.ts";
import type { Memory, OwnRequest } from "./memory.ts";
import { isClass, type RegisterRecord, type TypeRecord } from "./type_records.ts";
import type { TypeScope } from "./types.ts";
import { addressIn, type Bits, Chunks, integerOf, Missing } from "./value_decode.ts";
import { fieldPath, noField } from "./value_fields.ts";

/** What values are read by. */
export interface ValueSource {
  readonly request: OwnRequest;
  /** Types are of the whole program: a thread may have ended. */
  readonly types: OwnRequest;
  readonly memory: Memory;
  readonly pointerSize: 4 | 8;
}

/** Where a value is, and what. */
export interface ValuePlace {
  readonly scope: TypeScope;
  /** The type's id. */
  readonly type: number;
  /** In memory; of what is in a register the number of the byte. */
  readonly address: bigint;
  readonly bits?: Bits;
  /** The register that has it. */
  readonly register?: RegisterRecord;
}

/** The next place, or how it is found: the program is asked for that. */
export type Found = ValuePlace | (() => Promise<ValuePlace>);

/** Chunks of memory that one value is in: bases that are there once, and the tables that say where. */
const MOST_CHUNKS = 10_000;

/** A place that was found, or is now. */
export async function arrive(found: Found): Promise<ValuePlace> {
  return typeof found === "function" ? await found() : found;
}

/** A member of what is at a place, all of whose type is known; of what it leads to, if it is a pointer. */
export function member(source: ValueSource, place: ValuePlace, name: string): Found {
  const { scope } = place;
  const record = scope.record(place.type);
  if (isPointer(record)) {
    return async () => {
      const target = await follow(source, place);
      await scope.complete(target.type);
      return await arrive(member(source, target, name));
    };
  }
  if (!isClass(record.kind)) throw noField(scope, record, name);
  const path = fieldPath(scope, record, name);
  const { type, bits } = path.at(-1) ?? path[0];
  const { bits: _, ...rest } = place;
  const found = { ...rest, type, ...(bits ? { bits } : {}) };
  if (!path.some(({ virtual }) => virtual)) {
    return { ...found, address: addressIn(path, new Chunks(source.pointerSize), place.address) };
  }
  return async () => ({
    ...found,
    address: await reading(source, (chunks) => addressIn(path, chunks, place.address)),
  });
}

/** An element of an array, all of whose type is known, or of what a pointer leads to. */
export function element(source: ValueSource, place: ValuePlace, index: number): Found {
  const { scope } = place;
  const { kind, name, count = 0, target = 0 } = scope.record(place.type);
  if (kind === "reference") {
    return async () => {
      const array = await follow(source, place);
      await scope.complete(array.type);
      return await arrive(element(source, array, index));
    };
  }
  const size = kind === "array" || kind === "pointer" ? scope.record(target).size : 0;
  if (size === 0) {
    throw new TypeError(`Cannot read element ${index}: ${name} is neither an array nor a pointer to what has a size`);
  }
  const distance = BigInt(index) * BigInt(size);
  if (kind === "pointer") {
    return async () => {
      const first = await follow(source, place);
      return { ...first, address: BigInt.asUintN(8 * source.pointerSize, first.address + distance) };
    };
  }
  // What ends a struct as `Item items[]` has as many as its program knows of.
  if (index < 0 || (index >= count && count > 0)) {
    throw new RangeError(
      `Cannot read element ${index}: ${name} has ${count || "as many as its program knows"}, counted from 0`,
    );
  }
  return { ...place, type: target, address: place.address + distance };
}

/** What a pointer or reference leads to. */
export async function follow(source: ValueSource, place: ValuePlace): Promise<ValuePlace> {
  const { scope } = place;
  const record = scope.record(place.type);
  const { target } = record;
  if (!isPointer(record) || target === undefined) {
    throw new TypeError(`Cannot follow a ${record.name}: it is neither a pointer nor a reference`);
  }
  const bytes = await readPlace(source, place, record.size);
  const address = integerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), false);
  if (address === 0n) throw new EngineError("failed", `Cannot follow a ${record.name}: it is null`);
  return { scope, type: target, address };
}

function isPointer({ kind }: TypeRecord): boolean {
  return kind === "pointer" || kind === "reference";
}

/** The bytes at a place. */
export async function readPlace(
  { memory }: ValueSource,
  { address, register }: ValuePlace,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!register) return await memory.read(address, size);
  const { name, bytes = new Uint8Array(), failed } = register;
  if (failed) throw errorFromRecord(failed);
  const begin = Number(address);
  if (begin + size <= bytes.length) return bytes.slice(begin, begin + size);
  throw new EngineError("failed", `Cannot read a value of ${size} bytes: only a part of it is in register ${name}`);
}

/** Does what needs memory, and reads that as it is found to be missing. */
export async function reading<T>({ memory, pointerSize }: ValueSource, action: (chunks: Chunks) => T): Promise<T> {
  const chunks = new Chunks(pointerSize);
  for (let count = 0; count < MOST_CHUNKS; count++) {
    try {
      return action(chunks);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      chunks.add(error.address, await memory.read(error.address, error.length));
    }
  }
  throw new EngineError("failed", `Cannot read the value: it is in more than ${MOST_CHUNKS} places`);
}
