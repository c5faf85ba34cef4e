/** What a dump of Windows itself says without an engine, read by places of our own out of what others have published. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { bugCheckName } from "../../lib/files/bug_checks.ts";
import { readDumpFile } from "../../lib/files/dump_file.ts";
import type { KernelDump } from "../../lib/files/kernel_dump.ts";
import { prepareHost } from "../../scripts/dev/host.ts";
import { DRIVERS, makeKernelDump, SMALL_DUMP, WRITTEN_AT } from "./kernel_dump_support.ts";

/** What is said of a file with these bytes. */
async function said(bytes: Uint8Array<ArrayBuffer>): Promise<KernelDump> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "made.dmp");
    await Deno.writeFile(path, bytes);
    const { kernel } = readDumpFile(path);
    assert.ok(kernel);
    return kernel;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a small dump of Windows tells why it ended, when, on what, and its drivers", async () => {
  assert.deepEqual(await said(makeKernelDump(SMALL_DUMP)), {
    kind: "small memory dump",
    bugCheck: { code: 0xd1, name: "DRIVER_IRQL_NOT_LESS_OR_EQUAL", parameters: SMALL_DUMP.parameters },
    system: { name: "Windows", version: "build 22621", processor: "x64", processors: 4 },
    writtenAt: WRITTEN_AT,
    upTime: 3661,
    comment: "as made",
    drivers: DRIVERS.map(({ name: path, ...driver }) => ({ path, ...driver })),
    damage: [],
  });
});

Deno.test("of other kinds the header is told, 32 bits too; what Windows has left unset is not", async () => {
  const { parameters } = SMALL_DUMP;
  const kinds = { 1: "complete", 2: "kernel", 5: "active", 6: "kernel", 7: "automatic" };
  for (const [type, kind] of Object.entries(kinds)) {
    const dump = await said(makeKernelDump({ type: Number(type), code: 0x7e, parameters }));
    assert.equal(dump.kind, `${kind} memory dump`);
    assert.deepEqual(Object.keys(dump).filter((key) => ["writtenAt", "upTime", "comment"].includes(key)), []);
  }
  assert.equal((await said(makeKernelDump({ type: 99, code: 1, parameters }))).kind, "dump of kind 99");
  const old = await said(
    makeKernelDump({ ...SMALL_DUMP, bits: 32, type: 2, parameters: [1n, 2n, 3n, 4n], drivers: [] }),
  );
  assert.deepEqual([old.bugCheck.name, old.bugCheck.parameters], ["DRIVER_IRQL_NOT_LESS_OR_EQUAL", [1n, 2n, 3n, 4n]]);
  assert.deepEqual([old.system.processor, old.writtenAt, old.upTime, old.comment], [
    "x86",
    WRITTEN_AT,
    3661,
    "as made",
  ]);
});

Deno.test("of a dump of Windows that is cut off or damaged what can be read is told", async () => {
  const whole = makeKernelDump(SMALL_DUMP);
  const { bugCheck, damage, drivers } = await said(whole.slice(0, 0x2100));
  assert.deepEqual([bugCheck.code, damage, drivers], [0xd1, ["drivers"], []]);
  new DataView(whole.buffer).setUint32(0x2000 + 0x34, 0xffffffff, true); // the count
  assert.deepEqual((await said(whole)).damage, ["drivers"]);
  await assert.rejects(said(whole.slice(0, 0x1000)), /it is cut off or damaged; take a whole copy of it/);
  const complete = { type: 1, code: 0xd1, parameters: SMALL_DUMP.parameters };
  assert.deepEqual((await said(makeKernelDump(complete))).damage, []);
  assert.deepEqual((await said(makeKernelDump({ ...complete, space: 0x100000 }))).damage, ["memory"]);
});

Deno.test("bug checks have the names that a compiler's header has for their codes", async () => {
  const host = await prepareHost(["compiler"], () => {});
  const source = '#include "bugcodes.h"\n';
  const args = ["--target=x86_64-w64-mingw32", "-E", "-dM", "-x", "c", "-"];
  const child = host.tool("clang", args, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const text = new TextDecoder().decode((await output).stdout);
  const all = [...text.matchAll(/^#define (\w+) +\(\(ULONG\)(0x\w+)\)$/gm)].map((
    [, name, code],
  ) => [name, Number(code)]);
  const codes = all.filter(([, code]) => Number(code) > 0 && Number(code) < 0x1000);
  assert.ok(codes.length > 100, text.slice(0, 200));
  // That header is of older Windows: three of its codes have got other names since, and four mean something else.
  const older = ["BUGCODE_PSS_MESSAGE_SIGNATURE", "FTDISK_INTERNAL_ERROR", "IMPERSONATING_WORKER_THREAD"];
  const reused = ["NO_SPINLOCK_AVAILABLE", ...[2, 3, 4].map((number) => `SESSION${number}_INITIALIZATION_FAILED`)];
  const differ = codes.filter(([name, code]) => bugCheckName(Number(code)) !== name);
  assert.deepEqual(differ.map(([name]) => name).sort(), [...older, ...reused].sort());
  assert.equal(bugCheckName(0x1000007e), "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M");
  assert.equal(bugCheckName(0x1000000a), "IRQL_NOT_LESS_OR_EQUAL");
  assert.equal(bugCheckName(0x12345), undefined);
});

Deno.test("no damage makes the reader of dumps of Windows fail otherwise than by saying so", async () => {
  const whole = makeKernelDump(SMALL_DUMP);
  let seed = 1;
  const next = (limit: number): number => (seed = seed * 48271 % 0x7fffffff) % limit;
  for (let round = 0; round < 300; round++) {
    const bytes = whole.slice(0, round % 3 === 0 ? next(whole.length) : whole.length);
    for (let count = 0; count < 20 && bytes.length > 8; count++) {
      bytes[8 + next(Math.min(bytes.length, 0x2400) - 8)] = next(256);
    }
    try {
      const dump = await said(bytes);
      dump.writtenAt?.toISOString();
    } catch (error) {
      assert.match(String(error), /FileError: Cannot read .*: it is (?:cut off or damaged|empty|no dump)/);
    }
  }
});
