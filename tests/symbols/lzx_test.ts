/** Cabinets that are compressed by LZX. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { FileError } from "../../lib/files/error.ts";
import { FileReader } from "../../lib/files/file_reader.ts";
import { cabinetContent } from "../../lib/symbols/cabinet.ts";
import { fetchSymbols } from "../../lib/symbols/mod.ts";
import { lzxCabinet } from "./lzx_support.ts";
import { Folder, serverOf, unpacked, WANTED } from "./server_support.ts";

const PDB = unpacked();

/** What is in a cabinet. */
function contentOf(folder: Folder, cabinet: Uint8Array): Buffer {
  const path = join(folder.path, "a.cab");
  Deno.writeFileSync(path, cabinet);
  using reader = new FileReader(path);
  return Buffer.concat([...cabinetContent(reader)]);
}

for (const windowBits of [15, 16, 17, 18, 19, 20, 21]) {
  Deno.test(`what LZX has packed with a window of ${windowBits} bits is unpacked, with and without translated calls`, () => {
    using folder = new Folder();
    const calls = Uint8Array.from(PDB, (byte, at) => at % 61 === 7 ? 0xe8 : at % 61 === 11 ? 0 : byte);
    for (const content of [PDB, calls, PDB.subarray(0, 32_768), PDB.subarray(0, 5)]) {
      for (const isTranslated of [false, true]) {
        const cabinet = lzxCabinet("hits.pdb", content, { windowBits, calls: isTranslated });
        assert.ok(contentOf(folder, cabinet).equals(content), `${content.length} bytes`);
      }
    }
  });
}

/** Bytes like nothing before them, and then pieces from far back, the farthest as far as a window of that size allows. */
function farContent(windowBits: number): Uint8Array {
  const content = new Uint8Array(2 ** windowBits + 150_001);
  let state = windowBits;
  const next = (): number => {
    for (const shift of [13, -17, 5]) state ^= shift > 0 ? state << shift : state >>> -shift;
    return state >>> 0;
  };
  const farthest = 2 ** windowBits - 3;
  for (let at = 0; at < content.length;) {
    const size = 100 + next() % 900;
    const far = next() % 4 === 0 ? farthest : Math.min(farthest, 2 ** 18 - 100 + next() % 2 ** windowBits);
    if (far > at) { for (const end = at + size; at < end; at++) content[at] = next(); }
    else {
      content.copyWithin(at, at - far, at - far + size);
      at += size;
    }
  }
  return content;
}

for (const windowBits of [18, 19, 20, 21]) {
  Deno.test(`copies from as far back as a window of ${windowBits} bits reaches are what stood there`, () => {
    using folder = new Folder();
    const content = farContent(windowBits);
    assert.ok(contentOf(folder, lzxCabinet("hits.pdb", content, { windowBits })).equals(content));
  });
}

Deno.test("an answer that is packed by LZX is unpacked into the store", async () => {
  using folder = new Folder();
  await using server = serverOf({ "hits.pd_": lzxCabinet("hits.pdb", PDB, { windowBits: 21, calls: true }) });
  const [file] = await fetchSymbols([WANTED], { servers: [server.url], cache: folder.path });
  assert.equal(file?.outcome, "fetched", file?.reason);
  assert.ok(Buffer.from(Deno.readFileSync(file?.path ?? "")).equals(PDB));
});

Deno.test("damage to what LZX has packed is told, or gives as many bytes, wherever it is", () => {
  using folder = new Folder();
  const content = PDB.subarray(0, 70_000);
  const whole = lzxCabinet("hits.pdb", content, { windowBits: 15 });
  let told = 0;
  for (let step = 0; step < 1_200; step++) {
    const at = step < 600 ? 36 + step : 36 + (step * 104_729) % (whole.length - 36); // the first block's lengths all
    const bytes = whole.slice();
    bytes[at] = step % 2 === 0 ? 0xff : (bytes[at] ?? 0) ^ (1 << (step % 8));
    try {
      const { length } = contentOf(folder, step % 5 === 0 ? bytes.subarray(0, at) : bytes);
      assert.ok(length === content.length || at < 60, `byte ${at}: ${length}`);
    } catch (error) {
      assert.ok(error instanceof FileError, `byte ${at}: ${error}`);
      told++;
    }
  }
  assert.ok(told > 500, `${told}`);
});
