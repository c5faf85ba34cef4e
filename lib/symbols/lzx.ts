/**
 * LZX, as cabinets have it: blocks of Huffman codes for bytes and for copies out of what came before, in frames of 32 KiB.
 * https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-patch/cc78752a-b4af-4eee-88cb-01f4d8a4c2bf
 */
import { LzxBits } from "./lzx_bits.ts";
import { HuffmanCode } from "./huffman.ts";

/** What a frame becomes at most, in bytes. */
export const LZX_FRAME = 32 << 10;
const SMALLEST_WINDOW = 15;
/** Classes of distances, by the number of bits of the window from 15 on. */
const SLOTS = [30, 32, 34, 36, 38, 42, 50] as const;
const BYTES = 256;
const LENGTHS = 249;
const ALIGNED = 8;
const PRETREE = 20;
const SHORTEST_COPY = 2;
/** A length of the copy's own symbol that says that more is to come. */
const LONG = 7;
const VERBATIM = 1;
const ALIGNED_OFFSET = 2;
const UNCOMPRESSED = 3;
/** How long a code can be, in bits, and one more: lengths are told as differences by that modulus. */
const MODULUS = 17;
/** Calls of the processor are only looked for in so many frames. */
const TRANSLATED_FRAMES = 32_768;
const CALL = 0xe8;

/** How many bits tell a distance within its class, and the least one of each class. */
const EXTRA_BITS = Array.from({ length: 50 }, (_, slot) => slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1));
const BASES = EXTRA_BITS.map((_, slot) => EXTRA_BITS.slice(0, slot).reduce((sum, bits) => sum + 2 ** bits, 0));

/** What was packed as one stream, frame by frame. What is damaged throws a RangeError, or comes out as something else. */
export class LzxDecoder {
  readonly #window: Uint8Array<ArrayBuffer>;
  readonly #mainLengths: Uint8Array;
  readonly #lengthLengths = new Uint8Array(LENGTHS);
  #main = new HuffmanCode([]);
  #length = new HuffmanCode([]);
  #aligned = new HuffmanCode([]);
  /** The last three distances. */
  #recent: [number, number, number] = [1, 1, 1];
  #type = 0;
  /** Bytes that the current block has yet to give. */
  #left = 0;
  /** Whether a byte without meaning comes behind the current block. */
  #hasPad = false;
  /** Bytes that there are. */
  #total = 0;
  /** How large the packed program said it was, where its calls were translated. */
  #translated: number | undefined;

  /** @throws {RangeError} where cabinets have no such window. */
  constructor(windowBits: number) {
    const slots = SLOTS[windowBits - SMALLEST_WINDOW];
    if (slots === undefined) throw new RangeError(`a window of ${windowBits} bits`);
    this.#window = new Uint8Array(2 ** windowBits);
    this.#mainLengths = new Uint8Array(BYTES + slots * 8);
  }

