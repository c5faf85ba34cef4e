/** What a file says before an engine opens it: whether it is a dump at all, and what of it can be told without. */
import { FileError } from "./error.ts";
import { FileReader, textAt } from "./file_reader.ts";
import { isKernelDump, type KernelDump, readKernelDump } from "./kernel_dump.ts";
import { isMinidump, type Minidump, readMinidump } from "./minidump.ts";

/** Files that the engine opens besides: cabinets and archives with a dump in them. */
const OTHERS: readonly string[] = ["MSCF", "PK\x03\x04"];

/** What a dump says of itself: of a program, of Windows, or nothing where only an engine can open it. */
export interface DumpFile {
  readonly program?: Minidump;
  readonly kernel?: KernelDump;
}

/** What other files begin with. */
const FORMATS: readonly (readonly [string, string])[] = [
  ["\x1f\x8b", "compressed by gzip; unpack it first"],
  ["\xfd7zXZ", "compressed by xz; unpack it first"],
  ["BZh", "compressed by bzip2; unpack it first"],
  ["\x28\xb5\x2f\xfd", "compressed by zstd; unpack it first"],
  ["7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"],
  ["Rar!", "a RAR archive; unpack it first"],
  ["\x7fELF", "a program or core file of Linux; give a minidump"],
  ["\xcf\xfa\xed\xfe", "a program or core file of macOS; give a minidump"],
  ["MZ", "a program or DLL; give a dump of it"],
  ["Microsoft C/C++", "a PDB; give a dump"],
  ["<", "a text (HTML or XML); was it downloaded where one has to sign in?"],
];

/**
 * Reads what a dump says of itself.
 * @throws {FileError} where it is not there, empty, no dump, or cut off before its directory.
 */
export function readDumpFile(path: string): DumpFile {
  using reader = new FileReader(path);
  const magic = textAt(reader.readUpTo(0, 16), 0, 16);
  if (isMinidump(reader)) return { program: readMinidump(reader) };
  if (isKernelDump(reader)) return { kernel: readKernelDump(reader) };
  if (OTHERS.some((format) => magic.startsWith(format))) return {};
  const known = FORMATS.find(([format]) => magic.startsWith(format))?.[1];
  const what = reader.size === 0 ? "empty; look at what wrote it" : known ?? "no dump; give a .dmp file";
  throw new FileError("unreadable", `Cannot read ${path}: it is ${what}`);
}
