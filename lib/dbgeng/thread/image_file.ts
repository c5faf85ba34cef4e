/** What the file of a program or a DLL says of what it imports and exports. */

/** One DLL that is imported, and what of it: names, or numbers. */
export interface Import {
  readonly dll: string;
  readonly symbols: readonly (string | number)[];
}

/** A program or a DLL. */
export interface ImageFile {
  /** Which processor it is for: `IMAGE_FILE_MACHINE_…`. */
  readonly machine: number;
  /** What Windows loads before the program runs; what is imported with a delay is not among it. */
  readonly imports: readonly Import[];
  /** What it exports, by name and by number. */
  readonly exports: ReadonlySet<string | number>;
}

/** Sizes and places in the file's headers, from the optional header on. */
const OPTIONAL = 24;
const SECTION = 40;
const DESCRIPTOR = 20;
const WIDE_MAGIC = 0x20b;
const NARROW_MAGIC = 0x10b;

/** Reads it; undefined for what is no program and no DLL, or damaged. */
export function readImage(bytes: Uint8Array): ImageFile | undefined {
  try {
    return new Reader(bytes).read();
  } catch (error) {
    if (error instanceof RangeError) return undefined; // something lies outside of the file
    throw error;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the second headers begin. */
  readonly #header: number;
  readonly #isWide: boolean;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#header = this.#u32(0x3c);
    const magic = this.#u16(this.#header + OPTIONAL);
    const isImage = this.#u16(0) === 0x5a4d && this.#u32(this.#header) === 0x4550;
    if (!isImage || (magic !== WIDE_MAGIC && magic !== NARROW_MAGIC)) throw new RangeError("No image");
    this.#isWide = magic === WIDE_MAGIC;
  }

  read(): ImageFile {
    return { machine: this.#u16(this.#header + 4), imports: this.#imports(), exports: this.#exports() };
  }

  #imports(): Import[] {
    const imports: Import[] = [];
    const table = this.#directory(1);
    for (let at = table; table !== 0; at += DESCRIPTOR) {
      const [lookup, name, addresses] = [0, 12, 16].map((field) => this.#u32(this.#place(at) + field));
      if (!name || !addresses) break;
      imports.push({ dll: this.#text(name), symbols: this.#symbols(lookup || addresses) });
    }
    return imports;
  }

  #symbols(table: number): (string | number)[] {
    const symbols: (string | number)[] = [];
    const width = this.#isWide ? 8 : 4;
    for (let at = this.#place(table);; at += width) {
      const low = this.#u32(at);
      const high = this.#u32(at + width - 4);
      if (low === 0 && high === 0) return symbols;
      const byNumber = high >= 0x80000000;
      symbols.push(byNumber ? low & 0xffff : this.#text(low + 2));
    }
  }

  #exports(): Set<string | number> {
    const table = this.#directory(0);
    const exports = new Set<string | number>();
    if (table === 0) return exports;
    const at = this.#place(table);
    const [base = 0, functions = 0, names = 0, addresses = 0, texts = 0] = [16, 20, 24, 28, 32].map((field) =>
      this.#u32(at + field)
    );
    if (functions > 0) {
      const first = this.#place(addresses);
      for (let index = 0; index < functions; index++) {
        if (this.#u32(first + 4 * index) !== 0) exports.add(base + index);
      }
    }
    for (let index = 0; index < names; index++) exports.add(this.#text(this.#u32(this.#place(texts) + 4 * index)));
    return exports;
  }

  /** The address of one of the file's tables; 0 where there is none. */
  #directory(index: number): number {
    const first = this.#header + OPTIONAL + (this.#isWide ? 112 : 96);
    return index < this.#u32(first - 4) ? this.#u32(first + 8 * index) : 0;
  }

  /** Where in the file an address is. */
  #place(address: number): number {
    const first = this.#header + OPTIONAL + this.#u16(this.#header + 20);
    for (let index = 0; index < this.#u16(this.#header + 6); index++) {
      const at = first + SECTION * index;
      const offset = address - this.#u32(at + 12);
      if (offset >= 0 && offset < this.#u32(at + 16)) return this.#u32(at + 20) + offset;
    }
    throw new RangeError("An address is in no section");
  }

  #text(address: number): string {
    const at = this.#place(address);
    const end = this.#bytes.indexOf(0, at);
    if (end < 0) throw new RangeError("A text has no end");
    return new TextDecoder().decode(this.#bytes.subarray(at, end));
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
}
