/** Minidumps: https://learn.microsoft.com/windows/win32/api/minidumpapiset/ns-minidumpapiset-minidump_header */
import { fileName, moduleId, symbolsOf } from "./code_view.ts";
import type { FileReader } from "./file_reader.ts";
import type { WantedFile } from "./wanted.ts";

const HEADER = 32;
const DIRECTORY_ENTRY = 12;
const MODULE_LIST = 4;
const MODULE = 108;
/** More no process has: a count beyond it is damage. */
const MOST_MODULES = 100_000;
const MOST_STREAMS = 10_000;
const MOST_RECORD = 0x10000;

/** What the modules of a minidump want: of each its symbols, where the dump names them, and itself. */
export function modulesOfDump(reader: FileReader): WantedFile[] {
  const header = reader.read(0, HEADER);
  const streams = header.getUint32(8, true);
  if (streams > MOST_STREAMS) throw reader.cut();
  const directory = reader.read(header.getUint32(12, true), streams * DIRECTORY_ENTRY);
  const wanted: WantedFile[] = [];
  for (let entry = 0; entry < directory.byteLength; entry += DIRECTORY_ENTRY) {
    if (directory.getUint32(entry, true) !== MODULE_LIST) continue;
    const offset = directory.getUint32(entry + 8, true);
    const count = reader.read(offset, 4).getUint32(0, true);
    if (count > MOST_MODULES) throw reader.cut();
    const list = reader.read(offset + 4, count * MODULE);
    for (let index = 0; index < count; index++) {
      wanted.push(...wantedBy(reader, new DataView(list.buffer, index * MODULE, MODULE)));
    }
  }
  return wanted;
}

function wantedBy(reader: FileReader, entry: DataView): WantedFile[] {
  const module = fileName(textOf(reader, entry.getUint32(20, true)));
  if (module === undefined) return [];
  const wanted: WantedFile[] = [];
  const [length, offset] = [entry.getUint32(76, true), entry.getUint32(80, true)];
  // A dump says "RSDS" for portable PDBs, too, whose age is always 1; who wrote it knows no better.
  const symbols = length === 0 ? undefined : symbolsOf(reader.read(offset, Math.min(MOST_RECORD, length)));
  if (symbols) wanted.push({ ...symbols, kind: "symbols", module });
  const id = moduleId(entry.getUint32(16, true), entry.getUint32(8, true));
  return [...wanted, { name: module, id, kind: "module", module }];
}

/** A text of the dump: its length in bytes, then UTF-16. */
function textOf(reader: FileReader, offset: number): string {
  const length = Math.min(MOST_RECORD, reader.read(offset, 4).getUint32(0, true));
  return new TextDecoder("utf-16le").decode(reader.read(offset + 4, length));
}
