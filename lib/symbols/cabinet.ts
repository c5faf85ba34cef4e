/** Cabinets, in which symbol stores keep compressed files: https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10) */
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { FileError } from "../files/error.ts";
import { type FileReader, textAt } from "../files/file_reader.ts";
import { LzxDecoder } from "./lzx.ts";

const HEADER = 36;
const FOLDER = 8;
const DATA = 8;
const HAS_PREVIOUS = 1;
const HAS_NEXT = 2;
const HAS_RESERVE = 4;
const METHODS = ["none", "MSZIP", "Quantum", "LZX"] as const;
/** How far back a block of MSZIP may refer. */
const WINDOW = 32 << 10;

/** Whether a file is a cabinet. */
export function isCabinet(reader: FileReader): boolean {
  return textAt(reader.readUpTo(0, 4), 0, 4) === "MSCF";
}

/**
 * Gives what is in the first file of a cabinet, piece by piece.
 * @throws {FileError} kind `not-supported` where it is compressed in another way than MSZIP and LZX, `unreadable` where it is damaged.
 */
export function* cabinetContent(reader: FileReader): Generator<Uint8Array> {
  const header = reader.read(0, HEADER);
  const flags = header.getUint16(30, true);
  if (flags & (HAS_PREVIOUS | HAS_NEXT)) throw refused(reader, "it is one of several");
  const reserve = flags & HAS_RESERVE ? reader.read(HEADER, 4) : undefined;
  const dataReserve = reserve?.getUint8(3) ?? 0;
  const folder = reader.read(HEADER + (reserve ? 4 + reserve.getUint16(0, true) : 0), FOLDER);
  const unpack = unpackerOf(reader, folder.getUint16(6, true));
  const file = reader.read(header.getUint32(16, true), 16);
  let skip = file.getUint32(4, true);
  let left = file.getUint32(0, true);
  let offset = folder.getUint32(0, true);
  for (let block = folder.getUint16(4, true); block > 0 && left > 0; block--) {
    const { content, next } = readBlock(reader, offset, dataReserve, unpack);
    offset = next;
    const piece = content.subarray(Math.min(skip, content.length)).subarray(0, left);
    skip -= Math.min(skip, content.length);
    left -= piece.length;
    if (piece.length > 0) yield piece;
  }
  if (left > 0) throw reader.cut();
}

/** Unpacks a block, which is to become so many bytes. One after another: they refer to what came before. */
type Unpack = (data: Uint8Array, size: number) => Uint8Array;

function unpackerOf(reader: FileReader, type: number): Unpack {
  const method = METHODS[type & 0xf];
  if (method === "none") return (data) => data;
  if (method === "LZX") return lzx(reader, (type >> 8) & 0x1f);
  if (method !== "MSZIP") throw refused(reader, `it is compressed by ${method ?? "who knows what"}`);
  let before: Uint8Array = new Uint8Array();
  return (data) => {
    const content = inflate(reader, data, before);
    before = join(before, content).slice(-WINDOW);
    return content;
  };
}

function lzx(reader: FileReader, windowBits: number): Unpack {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw error instanceof RangeError ? reader.cut() : error;
    }
  };
  const decoder = attempt(() => new LzxDecoder(windowBits));
  return (data, size) => attempt(() => decoder.frame(data, size));
}

function readBlock(
  reader: FileReader,
  offset: number,
  reserve: number,
  unpack: Unpack,
): { content: Uint8Array; next: number } {
  const header = reader.read(offset, DATA);
  const [sum, size, whole] = [header.getUint32(0, true), header.getUint16(4, true), header.getUint16(6, true)];
  const { buffer } = reader.read(offset + DATA + reserve, size);
  const data = new Uint8Array(buffer);
  // Over the reserved bytes as well: without any it is that of the data and the two sizes.
  if (sum !== 0 && reserve === 0 && checksum([data, new Uint8Array(header.buffer, 4, 4)]) !== sum) throw reader.cut();
  const content = unpack(data, whole);
  if (content.length !== whole) throw reader.cut();
  return { content, next: offset + DATA + reserve + size };
}

function inflate(reader: FileReader, data: Uint8Array, window: Uint8Array): Uint8Array {
  if (data[0] !== 0x43 || data[1] !== 0x4b) throw reader.cut(); // "CK"
  try {
    return inflateRawSync(data.subarray(2), window.length > 0 ? { dictionary: Buffer.from(window) } : {});
  } catch {
    throw reader.cut();
  }
}

/** The parts as 32-bit words, one xor the other; the last bytes of each, where they make no whole word, the other way round. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    const whole = part.length & ~3;
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    for (let index = 0; index < whole; index += 4) sum ^= view.getUint32(index, true);
    let rest = 0;
    for (let index = whole; index < part.length; index++) rest = (rest << 8) | view.getUint8(index);
    sum ^= rest;
  }
  return sum >>> 0;
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function refused(reader: FileReader, why: string): FileError {
  const advice = "unpack it by Windows' expand, and put what is in it beside it";
  return new FileError("not-supported", `Cannot unpack ${reader.path}: ${why}; ${advice}`);
}
