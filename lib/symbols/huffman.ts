/** Where the bits of a code come from, the first one highest. */
export interface BitSource {
  /** The next bits, without taking them. */
  peek(count: number): number;
  /** Takes some. */
  skip(count: number): void;
}

/** A canonical Huffman code, by the lengths of its symbols' words in bits, at most 16; a length of 0 is that of a symbol without one. */
export class HuffmanCode {
  /** Symbol and length, by as many bits as the longest word has. */
  readonly #table: Uint32Array;
  readonly #longest: number;

  /** @throws {RangeError} where words of these lengths are no code, or leave something over. */
  constructor(lengths: ArrayLike<number>) {
    this.#longest = Array.prototype.reduce.call(lengths, (most, length) => Math.max(Number(most), length), 0) as number;
    this.#table = new Uint32Array(this.#longest === 0 ? 0 : 2 ** this.#longest);
    let at = 0;
    for (let length = 1; length <= this.#longest; length++) {
      const size = 2 ** (this.#longest - length);
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        if (at + size > this.#table.length) throw new RangeError("too many words for a code");
        this.#table.fill(symbol * 32 + length, at, at += size);
      }
    }
    if (at !== this.#table.length) throw new RangeError("too few words for a code");
  }

  /** Reads a symbol. */
  read(bits: BitSource): number {
    if (this.#longest === 0) throw new RangeError("a code without words");
    const entry = this.#table[bits.peek(this.#longest)] ?? 0;
    bits.skip(entry & 31);
    return entry >>> 5;
  }
}
