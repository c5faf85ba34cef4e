/** A writer of LZX in cabinets, for tests: all kinds of blocks, codes that change from block to block, and translated calls. */

const FRAME = 32 << 10;
const SLOTS: Readonly<Record<number, number>> = { 15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50 };
const EXTRA = Array.from({ length: 50 }, (_, slot) => slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1));
const BASES = EXTRA.map((_, slot) => EXTRA.slice(0, slot).reduce((sum, bits) => sum + 2 ** bits, 0));
/** Of blocks, in turn: they end in the middle of frames, at odd places too. */
const BLOCKS = [
  ["verbatim", 20_001],
  ["uncompressed", 20_003],
  ["aligned", 9_999],
  ["uncompressed", 2],
  ["uncompressed", 1],
  ["aligned", 40_000],
] as const;

/** What is written how. */
export interface LzxOptions {
  /** From 15 to 21. */
  readonly windowBits: number;
  /** Whether calls are translated. */
  readonly calls?: boolean;
}

type Code = ReadonlyMap<number, readonly [word: number, bits: number]>;

class BitWriter {
  readonly bytes: number[] = [];
  #word = 0;
  #free = 16;

  put(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.#word = (this.#word << 1) | (Math.floor(value / 2 ** bit) & 1);
      if (--this.#free === 0) this.#flush();
    }
  }

  symbol(code: Code, symbol: number): void {
    const [word, bits] = code.get(symbol) ?? [0, 0];
    if (bits === 0) throw new Error(`no word for ${symbol}`);
    this.put(word, bits);
  }

