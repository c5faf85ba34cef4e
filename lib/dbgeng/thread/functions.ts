/** Where functions begin and end: what the tables for unwinding say, where symbols do not tell. */
import { HresultError } from "../../com/hresult.ts";
import { PeHeaders, type Source } from "../../files/pe.ts";
import { EngineError } from "../../session/errors.ts";
import { DEBUG_MODULE_AND_ID, DEBUG_SYMBOL_ENTRY } from "../generated/structs.ts";
import { StructView } from "../../com/struct_view.ts";
import { read } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";

/** Part of a function that has an entry in the tables. Where it begins and ends is told from its module's first byte on. */
interface Part {
  readonly begin: number;
  readonly end: number;
  /** Where its unwind codes are; in ARM code these may stand here themselves. */
  readonly unwind: number;
}

const EXCEPTION_DIRECTORY = 3;
const AMD64 = 0x8664;
/** Bytes of an entry of the tables for AMD64. */
const ENTRY = 12;
/** `UNW_FLAG_CHAININFO`: the part belongs to the function of another entry, which stands behind the unwind codes. */
const CHAINED = 4;
const LONGEST_CHAIN = 32;
/** `SymTagPublicSymbol`: exports, and what linkers list of other modules' symbols. Their sizes are guessed, if there are any. */
const PUBLIC = 10;
const MOST_SYMBOLS = 8;

/** Whether an address is in what begins at a symbol before it, as far as that can be told. */
export function reaches(objects: EngineObjects, base: bigint, symbol: bigint, address: bigint): boolean {
  if (symbol === address) return true;
  const [from, to] = [Number(symbol - base), Number(address - base)];
  const part = partAt(objects, address);
  if (part && part.begin <= from) return true;
  const size = sizeOf(objects, symbol);
  if (size > 0) return to < from + size;
  try {
    return part ? isOfFunction(objects, base, part, from) : isInGap(objects, base, from, to);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return true; // the headers or tables cannot be read, as in a small dump without the file
  }
}

function partAt({ symbols }: EngineObjects, address: bigint): Part | undefined {
  const bytes = new Uint8Array(ENTRY);
  try {
    symbols.GetFunctionEntryByOffset(address, 0, bytes, ENTRY);
    return partOf(new DataView(bytes.buffer));
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}

function partOf(view: DataView): Part {
  return { begin: view.getUint32(0, true), end: view.getUint32(4, true), unwind: view.getUint32(8, true) };
}

/** Bytes of a symbol, from the compiler; 0 where that is not known. */
function sizeOf({ symbols }: EngineObjects, address: bigint): number {
  const ids = new Uint8Array(MOST_SYMBOLS * DEBUG_MODULE_AND_ID.size);
  try {
    const count = symbols.GetSymbolEntriesByOffset(address, 0, ids, null, MOST_SYMBOLS);
    const sizes = Array.from({ length: Math.min(count, MOST_SYMBOLS) }, (_, index) => {
      const entry = new StructView(DEBUG_SYMBOL_ENTRY);
      const start = index * DEBUG_MODULE_AND_ID.size;
      symbols.GetSymbolEntryInformation(ids.subarray(start, start + DEBUG_MODULE_AND_ID.size), entry.bytes);
      return entry.get("Tag") === PUBLIC ? 0 : entry.get("Size");
    });
    return Math.max(0, ...sizes);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return 0;
  }
}

/** Whether a part belongs to the function that a symbol is in: compilers put what seldom runs elsewhere. */
function isOfFunction(objects: EngineObjects, base: bigint, part: Part, symbol: number): boolean {
  const headers = PeHeaders.read(sourceAt(objects, base));
  if (headers?.machine !== AMD64) return false;
  let owner: Part | undefined = part;
  for (let links = 0; owner && links < LONGEST_CHAIN; links++) {
    if (symbol >= owner.begin && symbol < owner.end) return true;
    owner = ownerOf(objects, base, owner);
  }
  return false;
}

function ownerOf(objects: EngineObjects, base: bigint, { unwind }: Part): Part | undefined {
  const partAt = (offset: number): Part => partOf(sourceAt(objects, base).read(offset, ENTRY));
  if (unwind & 1) return partAt(unwind - 1); // another entry of the tables
  const info = sourceAt(objects, base).read(unwind, 4);
  const codes = info.getUint8(2);
  return info.getUint8(0) >> 3 & CHAINED ? partAt(unwind + 4 + 2 * (codes + codes % 2)) : undefined;
}

/**
 * Whether nothing ends what begins at a symbol before an address that no entry is for: code that neither calls nor saves anything
 * needs none, and data has none.
 */
function isInGap(objects: EngineObjects, base: bigint, symbol: number, address: number): boolean {
  const source = sourceAt(objects, base);
  const headers = PeHeaders.read(source);
  if (!headers) return true;
  if (headers.sectionOf(symbol) !== headers.sectionOf(address)) return false;
  if (headers.machine !== AMD64) return true;
  const table = headers.directory(EXCEPTION_DIRECTORY);
  const entry = (index: number): Part => partOf(source.read(table.address + index * ENTRY, ENTRY));
  let [first, end] = [0, Math.floor(table.size / ENTRY)];
  while (first < end) { // for the first entry behind the address
    const middle = Math.floor((first + end) / 2);
    if (entry(middle).begin <= address) first = middle + 1;
    else end = middle;
  }
  return first === 0 || entry(first - 1).end <= symbol;
}

/** A module as it is loaded. */
function sourceAt(objects: EngineObjects, base: bigint): Source {
  return {
    read: (offset, length) => new DataView(read(objects, base + BigInt(offset), length).buffer),
    cut: () => new EngineError("failed", "Cannot read a module's headers: they are damaged"),
  };
}