  /** Unpacks the next frame, of so many bytes. */
  frame(data: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
    if (size > LZX_FRAME) throw new RangeError("a frame that is too large");
    const bits = new LzxBits(data);
    this.#translated ??= bits.take(1) === 0 ? 0 : bits.take(32);
    const start = this.#total;
    for (const end = start + size; this.#total < end;) {
      if (this.#left === 0) this.#beginBlock(bits);
      const until = Math.min(end, this.#total + this.#left);
      this.#left -= until - this.#total;
      if (this.#type === UNCOMPRESSED) this.#putAll(bits.bytes(until - this.#total));
      else this.#decode(bits, until);
      if (this.#left === 0) this.#endBlock(bits);
    }
    return this.#translate(this.#taken(start, size), start);
  }

  /** Behind an odd number of plain bytes stands one more: in the next frame, where this one is over. */
  #endBlock(bits: LzxBits): void {
    if (this.#hasPad && bits.skipByte()) this.#hasPad = false;
  }

  #beginBlock(bits: LzxBits): void {
    this.#endBlock(bits);
    this.#type = bits.take(3);
    this.#left = bits.take(24);
    if (this.#type === UNCOMPRESSED) {
      this.#hasPad = this.#left % 2 === 1;
      bits.align();
      const view = new DataView(bits.bytes(12).slice().buffer);
      this.#recent = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
      return;
    }
    if (this.#type !== VERBATIM && this.#type !== ALIGNED_OFFSET) throw new RangeError("a block of no type");
    if (this.#type === ALIGNED_OFFSET) {
      this.#aligned = new HuffmanCode(Array.from({ length: ALIGNED }, () => bits.take(3)));
    }
    readLengths(bits, this.#mainLengths.subarray(0, BYTES));
    readLengths(bits, this.#mainLengths.subarray(BYTES));
    this.#main = new HuffmanCode(this.#mainLengths);
    readLengths(bits, this.#lengthLengths);
    this.#length = new HuffmanCode(this.#lengthLengths);
  }

  #decode(bits: LzxBits, until: number): void {
    const window = this.#window;
    const mask = window.length - 1;
    while (this.#total < until) {
      const symbol = this.#main.read(bits);
      if (symbol < BYTES) {
        window[this.#total++ & mask] = symbol;
        continue;
      }
      const short = (symbol - BYTES) & LONG;
      const length = SHORTEST_COPY + (short === LONG ? LONG + this.#length.read(bits) : short);
      const distance = this.#distance(bits, (symbol - BYTES) >> 3);
      const isThere = distance > 0 && distance <= Math.min(this.#total, window.length);
      if (!isThere || this.#total + length > until) throw new RangeError("a copy of what is not there");
      for (let count = length; count > 0; count--, this.#total++) {
        window[this.#total & mask] = window[(this.#total - distance) & mask] ?? 0;
      }
    }
  }

  /** How far back a copy begins. */
  #distance(bits: LzxBits, slot: number): number {
    const [first, second, third] = this.#recent;
    if (slot === 0) return first;
    if (slot === 1) this.#recent = [second, first, third];
    else if (slot === 2) this.#recent = [third, second, first];
    else this.#recent = [(BASES[slot] ?? 0) - 2 + this.#extra(bits, EXTRA_BITS[slot] ?? 0), first, second];
    return this.#recent[0];
  }

  #extra(bits: LzxBits, count: number): number {
    if (this.#type === VERBATIM || count < 3) return bits.take(count);
    return bits.take(count - 3) * 8 + this.#aligned.read(bits);
  }

  #putAll(bytes: Uint8Array): void {
    for (const byte of bytes) this.#window[this.#total++ & (this.#window.length - 1)] = byte;
  }

  /** A frame lies in one piece, for windows are of whole frames. */
  #taken(start: number, size: number): Uint8Array<ArrayBuffer> {
    const at = start & (this.#window.length - 1);
    if (at + size > this.#window.length) throw new RangeError("a frame in the middle that is no whole one");
    return this.#window.slice(at, at + size);
  }

  /** Has calls lead as far as they did: they were packed with where they lead to, which is the same for the same function. */
  #translate(frame: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> {
    const size = this.#translated ?? 0;
    if (size === 0 || start >= TRANSLATED_FRAMES * LZX_FRAME) return frame;
    const view = new DataView(frame.buffer);
    for (let at = 0; at < frame.length - 10; at++) {
      if (frame[at] !== CALL) continue;
      const [place, target] = [start + at, view.getInt32(at + 1, true)];
      if (target >= -place && target < size) view.setInt32(at + 1, target >= 0 ? target - place : target + size, true);
      at += 4;
    }
    return frame;
  }
}

/** Changes lengths of codes as a stream says. */
function readLengths(bits: LzxBits, lengths: Uint8Array): void {
  const pretree = new HuffmanCode(Array.from({ length: PRETREE }, () => bits.take(4)));
  const changed = (index: number, by: number): number => ((lengths[index] ?? 0) - by + MODULUS) % MODULUS;
  for (let index = 0; index < lengths.length;) {
    const symbol = pretree.read(bits);
    if (symbol < 17) {
      lengths[index] = changed(index, symbol);
      index++;
      continue;
    }
    const count = symbol === 17 ? 4 + bits.take(4) : symbol === 18 ? 20 + bits.take(5) : 4 + bits.take(1);
    const by = symbol === 19 ? pretree.read(bits) : undefined;
    if (index + count > lengths.length || (by ?? 0) >= 17) throw new RangeError("lengths of no code");
    lengths.fill(by === undefined ? 0 : changed(index, by), index, index + count);
    index += count;
  }
}
