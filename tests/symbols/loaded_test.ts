/** What modules in memory want: compared with what their files say, and with damage. */
import assert from "node:assert/strict";
import { EngineError } from "../../lib/session/errors.ts";
import type { ModuleInfo } from "../../lib/session/engine.ts";
import { wantedByProgram, type WantedFile } from "../../lib/symbols/mod.ts";

const BASE = 0x7ff6_0000_0000n;
const NAME = "app.pdb";

/** A module as it is loaded: its debug directory lies at the end of a page, its record across the next border. */
function loaded(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x4000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x84, 0x8664, true);
  view.setUint32(0x88, 0x12345678, true);
  view.setUint16(0x94, 0xf0, true);
  view.setUint16(0x98, 0x20b, true);
  view.setUint32(0x98 + 56, bytes.length, true);
  view.setUint32(0x98 + 108, 16, true);
  view.setUint32(0x98 + 112 + 6 * 8, 0x1ff0, true);
  view.setUint32(0x98 + 116 + 6 * 8, 28, true);
  view.setUint32(0x1ff0 + 12, 2, true);
  view.setUint32(0x1ff0 + 16, 24 + NAME.length + 1, true);
  view.setUint32(0x1ff0 + 20, 0x2ff8, true);
  view.setUint32(0x1ff0 + 24, 0xffffff, true); // where its file has it
  bytes.set(new TextEncoder().encode("RSDS"), 0x2ff8);
  for (let index = 0; index < 16; index++) bytes[0x2ff8 + 4 + index] = index;
  view.setUint32(0x2ff8 + 20, 0x1a, true);
  bytes.set(new TextEncoder().encode(NAME), 0x2ff8 + 24);
  return bytes;
}

/** Asks about one module of that content. */
async function wanted(bytes: Uint8Array<ArrayBuffer>, size = bytes.length): Promise<[WantedFile[], number]> {
  const module: ModuleInfo = {
    ...{ name: "app", imageName: "C:\\app\\app.exe", base: BASE, size, checksum: 0, timestamp: 0 },
  };
  let reads = 0;
  const read = (address: bigint, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    reads++;
    const at = Number(address - BASE);
    assert.ok(length > 0 && length <= 0x1000, `${length}`);
    if (at + length <= bytes.length) return Promise.resolve(bytes.slice(at, at + length));
    return Promise.reject(new EngineError("failed", "Cannot read memory"));
  };
  return [await wantedByProgram({ modules: () => Promise.resolve([module]), memory: { read } }), reads];
}

Deno.test("a loaded module wants what its headers in memory say, page by page", async () => {
  const [files, reads] = await wanted(loaded());
  assert.deepEqual(files, [
    { name: NAME, id: "0302010005040706" + "08090A0B0C0D0E0F1A", kind: "symbols", module: "app.exe" },
    { name: "app.exe", id: "123456784000", kind: "module", module: "app.exe" },
  ]);
  assert.equal(reads, 4); // headers, two pages of the directory, the next of the record
});

Deno.test("a module whose headers are damaged, or cannot be read, wants nothing, or what can be read", async () => {
  assert.deepEqual(await wanted(new Uint8Array(0x1000)), [[], 1]);
  assert.deepEqual((await wanted(loaded(), 0x100_0000))[0].length, 2);
  assert.deepEqual((await wanted(loaded().slice(0, 0x2000), 0x4000))[0], []);
  assert.deepEqual((await wanted(loaded().slice(0, 0x90)))[0], []);
  for (let at = 0; at < 0x200; at++) {
    const bytes = loaded();
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const [files] = await wanted(bytes);
    for (const { name, id } of files) assert.match(`${name} ${id}`, /^app\.(pdb|exe) [0-9A-F]{8,48}$/i, `${at}`);
  }
});

Deno.test("an engine that is lost is no module without headers", async () => {
  const module: ModuleInfo = { name: "a", imageName: "a.exe", base: 0n, size: 0x1000, checksum: 0, timestamp: 0 };
  const lost = new EngineError("lost", "Cannot reach the host");
  const memory = { read: (): Promise<never> => Promise.reject(lost) };
  await assert.rejects(wantedByProgram({ modules: () => Promise.resolve([module]), memory }), lost);
});
