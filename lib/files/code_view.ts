/** What a module says of its symbols: the CodeView record, in the module's debug directory and in dumps. */
import { textAt } from "./file_reader.ts";

/** The first four characters of the records there are: with a GUID, and the older one with a time stamp. */
const WITH_GUID = "RSDS";
const WITH_STAMP = "NB10";

/** Where the path begins in each. */
const PATH_OF_GUID = 24;
const PATH_OF_STAMP = 16;

/** The symbols that a module names. */
export interface SymbolsName {
  /** File name, without a folder. */
  readonly name: string;
  /** GUID and age, as symbol servers write them. */
  readonly id: string;
}

/**
 * Name and id of the symbols that a record names; undefined for another kind of record, and for a name that is none.
 * @param isPortable Whether it is a portable PDB of .NET, which has no age.
 */
export function symbolsOf(record: DataView, isPortable = false): SymbolsName | undefined {
  const kind = textAt(record, 0, 4);
  if (kind === WITH_GUID && record.byteLength > PATH_OF_GUID) {
    const age = isPortable ? "FFFFFFFF" : record.getUint32(20, true).toString(16).toUpperCase();
    return named(record, PATH_OF_GUID, guidText(record, 4) + age);
  }
  if (kind === WITH_STAMP && record.byteLength > PATH_OF_STAMP) {
    const [stamp, age] = [record.getUint32(8, true), record.getUint32(12, true)];
    return named(record, PATH_OF_STAMP, hex8(stamp) + age.toString(16).toUpperCase());
  }
  return undefined;
}

/** Name and id of a module itself. */
export function moduleId(timestamp: number, size: number): string {
  return hex8(timestamp) + size.toString(16);
}

/** A GUID as symbol servers write it: 32 digits, its first three parts as numbers. */
export function guidText(view: DataView, offset: number): string {
  let text = hex8(view.getUint32(offset, true));
  for (const part of [4, 6]) text += view.getUint16(offset + part, true).toString(16).toUpperCase().padStart(4, "0");
  for (let index = 8; index < 16; index++) {
    text += view.getUint8(offset + index).toString(16).toUpperCase().padStart(2, "0");
  }
  return text;
}

/**
 * The last part of a path of either system; undefined where it can be no file's name. It comes from a file that may be anybody's, and becomes
 * part of a path and of an address.
 */
export function fileName(path: string): string | undefined {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  // deno-lint-ignore no-control-regex
  const isName = name !== "" && name.length <= 255 && !/^\.{1,2}$|[\x00-\x1f<>:"|?*]|[. ]$/.test(name);
  return isName ? name : undefined;
}

function named(record: DataView, offset: number, id: string): SymbolsName | undefined {
  const bytes = new Uint8Array(record.buffer, record.byteOffset + offset, record.byteLength - offset);
  const end = bytes.indexOf(0);
  const name = fileName(new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)));
  return name === undefined ? undefined : { name, id };
}

function hex8(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
