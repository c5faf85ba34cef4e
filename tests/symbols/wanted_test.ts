/** What programs and dumps want, and what is none of them. Programs and dumps as compiler and engine make them: tests/host/symbols_test.ts. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { FileError, wantedFiles } from "../../lib/symbols/mod.ts";
import { fileName } from "../../lib/files/code_view.ts";
import { pdbGuid } from "../../lib/symbols/pdb.ts";
import { cabinetContent } from "../../lib/symbols/cabinet.ts";
import { FileReader } from "../../lib/files/file_reader.ts";
import { CABINET, Folder, unpacked } from "./server_support.ts";

Deno.test("files that are neither programs nor dumps are told as what they are", () => {
  using folder = new Folder();
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ["empty.dmp", new Uint8Array(), /it is empty/],
    ["text.exe", Buffer.from("#!/bin/sh\n"), /it is neither a program or DLL of Windows nor a minidump/],
    ["kernel.dmp", Buffer.from("PAGEDU64"), /it is a dump of Windows itself/],
    ["short.exe", Buffer.from("MZ"), /it is cut off or damaged/],
    ["short.dmp", Buffer.from("MDMP"), /it is cut off or damaged/],
    ["dos.exe", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)]), /it is a program of DOS/],
  ];
  for (const [name, bytes, message] of cases) {
    const path = join(folder.path, name);
    Deno.writeFileSync(path, bytes);
    assert.throws(
      () => wantedFiles(path),
      (error) => error instanceof FileError && message.test(error.message),
      name,
    );
  }
  assert.throws(() => wantedFiles(join(folder.path, "none")), { name: "FileError", kind: "not-found" });
  assert.throws(() => wantedFiles(folder.path), { name: "FileError", kind: "unreadable" });
});

Deno.test("a name is the last part of a path of either system, or none", () => {
  assert.equal(fileName("C:\\build\\out/app.pdb"), "app.pdb");
  assert.equal(fileName("/home/build/app.pdb"), "app.pdb");
  assert.equal(fileName("ünï.pdb"), "ünï.pdb");
  for (
    const path of ["", "C:\\", "a/..", "..\\.", "C:app.pdb", "a\0b", "a\nb", "app.", "app ", "a?b", "x".repeat(256)]
  ) {
    assert.equal(fileName(path), undefined, JSON.stringify(path));
  }
});

Deno.test("damage to a cabinet or to symbols is told, wherever it is", () => {
  using folder = new Folder();
  const whole = unpacked();
  const packed = Deno.readFileSync(CABINET);
  const path = join(folder.path, "damaged");
  let told = 0;
  for (let step = 0; step < 400; step++) {
    const bytes = new Uint8Array(packed);
    const at = step < 80 ? step : (step * 7919) % bytes.length; // all of the headers
    bytes[at] = (bytes[at] ?? 0) ^ (1 << step % 8);
    Deno.writeFileSync(path, step % 4 === 0 ? bytes.subarray(0, at) : bytes);
    using reader = new FileReader(path);
    try {
      // Bits that say nothing of the content (dates, names, reserved ones), or that the file is shorter.
      const content = Buffer.concat([...cabinetContent(reader)]);
      assert.ok(content.equals(whole.subarray(0, content.length)), `byte ${at}`);
    } catch (error) {
      assert.ok(error instanceof FileError, `byte ${at}: ${error}`);
      told++;
    }
  }
  assert.ok(told > 300, `${told}`);
  for (let length = 0; length < whole.length; length += 997) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    using reader = new FileReader(path);
    try {
      const guid = pdbGuid(reader);
      assert.ok(guid === undefined || guid === "D489565838E179524C4C44205044422E");
    } catch (error) {
      assert.ok(error instanceof FileError, `${length} bytes: ${error}`);
    }
  }
});
