import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { enginePlaces, fetchPackage } from "../../lib/cli/engine_files.ts";
import { ENGINE_PACKAGE, ENGINE_VERSION } from "../../lib/cli/host/packages.ts";

const CONTENT = join(ENGINE_PACKAGE, ENGINE_VERSION, "content", "amd64");

async function withFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("fetchPackage() puts the package where sessions look for it, once, with lines of progress", () =>
  withFolder(async (packages) => {
    let count = 0;
    const lines: string[] = [];
    const fetch = async (folder: string): Promise<void> => {
      count++;
      await Deno.mkdir(join(folder, CONTENT), { recursive: true });
      await Deno.writeTextFile(join(folder, CONTENT, "dbgeng.dll"), "");
    };
    for (let round = 0; round < 2; round++) {
      const folder = await fetchPackage(packages, (line) => lines.push(line), fetch);
      assert.equal(await Deno.readTextFile(join(folder, "dbgeng.dll")), "");
    }
    assert.equal(count, 1);
    assert.equal(lines.length, 2);
    assert.deepEqual([...Deno.readDirSync(packages)].map(({ name }) => name), [ENGINE_PACKAGE]);
    const source = new URL("../../lib/dbgeng/thread/library.ts", import.meta.url);
    const expected = join(".nuget", "packages", dirname(CONTENT)).replaceAll(/[\\/]/g, "\\\\");
    assert.ok((await Deno.readTextFile(source)).includes(`"${expected}"`), "sessions look elsewhere");
  }));

Deno.test("fetchPackage() leaves nothing of a package that could not be fetched", () =>
  withFolder(async (packages) => {
    const fail = async (folder: string): Promise<void> => {
      await Deno.mkdir(join(folder, CONTENT), { recursive: true });
      throw new Error("Cannot trust it");
    };
    await assert.rejects(fetchPackage(packages, () => {}, fail), /Cannot trust it/);
    assert.deepEqual([...Deno.readDirSync(packages)], []);
  }));

Deno.test(
  "enginePlaces() says where a session on Linux looks for its host",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const places = await enginePlaces((name) => name === "LATCH_HOST" ? "/no/such/program" : undefined);
    assert.deepEqual(places[0], { source: "LATCH_HOST", path: "/no/such/program", isThere: false });
    assert.equal(places[1]?.source, "Wine host");
    assert.ok(places[1]?.path.endsWith("windows-deno"));
    assert.equal((await enginePlaces(() => undefined)).length, 1);
  },
);
