/** Program databases, as far as they say whose they are: https://llvm.org/docs/PDB/index.html, and for .NET the portable ones. */
import { guidText } from "../files/code_view.ts";
import { type FileReader, textAt } from "../files/file_reader.ts";

const MAGIC = "Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0";
const INFO_STREAM = 1;
/** The largest directory that is read. */
const MOST_DIRECTORY = 64 << 20;
const NO_STREAM = 0xffffffff;

/** The GUID of a PDB, as symbol servers write it; undefined for a file that is none. */
export function pdbGuid(reader: FileReader): string | undefined {
  const start = reader.readUpTo(0, 56);
  if (textAt(start, 0, 4) === "BSJB") return portableGuid(reader);
  if (textAt(start, 0, MAGIC.length) !== MAGIC) return undefined;
  const blockSize = start.getUint32(32, true);
  const size = start.getUint32(44, true);
  if (size > MOST_DIRECTORY || blockSize < 512 || blockSize > 1 << 20) return undefined;
  const map = reader.read(start.getUint32(52, true) * blockSize, Math.ceil(size / blockSize) * 4);
  const directory = new Uint8Array(map.byteLength / 4 * blockSize);
  for (let index = 0; index < map.byteLength / 4; index++) {
    const block = reader.read(map.getUint32(index * 4, true) * blockSize, blockSize);
    directory.set(new Uint8Array(block.buffer), index * blockSize);
  }
  const block = firstBlockOf(new DataView(directory.buffer), INFO_STREAM, blockSize);
  return block === undefined ? undefined : guidText(reader.read(block * blockSize, 28), 12);
}

/** The directory has the number of streams, the size of each, and then the blocks of each. */
function firstBlockOf(directory: DataView, stream: number, blockSize: number): number | undefined {
  const count = directory.getUint32(0, true);
  if (stream >= count || 4 + count * 4 >= directory.byteLength) return undefined;
  let offset = 4 + count * 4;
  for (let index = 0; index < stream; index++) {
    const size = directory.getUint32(4 + index * 4, true);
    if (size !== NO_STREAM) offset += Math.ceil(size / blockSize) * 4;
  }
  return offset + 4 > directory.byteLength ? undefined : directory.getUint32(offset, true);
}

/** The first stream header that is "#Pdb" leads to the id. */
function portableGuid(reader: FileReader): string | undefined {
  const versionLength = reader.read(12, 4).getUint32(0, true);
  const offset = 16 + versionLength + 2;
  const headers = reader.readUpTo(offset, 512);
  const count = headers.getUint16(0, true);
  let at = 2;
  for (let index = 0; index < count && at + 12 <= headers.byteLength; index++) {
    const name = textAt(headers, at + 8, 32).split("\0")[0] ?? "";
    if (name === "#Pdb") return guidText(reader.read(headers.getUint32(at, true), 16), 0);
    at += 8 + Math.ceil((name.length + 1) / 4) * 4;
  }
  return undefined;
}
