import { requireAddress, requireBigint, requireInteger, requireOneOf, requireOptions } from "./arguments.ts";
import type { ProgramRequests } from "./engine.ts";

/** Asks about one program, or one of its threads. */
export type OwnRequest = <K extends keyof ProgramRequests>(
  name: K,
  ...values: Parameters<ProgramRequests[K]>
) => Promise<ReturnType<ProgramRequests[K]>>;

/** Which text a pointer leads to. */
export type TextEncoding = "utf-16le" | "utf-8";

/** Sizes of integers, in bytes. */
export type IntegerSize = 1 | 2 | 4 | 8;

/** Bytes read at once while looking for the end of a text: a page boundary ends each. */
const PAGE = 4096n;

/** How memory is read. */
export interface ReadOptions {
  /** Whether it is read anew, though nothing has run since it was read before. @default {false} */
  readonly uncached?: boolean;
}

/** The memory of one stopped program. Addresses are bigints, lengths are in bytes. Requires `--allow-ffi`. */
export class Memory {
  readonly #request: OwnRequest;
  readonly #pointerSize: 4 | 8;

  /** Not for users: a program has its memory. */
  constructor(request: OwnRequest, pointerSize: 4 | 8) {
    this.#request = request;
    this.#pointerSize = pointerSize;
  }

  /**
   * Reads bytes. What is read again, nothing having run or been written by the session, may come from a cache: but for memory that processes
   * share, and programs that are only looked at. What others do to a stopped program's own memory is seen for sure with `uncached`: another
   * process that writes into it, or Windows, when input or output that was under way ends.
   * @throws {EngineError} when not all of them are accessible.
   */
  async read(address: bigint, length: number, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    requireAddress("Cannot read memory", address, length);
    requireOptions("Cannot read memory", options);
    requireOneOf("Cannot read memory", "uncached", options.uncached, [undefined, true, false]);
    return await this.#request("read", address, length, options.uncached);
  }

  /** Writes bytes. @throws {EngineError} when not all of them are accessible. */
  async write(address: bigint, bytes: Uint8Array): Promise<void> {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("Cannot write memory: the bytes are no Uint8Array");
    requireAddress("Cannot write memory", address, bytes.length);
    await this.#request("write", address, new Uint8Array(bytes));
  }

  /** Reads a little-endian integer of 1, 2, 4 or 8 bytes. */
  async readInteger(address: bigint, size: IntegerSize, options: { readonly signed?: boolean } = {}): Promise<bigint> {
    requireOptions("Cannot read an integer", options);
    requireSize("Cannot read an integer", size);
    const bytes = await this.read(address, size);
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return options.signed ? BigInt.asIntN(8 * size, value) : value;
  }

  /** Writes a little-endian integer of 1, 2, 4 or 8 bytes. */
  async writeInteger(address: bigint, size: IntegerSize, value: bigint): Promise<void> {
    const action = "Cannot write an integer";
    requireSize(action, size);
    requireBigint(action, "value", value, -(1n << BigInt(8 * size - 1)), (1n << BigInt(8 * size)) - 1n);
    await this.write(
      address,
      Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn)),
    );
  }

  /** Reads a pointer of the program, of {@linkcode Program.pointerSize} bytes. */
  readPointer(address: bigint): Promise<bigint> {
    return this.readInteger(address, this.#pointerSize);
  }

  /** Reads text up to its terminating zero, or `length` bytes of it. At most 64 KiB are looked through. */
  async readString(
    address: bigint,
    options: { readonly encoding?: TextEncoding; readonly length?: number } = {},
  ): Promise<string> {
    requireOptions("Cannot read a text", options);
    const { encoding = "utf-16le", length } = options;
    requireOneOf("Cannot read a text", "encoding", encoding, ["utf-16le", "utf-8"]);
    requireAddress("Cannot read a text", address, length);
    const decoder = new TextDecoder(encoding);
    if (length !== undefined) return decoder.decode(await this.read(address, length));
    return decoder.decode(await untilZero(this, address, encoding === "utf-16le" ? 2 : 1));
  }
}

/**
 * Reads what lies before a zero of `width` bytes, page by page, so that a text at the very end of accessible memory is read whole.
 * @throws {RangeError} where none comes within 64 KiB.
 */
export async function untilZero(
  memory: Pick<Memory, "read">,
  address: bigint,
  width: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: number[] = [];
  for (let at = address; parts.length < 0x10000;) {
    const bytes = await memory.read(at, Number(PAGE - at % PAGE));
    parts.push(...bytes);
    at += BigInt(bytes.length);
    const end = terminator(parts, width);
    if (end >= 0) return Uint8Array.from(parts.slice(0, end));
  }
  throw new RangeError(`Cannot read the text at 0x${address.toString(16)}: no zero ends it within 64 KiB`);
}

function requireSize(action: string, size: unknown): void {
  requireInteger(action, "size", size, 1, 8);
  if (![1, 2, 4, 8].includes(size as number)) throw new RangeError(`${action}: size is ${size}; it must be 1, 2, 4, 8`);
}

function terminator(bytes: readonly number[], width: number): number {
  for (let at = 0; at + width <= bytes.length; at += width) {
    let end = at;
    while (end < at + width && bytes[end] === 0) end++;
    if (end === at + width) return at;
  }
  return -1;
}
