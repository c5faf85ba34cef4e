import assert from "node:assert/strict";
import { alignToPages } from "../../lib/cli/host/align.ts";

const HEADER = 0x80;
const OPTIONAL = HEADER + 24;
const SECTIONS = OPTIONAL + 240;
/** Address in memory, size, place in the file. */
const LAYOUT = [[0x1000, 0x600, 0x400], [0x2000, 0x1200, 0xa00], [0x4000, 0x200, 0x1c00]] as const;
/** The debug directory: one entry, at the beginning of the second section, that names a place in the third. */
const DEBUG_ENTRY = 0xa00;

/** A program as linkers lay it out, in units of 512 bytes, signed. */
function program(): Uint8Array {
  const file = new Uint8Array(0x1f00);
  for (const [index, [, size, offset]] of LAYOUT.entries()) file.fill(index + 1, offset, offset + size);
  file.fill(0xff, 0x1e00);
  const words = new DataView(file.buffer);
  words.setUint32(0x3c, HEADER, true);
  words.setUint16(HEADER + 6, LAYOUT.length, true);
  words.setUint16(HEADER + 20, 240, true);
  words.setUint32(OPTIONAL + 36, 0x200, true);
  words.setUint32(OPTIONAL + 60, 0x400, true);
  words.setUint32(OPTIONAL + 64, 0x1234, true);
  words.setUint32(OPTIONAL + 112 + 8 * 4, 0x1e00, true);
  words.setUint32(OPTIONAL + 112 + 8 * 4 + 4, 0x100, true);
  words.setUint32(OPTIONAL + 112 + 8 * 6, 0x2000, true);
  words.setUint32(OPTIONAL + 112 + 8 * 6 + 4, 28, true);
  words.setUint32(DEBUG_ENTRY + 24, 0x1c10, true);
  LAYOUT.forEach(([address, size, offset], index) => {
    for (const [at, value] of [[8, size], [12, address], [16, size], [20, offset]] as const) {
      words.setUint32(SECTIONS + 40 * index + at, value, true);
    }
  });
  return file;
}

Deno.test("alignToPages() puts each section on pages of its own, and says so in the headers", () => {
  const aligned = alignToPages(program());
  const words = new DataView(aligned.buffer);
  assert.equal(aligned.length, 0x5000);
  assert.equal(words.getUint32(OPTIONAL + 36, true), 0x1000);
  assert.equal(words.getUint32(OPTIONAL + 60, true), 0x1000);
  const places = LAYOUT.map((_, index) =>
    [8, 12, 16, 20].map((at) => words.getUint32(SECTIONS + 40 * index + at, true))
  );
  assert.deepEqual(places, [
    [0x600, 0x1000, 0x1000, 0x1000],
    [0x1200, 0x2000, 0x2000, 0x2000],
    [0x200, 0x4000, 0x1000, 0x4000],
  ]);
  assert.ok(aligned.subarray(0x1000, 0x1600).every((byte) => byte === 1));
  assert.ok(aligned.subarray(0x2000 + 28, 0x3200).every((byte) => byte === 2));
  assert.ok(aligned.subarray(0x4000, 0x4200).every((byte) => byte === 3));
  for (const [from, to] of [[0x400, 0x1000], [0x1600, 0x2000], [0x3200, 0x4000], [0x4200, 0x5000]] as const) {
    assert.ok(aligned.subarray(from, to).every((byte) => byte === 0), `nothing from ${from.toString(16)}`);
  }
});

Deno.test("alignToPages() moves what names a place in the file, and takes the signature off", () => {
  const words = new DataView(alignToPages(program()).buffer);
  assert.equal(words.getUint32(0x2000 + 24, true), 0x4010);
  assert.equal(words.getBigUint64(OPTIONAL + 112 + 8 * 4, true), 0n);
  assert.equal(words.getUint32(OPTIONAL + 64, true), 0);
});

Deno.test("alignToPages() changes nothing when it is done again", () => {
  const once = alignToPages(program());
  assert.deepEqual(alignToPages(once), once);
});
