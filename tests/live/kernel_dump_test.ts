/** The engine finds in a dump of Windows itself what its file says: it is the witness that the places are right. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readDump } from "../../lib/dbgeng/dump.ts";
import { readDumpFile } from "../../lib/files/dump_file.ts";
import { INSTRUCTION, type MadeKernelDump, makeKernelDump, SMALL_DUMP } from "../files/kernel_dump_support.ts";
import { engineFolder, scratch } from "./support.ts";

Deno.test("the engine and the file of a dump of Windows agree on its bug check, drivers and place", () => {
  using folder = scratch();
  const { type: _type, drivers: _drivers, ...plain } = SMALL_DUMP;
  const dumps: Readonly<Record<string, MadeKernelDump>> = {
    "small.dmp": SMALL_DUMP,
    "complete.dmp": { ...plain, type: 1 },
    "complete, 32 bits.dmp": { ...plain, type: 1, bits: 32, parameters: [1n, 2n, 3n, 4n] },
  };
  for (const [name, dump] of Object.entries(dumps)) {
    const path = join(folder.path, name);
    Deno.writeFileSync(path, makeKernelDump(dump));
    const said = readDumpFile(path).kernel;
    const { kernel, modules } = readDump(path, { engine: engineFolder() });
    assert.ok(said && kernel, name);
    assert.deepEqual([kernel.code, kernel.parameters], [said.bugCheck.code, said.bugCheck.parameters], name);
    const found = modules.map(({ name: _name, imageName: path, ...driver }) => ({ path, ...driver }));
    assert.deepEqual(found, said.drivers, name);
    if (name === "small.dmp") assert.equal(kernel.stack[0]?.address, (said.drivers[0]?.base ?? 0n) + INSTRUCTION);
  }
});
