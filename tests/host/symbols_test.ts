/** `latch symbols fetch`: programs as the compiler makes them, dumps as the engine writes them, and the engine that finds what was fetched. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { FileError, wantedFiles } from "../../lib/symbols/mod.ts";
import { prepareHost } from "../../scripts/dev/host.ts";
import { lzxCabinet } from "../symbols/lzx_support.ts";
import { Folder, serverOf, unpacked } from "../symbols/server_support.ts";
import { Bench } from "./latch_support.ts";

Deno.test("symbols that were fetched for a dump, or for its program, are found by the engine, without symsrv.dll", async () => {
  await using bench = await Bench.make("faulty");
  const { code } = await bench.latch("launch", "--dump", "crash.dmp", "faulty.exe");
  assert.notEqual(code, 0);
  const symbols = await Deno.readFile(join(bench.folder, "faulty.pdb"));
  await Deno.remove(join(bench.folder, "faulty.pdb"));
  assert.doesNotMatch((await bench.latch("dump", "show", "crash.dmp")).out, /faulty\.c/);
  for (const file of ["crash.dmp", "faulty.exe"]) {
    await using server = serverOf({ "faulty.pdb": symbols });
    const cache = `cache of ${file}`;
    const args = [file, "--server", server.url, "--cache", cache, "--json"];
    const fetched = await bench.latch("symbols", "fetch", ...args);
    assert.equal(fetched.code, 0, fetched.err);
    const found = fetched.out.trim().split("\n").map((line) => JSON.parse(line)).filter(({ outcome }) =>
      outcome === "fetched"
    );
    assert.deepEqual(found.map(({ type, name, module, kind }) => [type, name, module, kind]), [
      ["symbols", "faulty.pdb", "faulty.exe", "symbols"],
    ]);
    const shown = await bench.latch("dump", "show", "crash.dmp", "--symbols", cache);
    assert.match(shown.out, /faulty!\w+ .*faulty\.c:\d+/, shown.out);
    const both = `srv*${cache};C:\\nowhere;${join(bench.folder, cache)}`;
    assert.match((await bench.latch("dump", "show", "crash.dmp", "--symbols", both)).out, /faulty\.c:\d+/);
    const again = await bench.latch("symbols", "fetch", ...args.slice(0, -1));
    assert.match(again.out, /^present +faulty\.pdb +cache of /m);
    assert.equal(again.code, 0);
  }
});

Deno.test("symbols that no server has are missing: exit code 1; a file that is none is named", async () => {
  await using bench = await Bench.make("faulty");
  await using server = serverOf({});
  const missing = await bench.latch("symbols", "fetch", "faulty.exe", "--server", server.url, "--cache", "cache");
  assert.equal(missing.code, 1);
  assert.match(missing.out, /^missing +faulty\.pdb +[0-9A-F]{33}$/m);
  const none = await bench.latch("symbols", "fetch", "faulty.pdb", "--server", server.url, "--cache", "cache");
  assert.deepEqual([none.code, none.out], [1, ""]);
  assert.match(
    none.err,
    /^error: Cannot read faulty\.pdb: it is neither a program or DLL of Windows nor a minidump; .*\n$/,
  );
});

Deno.test("a program or a dump that is cut off or damaged anywhere is told, or gives what can be read", async () => {
  await using bench = await Bench.make("faulty");
  await bench.latch("launch", "--dump", "crash.dmp", "faulty.exe");
  const path = join(bench.folder, "damaged");
  for (const name of ["faulty.exe", "crash.dmp"]) {
    const whole = await Deno.readFile(join(bench.folder, name));
    let told = 0;
    for (let step = 0; step < 600; step++) {
      const at = step < 400 ? step : (step * 104_729) % whole.length; // all of the headers
      const bytes = new Uint8Array(whole);
      bytes[at] = step % 2 === 0 ? 0xff : (bytes[at] ?? 0) ^ 0x10;
      Deno.writeFileSync(path, step % 3 === 0 ? bytes.subarray(0, at) : bytes);
      try {
        wantedFiles(path);
      } catch (error) {
        assert.ok(error instanceof FileError, `${name}, byte ${at}: ${error}`);
        told++;
      }
    }
    assert.ok(told > 100, `${name}: ${told}`);
  }
});

Deno.test("Windows unpacks what the tests' writer of LZX has packed", async () => {
  const host = await prepareHost(["wine"], () => {});
  using folder = new Folder();
  const content = unpacked();
  for (const windowBits of [15, 21]) {
    for (const calls of [false, true]) {
      const name = `${windowBits}-${calls}.pdb`;
      const cabinet = join(folder.path, `${name}.cab`);
      await Deno.writeFile(cabinet, lzxCabinet(name, content, { windowBits, calls }));
      const args = ["/Y", "/E", "/L", host.windowsPath(folder.path), host.windowsPath(cabinet)];
      const { success } = await host.command("extrac32.exe", args, { stdin: "null", stdout: "null" }).output();
      assert.ok(success, name);
      assert.ok(Buffer.from(await Deno.readFile(join(folder.path, name))).equals(content), name);
    }
  }
});
