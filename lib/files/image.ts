/** Programs and DLLs, as symbol servers know them. */
import { moduleId, type SymbolsName, symbolsOf } from "./code_view.ts";
import { FileError } from "./error.ts";
import { PeHeaders, type Source } from "./pe.ts";

const DEBUG_DIRECTORY = 6;
const DEBUG_ENTRY = 28;
const MOST_ENTRIES = 64;
const CODE_VIEW = 2;
/** Where an entry has the place of its record. */
const LOADED_AT = 20;
const FILE_AT = 24;
/** The largest record that is read: its path is not longer. */
const MOST_RECORD = 0x10000;
const PORTABLE = 0x504d;

/** What a program or DLL says of itself. */
export interface Image {
  /** Its id for symbol servers. */
  readonly id: string;
  /** Its symbols, where it names any. */
  readonly symbols: readonly SymbolsName[];
}

/**
 * Reads a program or a DLL: a file, or one that is loaded, whose parts lie elsewhere.
 * @throws {FileError} kind `unreadable` where it is cut off or none of 32 or 64 bits.
 */
export function readImage(reader: Source & { readonly path: string }, isLoaded = false): Image {
  const headers = PeHeaders.read(reader);
  if (!headers) {
    const what = "it is a program of DOS or of 16-bit Windows";
    throw new FileError("unreadable", `Cannot read ${reader.path}: ${what}; give one of 32 or 64 bits`);
  }
  return { id: moduleId(headers.timestamp, headers.size), symbols: codeViews(reader, headers, isLoaded) };
}

function codeViews(reader: Source, headers: PeHeaders, isLoaded: boolean): SymbolsName[] {
  const { address, size } = headers.directory(DEBUG_DIRECTORY);
  const count = Math.min(MOST_ENTRIES, Math.floor(size / DEBUG_ENTRY));
  const offset = count === 0 ? undefined : isLoaded ? address : headers.offsetOf(address);
  if (offset === undefined) return [];
  const table = reader.read(offset, count * DEBUG_ENTRY);
  const found = [];
  for (let entry = 0; entry < count * DEBUG_ENTRY; entry += DEBUG_ENTRY) {
    if (table.getUint32(entry + 12, true) !== CODE_VIEW) continue;
    const length = Math.min(MOST_RECORD, table.getUint32(entry + 16, true));
    const record = reader.read(table.getUint32(entry + (isLoaded ? LOADED_AT : FILE_AT), true), length);
    const symbols = symbolsOf(record, table.getUint16(entry + 10, true) === PORTABLE);
    if (symbols) found.push(symbols);
  }
  return found;
}
