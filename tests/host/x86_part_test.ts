/** The part of Wine that runs 32-bit programs: whole in itself, and in the prefix. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { chooseWine } from "../../lib/cli/host/host.ts";
import { debianVersion, X86_FILES, x86Folder } from "../../lib/cli/host/x86.ts";
import { readLinkage } from "../../lib/files/linkage.ts";
import { PREFIX, prepareHost } from "../../scripts/dev/host.ts";

Deno.test("what 32-bit programs load is in the prefix, for x86, with all that it imports", async () => {
  const prefix = Number(Deno.env.get(PREFIX) ?? 1);
  const { cache } = await prepareHost(["wine"], () => {}, prefix);
  const folder = x86Folder((await chooseWine(cache, prefix)).prefix);
  const there = new Set([...X86_FILES, "zlib1.dll"]);
  for (const name of there) {
    const linkage = readLinkage(await Deno.readFile(join(folder, name)));
    assert.equal(linkage?.machine, 0x14c, name);
    for (const { dll } of linkage.imports) assert.ok(there.has(dll.toLowerCase()), `${name} imports ${dll}`);
  }
});

Deno.test("the 32-bit part is fetched in the version of the Wine that is there", () => {
  assert.equal(debianVersion("wine-10.0 (Debian 10.0~repack-6)\n"), "10.0~repack-6");
  assert.throws(() => debianVersion("wine-10.0\n"), /^Error: Cannot fetch .* is no Wine of Debian's$/);
});
