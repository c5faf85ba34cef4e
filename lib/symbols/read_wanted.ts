import { SymbolError } from "./error.ts";
import { FileReader, textAt } from "./file_reader.ts";
import { readImage } from "./image.ts";
import { modulesOfDump } from "./minidump.ts";
import type { WantedFile } from "./wanted.ts";

/**
 * The files that a program, a DLL or a minidump wants from symbol servers: per module its symbols, where it names any, and itself. Reads
 * the file alone: neither an engine nor another file is needed.
 *
 * @param path A program, a DLL, or a minidump, whose modules are listed.
 * @throws {SymbolError} kind `not-found`, `unreadable` (cut off, or none of these) or `not-supported` (a dump of Windows itself).
 *
 * Needs `--allow-read`.
 */
export function wantedFiles(path: string): WantedFile[] {
  using reader = new FileReader(path);
  const magic = textAt(reader.readUpTo(0, 4), 0, 4);
  if (magic.startsWith("MZ")) return readImage(reader);
  if (magic === "MDMP") return modulesOfDump(reader);
  if (magic === "PAGE") {
    const advice = "symbols are fetched for programs, DLLs and minidumps";
    throw new SymbolError("not-supported", `Cannot read ${path}: it is a dump of Windows itself; ${advice}`);
  }
  const what = reader.size === 0 ? "it is empty" : "it is neither a program or DLL of Windows nor a minidump";
  throw new SymbolError("unreadable", `Cannot read ${path}: ${what}; give one of these`);
}
