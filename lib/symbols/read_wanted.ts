import { fileName } from "../files/code_view.ts";
import { FileError } from "../files/error.ts";
import { FileReader, textAt } from "../files/file_reader.ts";
import { readImage } from "../files/image.ts";
import { isMinidump, readMinidump } from "../files/minidump.ts";
import type { WantedFile } from "./wanted.ts";

/**
 * The files that a program, a DLL or a minidump wants from symbol servers: per module its symbols, where it names any, and itself. Reads
 * the file alone: neither an engine nor another file is needed.
 *
 * @param path A program, a DLL, or a minidump, whose modules are listed.
 * @throws {FileError} kind `not-found`, `unreadable` (cut off, or none of these) or `not-supported` (a dump of Windows itself).
 *
 * Needs `--allow-read`.
 */
export function wantedFiles(path: string): WantedFile[] {
  using reader = new FileReader(path);
  if (isMinidump(reader)) return wantedByDump(reader);
  const magic = textAt(reader.readUpTo(0, 4), 0, 4);
  if (magic.startsWith("MZ")) {
    const { id, symbols } = readImage(reader);
    return wantedBy(fileName(path) ?? "", id, symbols);
  }
  if (magic === "PAGE") {
    const advice = "symbols are fetched for programs, DLLs and minidumps";
    throw new FileError("not-supported", `Cannot read ${path}: it is a dump of Windows itself; ${advice}`);
  }
  const what = reader.size === 0 ? "it is empty" : "it is neither a program or DLL of Windows nor a minidump";
  throw new FileError("unreadable", `Cannot read ${path}: ${what}; give one of these`);
}

function wantedByDump(reader: FileReader): WantedFile[] {
  const { modules, damage } = readMinidump(reader);
  if (damage.includes("modules")) throw reader.cut();
  return modules.flatMap(({ path, id, symbols }) => wantedBy(fileName(path) ?? "", id, symbols ? [symbols] : []));
}

/** What a module wants by what it says of itself. */
export function wantedBy(module: string, id: string, symbols: readonly { name: string; id: string }[]): WantedFile[] {
  const wanted: WantedFile[] = symbols.map((each) => ({ ...each, kind: "symbols", module }));
  return module === "" ? wanted : [...wanted, { name: module, id, kind: "module", module }];
}
