/** Programs and DLLs: https://learn.microsoft.com/windows/win32/debug/pe-format */
import { moduleId, type SymbolsName, symbolsOf } from "./code_view.ts";
import { FileError } from "./error.ts";
import { type FileReader, textAt } from "./file_reader.ts";

const NEW_HEADER = 0x3c;
const FILE_HEADER = 24;
const SECTION = 40;
const DEBUG_DIRECTORY = 6;
const DEBUG_ENTRY = 28;
const MOST_ENTRIES = 64;
const CODE_VIEW = 2;
/** The largest record that is read: its path is not longer. */
const MOST_RECORD = 0x10000;
const PORTABLE = 0x504d;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;

interface Header {
  readonly timestamp: number;
  readonly size: number;
  readonly debug: { readonly address: number; readonly size: number };
  /** Where the section table is in the file, and how many it has. */
  readonly sections: { readonly offset: number; readonly count: number };
}

/** What a program or DLL says of itself. */
export interface Image {
  /** Its id for symbol servers. */
  readonly id: string;
  /** Its symbols, where it names any. */
  readonly symbols: readonly SymbolsName[];
}

/**
 * Reads a program or a DLL.
 * @throws {FileError} kind `unreadable` where it is cut off or none of 32 or 64 bits.
 */
export function readImage(reader: FileReader): Image {
  const header = readHeader(reader);
  return { id: moduleId(header.timestamp, header.size), symbols: codeViews(reader, header) };
}

function readHeader(reader: FileReader): Header {
  const start = reader.read(NEW_HEADER, 4).getUint32(0, true);
  const file = reader.read(start, FILE_HEADER);
  if (textAt(file, 0, 4) !== "PE\0\0") {
    const what = "it is a program of DOS or of 16-bit Windows";
    throw new FileError("unreadable", `Cannot read ${reader.path}: ${what}; give one of 32 or 64 bits`);
  }
  const optionalSize = file.getUint16(20, true);
  const optional = reader.read(start + FILE_HEADER, optionalSize);
  if (optionalSize < 60) throw reader.cut();
  const magic = optional.getUint16(0, true);
  if (magic !== PE32 && magic !== PE32_PLUS) throw reader.cut();
  const directories = magic === PE32 ? 96 : 112;
  const entry = directories + DEBUG_DIRECTORY * 8;
  const hasDebug = optionalSize >= entry + 8 && optional.getUint32(directories - 4, true) > DEBUG_DIRECTORY;
  return {
    timestamp: file.getUint32(8, true),
    size: optional.getUint32(56, true),
    debug: hasDebug
      ? { address: optional.getUint32(entry, true), size: optional.getUint32(entry + 4, true) }
      : { address: 0, size: 0 },
    sections: { offset: start + FILE_HEADER + optionalSize, count: file.getUint16(6, true) },
  };
}

function codeViews(reader: FileReader, header: Header): SymbolsName[] {
  const { address, size } = header.debug;
  const count = Math.min(MOST_ENTRIES, Math.floor(size / DEBUG_ENTRY));
  const offset = count === 0 ? undefined : offsetOf(reader, header, address);
  if (offset === undefined) return [];
  const table = reader.read(offset, count * DEBUG_ENTRY);
  const found = [];
  for (let entry = 0; entry < count * DEBUG_ENTRY; entry += DEBUG_ENTRY) {
    if (table.getUint32(entry + 12, true) !== CODE_VIEW) continue;
    const length = Math.min(MOST_RECORD, table.getUint32(entry + 16, true));
    const record = reader.read(table.getUint32(entry + 24, true), length);
    const symbols = symbolsOf(record, table.getUint16(entry + 10, true) === PORTABLE);
    if (symbols) found.push(symbols);
  }
  return found;
}

/** Where in the file an address of the loaded module is; undefined where it is in no section. */
function offsetOf(reader: FileReader, { sections }: Header, address: number): number | undefined {
  const table = reader.read(sections.offset, sections.count * SECTION);
  for (let entry = 0; entry < table.byteLength; entry += SECTION) {
    const start = table.getUint32(entry + 12, true);
    const size = Math.max(table.getUint32(entry + 8, true), table.getUint32(entry + 16, true));
    if (address >= start && address < start + size) return address - start + table.getUint32(entry + 20, true);
  }
  return undefined;
}
