/** What the reader of programs' files says is what LLVM's says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readLinkage } from "../../lib/files/linkage.ts";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { prepareHost } from "../../scripts/dev/host.ts";

const host = await prepareHost(["compiler"], () => {});
const debuggees = await buildDebuggees(host, () => {});
const FILES = [
  ...["dbghelp.exe", "demo.exe", "plugin.dll", "stuck.dll", "client.exe"].map((name) => join(debuggees, name)),
  ...["dbgeng.dll", "dbghelp.dll", "dbgcore.dll", "dbgmodel.dll"].map((name) => join(host.engine, name)),
];

/** What llvm-readobj prints of a file, its records by their kind: `Import {`, then lines `Name: …`, then `}`. */
async function recordsOf(path: string, option: string, kind: string): Promise<string[]> {
  const { stdout } = await host.tool("llvm-readobj", [option, path], { stdout: "piped", stderr: "null" }).output();
  const text = new TextDecoder().decode(stdout);
  return [...text.matchAll(new RegExp(`^${kind} \\{\\n([^}]*)\\}`, "gm"))].map(([, record = ""]) => record);
}

Deno.test("readLinkage() tells the imports and exports that llvm-readobj tells", async () => {
  let count = 0;
  for (const path of FILES) {
    const image = readLinkage(await Deno.readFile(path));
    assert.ok(image, path);
    assert.equal(image.machine, 0x8664);
    const imports = (await recordsOf(path, "--coff-imports", "Import")).map((record) => ({
      dll: /Name: (.*)/.exec(record)?.[1],
      symbols: [...record.matchAll(/Symbol: (\S*) \((\d+)\)/g)].map(([, name, number]) => name || Number(number)),
    }));
    assert.deepEqual(image.imports, imports, path);
    const exports = (await recordsOf(path, "--coff-exports", "Export")).flatMap((record) => {
      if (/RVA: 0x0$/m.test(record)) return []; // a number that is not taken
      const name = /Name: (\S+)/.exec(record)?.[1];
      return [Number(/Ordinal: (\d+)/.exec(record)?.[1]), ...name === undefined ? [] : [name]];
    });
    assert.deepEqual(image.exports, new Set(exports), path);
    count += imports.length + exports.length;
  }
  assert.ok(count > 500);
});

Deno.test("what is no program, or damaged, is no image, and no input makes the reader fail", async () => {
  const whole = await Deno.readFile(join(debuggees, "plugin.dll"));
  for (
    const bytes of [new Uint8Array(), new Uint8Array(64), new TextEncoder().encode("MZ"), whole.subarray(0, 1_000)]
  ) {
    assert.equal(readLinkage(bytes), undefined);
  }
  // Every place of the headers damaged in turn: an image or none, and an end.
  for (let at = 0; at < 1_024; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const bytes = whole.slice();
      bytes[at] = value;
      readLinkage(bytes);
    }
  }
});
