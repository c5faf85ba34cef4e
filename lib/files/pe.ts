/** Headers of programs and DLLs: https://learn.microsoft.com/windows/win32/debug/pe-format */

/** A file, read in parts. */
export interface Source {
  /** So many bytes from there on. Throws what `cut` gives where the file has fewer. */
  read(offset: number, length: number): DataView;
  /** What is thrown where it ends, or points to where nothing is. */
  cut(): Error;
}

const NEW_HEADER = 0x3c;
const SIGNATURE = 0x4550; // "PE\0\0"
const FILE_HEADER = 24;
/** The part of the optional header that every program has. */
const STANDARD = 60;
const SECTION = 40;
/** Where a section's entry has its size in memory, and that in the file. */
const VIRTUAL_SIZE = 8;
const RAW_SIZE = 16;
const CHARACTERISTICS = 36;
const IMAGE_SCN_MEM_SHARED = 0x1000_0000;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;

/** What a program or DLL of 32 or 64 bits says of itself, and where things are in it. */
export class PeHeaders {
  /** Which processor it is for: `IMAGE_FILE_MACHINE_…`. */
  readonly machine: number;
  readonly timestamp: number;
  /** In bytes, once it is loaded. */
  readonly size: number;
  /** Whether it is one of 64 bits. */
  readonly isWide: boolean;
  readonly #source: Source;
  readonly #optional: DataView;
  readonly #sectionTable: { readonly offset: number; readonly size: number };
  #sections: DataView | undefined;

  private constructor(source: Source, start: number, file: DataView) {
    const optionalSize = file.getUint16(20, true);
    this.#source = source;
    this.#optional = source.read(start + FILE_HEADER, optionalSize);
    const magic = optionalSize < STANDARD ? 0 : this.#optional.getUint16(0, true);
    if (magic !== PE32 && magic !== PE32_PLUS) throw source.cut();
    this.isWide = magic === PE32_PLUS;
    this.machine = file.getUint16(4, true);
    this.timestamp = file.getUint32(8, true);
    this.size = this.#optional.getUint32(56, true);
    this.#sectionTable = { offset: start + FILE_HEADER + optionalSize, size: file.getUint16(6, true) * SECTION };
  }

  /** Reads them; undefined for what is older than these formats. */
  static read(source: Source): PeHeaders | undefined {
    const start = source.read(NEW_HEADER, 4).getUint32(0, true);
    const file = source.read(start, FILE_HEADER);
    return file.getUint32(0, true) === SIGNATURE ? new PeHeaders(source, start, file) : undefined;
  }

  /** Where one of its tables is once it is loaded, and its size in bytes; zeros where it has none. */
  directory(index: number): { readonly address: number; readonly size: number } {
    const first = this.isWide ? 112 : 96;
    const entry = first + 8 * index;
    const isThere = this.#optional.byteLength >= entry + 8 && this.#optional.getUint32(first - 4, true) > index;
    if (!isThere) return { address: 0, size: 0 };
    return { address: this.#optional.getUint32(entry, true), size: this.#optional.getUint32(entry + 4, true) };
  }

  /** Where in the file an address of the loaded module is; undefined where the file has nothing for it. */
  offsetOf(address: number): number | undefined {
    const section = this.#find(address, RAW_SIZE);
    return section && section.offset + section.entry.getUint32(20, true);
  }

  /** The address of the section that an address of the loaded module is in; undefined for one that is in none. */
  sectionOf(address: number): number | undefined {
    const section = this.#find(address, VIRTUAL_SIZE);
    return section && address - section.offset;
  }

  /** Whether processes share the section that an address of the loaded module is in, instead of having one each. */
  isShared(address: number): boolean {
    const { entry } = this.#find(address, VIRTUAL_SIZE) ?? {};
    return entry !== undefined && (entry.getUint32(CHARACTERISTICS, true) & IMAGE_SCN_MEM_SHARED) !== 0;
  }

  /** The section that holds an address, of those sizes, and how far into it that is. */
  #find(address: number, size: number): { readonly entry: DataView; readonly offset: number } | undefined {
    const table = this.#sections ??= this.#source.read(this.#sectionTable.offset, this.#sectionTable.size);
    for (let at = 0; at < table.byteLength; at += SECTION) {
      const entry = new DataView(table.buffer, table.byteOffset + at, SECTION);
      const offset = address - entry.getUint32(12, true);
      if (offset >= 0 && offset < entry.getUint32(size, true)) return { entry, offset };
    }
    return undefined;
  }
}