  /** At least one bit, as before bytes. */
  padBefore(): void {
    this.put(0, this.#free);
  }

  pad(): void {
    if (this.#free < 16) this.put(0, this.#free);
  }

  #flush(): void {
    this.bytes.push(this.#word & 0xff, this.#word >> 8);
    [this.#word, this.#free] = [0, 16];
  }
}

/** Lengths of a complete code: the first symbols in `order` have words of 1, 2, 3 … bits, the others about the same. */
function lengthsFor(count: number, order: readonly number[], steep: number): number[] {
  const lengths: number[] = Array(count).fill(0);
  const first = order.slice(0, steep);
  first.forEach((symbol, index) => lengths[symbol] = index + 1);
  const rest = lengths.flatMap((length, symbol) => length === 0 ? [symbol] : []);
  const bits = Math.floor(Math.log2(rest.length));
  const short = 2 ** (bits + 1) - rest.length;
  rest.forEach((symbol, index) => lengths[symbol] = steep + bits + (index < short ? 0 : 1));
  return lengths;
}

function codeOf(lengths: readonly number[]): Code {
  const code = new Map<number, readonly [number, number]>();
  let word = 0;
  for (let bits = 1; bits <= 16; bits++, word *= 2) {
    lengths.forEach((length, symbol) => length === bits && code.set(symbol, [word++, bits]));
  }
  return code;
}

const PRETREE = lengthsFor(20, [], 0);

function putLengths(out: BitWriter, before: number[], now: readonly number[], begin: number, end: number): void {
  for (const length of PRETREE) out.put(length, 4);
  const code = codeOf(PRETREE);
  const by = (index: number): number => ((before[index] ?? 0) - (now[index] ?? 0) + 17) % 17;
  for (let index = begin; index < end;) {
    let run = 1;
    while (index + run < end && now[index + run] === now[index]) run++;
    const isZero = now[index] === 0;
    if (isZero && run >= 20) out.symbol(code, 18), out.put(run = Math.min(run, 51), 0), out.put(run - 20, 5);
    else if (isZero && run >= 4) out.symbol(code, 17), out.put((run = Math.min(run, 19)) - 4, 4);
    else if (run >= 4) {
      out.symbol(code, 19);
      out.put((run = Math.min(run, 5)) - 4, 1);
      out.symbol(code, by(index));
    } else out.symbol(code, by(index)), run = 1;
    for (const last = index + run; index < last; index++) before[index] = now[index] ?? 0;
  }
}

/** Packs one stream. */
class Writer {
  readonly #data: Uint8Array;
  readonly #windowBits: number;
  readonly #slots: number;
  readonly #mainBefore: number[];
  readonly #lengthBefore: number[] = Array(249).fill(0);
  #bits = new BitWriter();
  #codes: Codes | undefined;
  #kind: typeof BLOCKS[number][0] = "verbatim";
  #left = 0;
  #size = 0;
  #turn = 0;
  #recent: number[] = [1, 1, 1];
  /** Where three bytes stood last. */
  readonly #seen = new Map<number, number>();

  constructor(content: Uint8Array, { windowBits, calls = false }: LzxOptions) {
    this.#data = calls ? translated(content) : content;
    this.#windowBits = windowBits;
    this.#slots = SLOTS[windowBits] ?? 0;
    this.#mainBefore = Array(256 + 8 * this.#slots).fill(0);
    this.#bits.put(calls ? 1 : 0, 1);
    if (calls) this.#bits.put(content.length, 32);
  }

  frames(): Uint8Array[] {
    const starts = Array.from({ length: Math.ceil(this.#data.length / FRAME) }, (_, index) => index * FRAME);
    return starts.map((start) => this.#frame(start, Math.min(this.#data.length, start + FRAME)));
  }

  #frame(start: number, end: number): Uint8Array {
    for (let at = start; at < end;) {
      if (this.#left === 0) this.#begin(at);
      const most = Math.min(this.#left, end - at);
      const count = this.#kind === "uncompressed" ? this.#putBytes(at, most) : this.#put(at, most);
      for (let each = at; each < at + count; each++) this.#seen.set(this.#keyAt(each), each);
      at += count;
      this.#left -= count;
      if (this.#kind === "uncompressed" && this.#left === 0 && this.#size % 2 === 1) this.#bits.bytes.push(0);
    }
    this.#bits.pad();
    const { bytes } = this.#bits;
    this.#bits = new BitWriter();
    return Uint8Array.from(bytes);
  }

  #begin(at: number): void {
    const [kind, size] = BLOCKS[this.#turn++ % BLOCKS.length] ?? BLOCKS[0];
    this.#kind = kind;
    this.#left = this.#size = Math.min(size, this.#data.length - at);
    this.#bits.put({ verbatim: 1, aligned: 2, uncompressed: 3 }[kind], 3);
    this.#bits.put(this.#left, 24);
    if (kind !== "uncompressed") return this.#beginCodes();
    this.#bits.padBefore();
    this.#bits.bytes.push(...new Uint8Array(Uint32Array.from(this.#recent).buffer));
  }

  /** Other codes in each block. */
  #beginCodes(): void {
    const [bits, turn] = [this.#bits, this.#turn];
    const alignedLengths = turn % 2 === 0 ? Array(8).fill(3) : [1, 2, 3, 4, 5, 6, 7, 7];
    if (this.#kind === "aligned") alignedLengths.forEach((length) => bits.put(length, 3));
    const mainLengths = lengthsFor(this.#mainBefore.length, [turn, 0, 256 + 8 * 4, 255 - turn], turn % 5);
    putLengths(bits, this.#mainBefore, mainLengths, 0, 256);
    putLengths(bits, this.#mainBefore, mainLengths, 256, mainLengths.length);
    const lengthLengths = lengthsFor(249, [turn], turn % 2);
    putLengths(bits, this.#lengthBefore, lengthLengths, 0, 249);
    this.#codes = { main: codeOf(mainLengths), length: codeOf(lengthLengths), aligned: codeOf(alignedLengths) };
  }

  #putBytes(at: number, count: number): number {
    this.#bits.bytes.push(...this.#data.subarray(at, at + count));
    return count;
  }

  /** Writes a byte or a copy; gives how many bytes it is of. */
  #put(at: number, most: number): number {
    const copy = this.#copyAt(at, most);
    if (!this.#codes) throw new Error("no block");
    if (copy) this.#putCopy(copy, this.#codes);
    else this.#bits.symbol(this.#codes.main, this.#data[at] ?? 0);
    return copy?.count ?? 1;
  }

  #putCopy({ distance, count }: Copy, { main, length, aligned }: Codes): void {
    const bits = this.#bits;
    const known = this.#recent.indexOf(distance);
    const ofBase = (): number => BASES.findLastIndex((base, slot) => slot < this.#slots && base <= distance + 2);
    const slot = known >= 0 ? known : ofBase();
    const short = Math.min(7, count - 2);
    bits.symbol(main, 256 + 8 * slot + short);
    if (short === 7) bits.symbol(length, count - 9);
    const [first = 1, second = 1] = this.#recent;
    if (known >= 0) {
      [this.#recent[known], this.#recent[0]] = [first, distance];
      return;
    }
    this.#recent = [distance, first, second];
    const [extra, value] = [EXTRA[slot] ?? 0, distance + 2 - (BASES[slot] ?? 0)];
    if (this.#kind !== "aligned" || extra < 3) return bits.put(value, extra);
    bits.put(value >> 3, extra - 3);
    bits.symbol(aligned, value & 7);
  }

  #copyAt(at: number, most: number): Copy | undefined {
    const distance = at - (this.#seen.get(this.#keyAt(at)) ?? at);
    if (distance === 0 || distance > 2 ** this.#windowBits - 3) return undefined;
    let count = 0;
    while (count < Math.min(most, 257) && this.#data[at + count] === this.#data[at + count - distance]) count++;
    return count >= 3 ? { distance, count } : undefined;
  }

  #keyAt(at: number): number {
    const [first = 0, second = 0, third = 0] = this.#data.subarray(at, at + 3);
    return first | (second << 8) | (third << 16);
  }
}

interface Codes {
  readonly main: Code;
  readonly length: Code;
  readonly aligned: Code;
}

interface Copy {
  readonly distance: number;
  readonly count: number;
}

/** With calls as they are packed: with where they lead to instead of how far. */
function translated(content: Uint8Array): Uint8Array {
  const data = content.slice();
  const view = new DataView(data.buffer);
  for (let start = 0; start < data.length; start += FRAME) {
    const end = Math.min(data.length, start + FRAME) - 10;
    for (let at = start; at < end; at++) {
      if (data[at] !== 0xe8) continue;
      const far = view.getInt32(at + 1, true);
      if (far >= -at && far < data.length - at) view.setInt32(at + 1, far + at, true);
      else if (far >= data.length - at && far < data.length) view.setInt32(at + 1, far - data.length, true);
      at += 4;
    }
  }
  return data;
}

/** A cabinet with one file. */
export function lzxCabinet(name: string, content: Uint8Array, options: LzxOptions): Uint8Array<ArrayBuffer> {
  const packed = new Writer(content, options).frames();
  const dataAt = 36 + 8 + 16 + name.length + 1;
  const size = dataAt + packed.reduce((sum, { length }) => sum + 8 + length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("MSCF"));
  view.setUint32(8, size, true);
  view.setUint32(16, 44, true);
  bytes.set([3, 1, 1, 0, 1, 0], 24); // version, folders, files
  view.setUint32(36, dataAt, true);
  view.setUint16(40, packed.length, true);
  view.setUint16(42, 3 | (options.windowBits << 8), true);
  view.setUint32(44, content.length, true);
  view.setUint16(58, 0x20, true);
  bytes.set(new TextEncoder().encode(name), 60);
  let at = dataAt;
  for (const [index, frame] of packed.entries()) {
    view.setUint16(at + 4, frame.length, true);
    view.setUint16(at + 6, Math.min(FRAME, content.length - index * FRAME), true);
    bytes.set(frame, at + 8);
    at += 8 + frame.length;
  }
  return bytes;
}
