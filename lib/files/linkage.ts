/** What the file of a program or a DLL says of what it imports and exports. */
import { PeHeaders } from "./pe.ts";

/** One DLL that is imported, and what of it: names, or numbers. */
export interface Import {
  readonly dll: string;
  readonly symbols: readonly (string | number)[];
}

/** How a program or a DLL is linked. */
export interface Linkage {
  /** Which processor it is for: `IMAGE_FILE_MACHINE_…`. */
  readonly machine: number;
  /** What Windows loads before the program runs; what is imported with a delay is not among it. */
  readonly imports: readonly Import[];
  /** What it exports, by name and by number. */
  readonly exports: ReadonlySet<string | number>;
}

const DOS_SIGNATURE = 0x5a4d; // "MZ"
const EXPORTS = 0;
const IMPORTS = 1;
const DESCRIPTOR = 20;

/** Reads it; undefined for what is no program and no DLL, or damaged. */
export function readLinkage(bytes: Uint8Array): Linkage | undefined {
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
  readonly #headers: PeHeaders;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const cut = (): RangeError => new RangeError("Something lies outside of the file");
    const read = (offset: number, length: number): DataView => {
      if (offset + length > bytes.length) throw cut();
      return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    };
    const headers = this.#u16(0) === DOS_SIGNATURE ? PeHeaders.read({ read, cut }) : undefined;
    if (!headers) throw cut();
    this.#headers = headers;
  }

  read(): Linkage {
    return { machine: this.#headers.machine, imports: this.#imports(), exports: this.#exports() };
  }

  #imports(): Import[] {
    const imports: Import[] = [];
    const { address: table } = this.#headers.directory(IMPORTS);
    for (let at = table; table !== 0; at += DESCRIPTOR) {
      const [lookup, name, addresses] = [0, 12, 16].map((field) => this.#u32(this.#place(at) + field));
      if (!name || !addresses) break;
      imports.push({ dll: this.#text(name), symbols: this.#symbols(lookup || addresses) });
    }
    return imports;
  }

  #symbols(table: number): (string | number)[] {
    const symbols: (string | number)[] = [];
    const width = this.#headers.isWide ? 8 : 4;
    for (let at = this.#place(table);; at += width) {
      const low = this.#u32(at);
      const high = this.#u32(at + width - 4);
      if (low === 0 && high === 0) return symbols;
      const byNumber = high >= 0x80000000;
      symbols.push(byNumber ? low & 0xffff : this.#text(low + 2));
    }
  }

  #exports(): Set<string | number> {
    const { address: table } = this.#headers.directory(EXPORTS);
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

  /** Where in the file an address is. */
  #place(address: number): number {
    const offset = this.#headers.offsetOf(address);
    if (offset === undefined) throw new RangeError("An address is in no section");
    return offset;
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
