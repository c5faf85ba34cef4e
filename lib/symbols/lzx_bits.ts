/** The bits of a frame of LZX: words of 16 bits, the lower byte first, from the highest bit on. */
export class LzxBits {
  readonly #data: Uint8Array;
  #offset = 0;
  /** The next bits, as many as are said, the last ones lowest. */
  #buffer = 0;
  #count = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** The next bits, at most 16, without taking them; behind the end they are zero. */
  peek(count: number): number {
    while (this.#count < count) {
      const [low = 0, high = 0] = [this.#data[this.#offset], this.#data[this.#offset + 1]];
      this.#offset += 2;
      this.#buffer = ((this.#buffer & 0x7fff) << 16) | (high << 8) | low;
      this.#count += 16;
    }
    return (this.#buffer >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** @throws {RangeError} behind the end. */
  skip(count: number): void {
    this.#count -= count;
    if (this.#offset - (this.#count >> 3) > this.#data.length + 1) throw new RangeError("it ends too early");
  }

  /** The next bits, at most 32: in two parts where they are more than 16, for no more than that are held for sure. */
  take(count: number): number {
    if (count > 16) return this.take(count - 16) * 2 ** 16 + this.take(16);
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** Goes on at the next whole word: where one begins here, at the one behind it. */
  align(): void {
    this.peek(1);
    this.#count = 0;
  }

  /** The next whole bytes, which begin at a word. */
  bytes(count: number): Uint8Array {
    const start = this.#offset;
    if (start + count > this.#data.length) throw new RangeError("it ends too early");
    this.#offset += count;
    return this.#data.subarray(start, start + count);
  }

  /** Passes over a byte behind whole bytes, if there is one. */
  skipByte(): boolean {
    const isThere = this.#offset < this.#data.length;
    if (isThere) this.#offset++;
    return isThere;
  }
}
