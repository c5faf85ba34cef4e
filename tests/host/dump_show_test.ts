/** `latch dump show` on dumps as the engine writes them, and on what others make of them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EXCEPTION, standElsewhere, streamsOf } from "../files/changed_dump_support.ts";
import { makeKernelDump, SMALL_DUMP } from "../files/kernel_dump_support.ts";
import { makeMinidump } from "../files/minidump_support.ts";
import { Bench, type Ran } from "./latch_support.ts";

/** Crashes a program under `latch`, and gives its dump to `change`. */
async function changed(bench: Bench, change: (data: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Promise<Ran> {
  await Deno.writeFile(join(bench.folder, "changed.dmp"), change(await Deno.readFile(join(bench.folder, "crash.dmp"))));
  return await bench.latch("dump", "show", "changed.dmp");
}

async function crashed(): Promise<Bench> {
  const bench = await Bench.make("faulty");
  await bench.latch("launch", "--dump", "crash.dmp", "faulty.exe");
  return bench;
}

Deno.test("a dump tells when, where and for what it was written; nothing is said of a chance, which it does not tell", async () => {
  await using bench = await crashed();
  const { code, out, err } = await bench.latch("dump", "show", "crash.dmp");
  assert.deepEqual([code, err], [0, ""]);
  const written = /^written {4}(\S+ \S+) UTC, (\d+) s after the process began$/m.exec(out);
  const age = Date.now() - Date.parse(`${written?.[1]}Z`);
  assert.ok(age > -2_000 && age < 120_000, out);
  assert.match(out, /^system {5}Windows 10\.0\.\d+, x64, \d+ processors$/m);
  assert.match(out, /^exception {2}STATUS_ACCESS_VIOLATION, writing to 0x0, thread \d+, at [\da-f]{16}$/m);
  const json = await bench.latch("dump", "show", "crash.dmp", "--json");
  const records = json.out.trim().split("\n").map((line) => JSON.parse(line));
  const program = records.find(({ type, name }) => type === "module" && name === "faulty");
  assert.equal(program.symbols.name, "faulty.pdb");
  const windows = records.find(({ type, name }) => type === "module" && name === "ntdll");
  assert.match(windows.version, /^\d+\.\d+\.\d+\.\d+$/);
});

Deno.test("where the thread stands in what wrote the dump, the exception's own place is shown", async () => {
  await using bench = await crashed();
  const { code, out } = await changed(bench, standElsewhere);
  assert.equal(code, 0);
  assert.match(out, /^thread \d+\n {2}faulty!write_price {2}faulty\.c:3\n {2}faulty!add_item {2}faulty\.c:7\n/m);
});

Deno.test("an exception of a thread that is not in the dump is told, and so is the rest", async () => {
  await using bench = await crashed();
  const { code, out, err } = await changed(bench, (data) => {
    const view = new DataView(data.buffer);
    view.setUint32(streamsOf(view).get(EXCEPTION) ?? 0, 4711, true);
    return data;
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^exception {2}STATUS_ACCESS_VIOLATION, .*, thread 4711 \(which is not in the dump\), at /m);
  assert.match(out, /^thread \d+$/m);
  assert.match(out, /ntdll\.dll$/m);
});

Deno.test("of a dump that is cut off what can be read is shown, then it is said", async () => {
  await using bench = await crashed();
  for (const part of [0.3, 0.6, 0.9, 0.999]) {
    const { code, out, err } = await changed(bench, (data) => data.slice(0, data.length * part));
    assert.equal(code, 1, `${part} of it`);
    assert.match(
      err,
      /^error: Cannot read (?:all of )?changed\.dmp: it is cut off or damaged; take a whole copy of it.*\n$/,
    );
    if (part > 0.5) assert.match(out, /, process \d+$/m, "the directory was there");
  }
});

Deno.test("what is no dump is told as what it is, with a step that helps", async () => {
  await using bench = await Bench.make("faulty");
  const gzip = new Response("MDMP").body?.pipeThrough(new CompressionStream("gzip"));
  const files: readonly [string, Uint8Array<ArrayBuffer> | string, RegExp][] = [
    ["empty.dmp", "", /it is empty; look at what wrote it/],
    ["packed.dmp", await new Response(gzip).bytes(), /it is compressed by gzip; unpack it first/],
    ["page.dmp", "<!doctype html>", /it is a text \(HTML or XML\); was it downloaded where one has to sign in\?/],
    ["text.dmp", "dump", /it is no dump; give a \.dmp file/],
    ["core", "\x7fELF\x02\x01", /it is a program or core file of Linux/],
    ["short.dmp", "MDMP", /it is cut off or damaged/],
  ];
  for (const [name, content, message] of files) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(join(bench.folder, name), bytes);
    const { code, out, err } = await bench.latch("dump", "show", name);
    assert.deepEqual([code, out], [1, ""], name);
    assert.match(err, message);
    assert.equal(err.split("\n").length, 2, err);
  }
  assert.match((await bench.latch("dump", "show", "faulty.exe")).err, /it is a program or DLL; give a dump of it/);
  assert.match((await bench.latch("dump", "show", ".")).err, /it is no file/);
});

Deno.test("what a program of Linux or macOS ended by is told by the names of its system, in JSON too", async () => {
  await using bench = await Bench.make("faulty");
  const dumps = [
    [{ platform: 0x8201, code: 11, flags: 1, address: 0x45n }, "SIGSEGV (SEGV_MAPERR), accessing 0x45, thread 4711"],
    [{ platform: 0x8201, code: 6, flags: -6 >>> 0, address: 0x3e800001234n }, "SIGABRT (SI_TKILL), thread 4711"],
    [
      { platform: 0x8101, code: 3, flags: 1, address: 0x1000n },
      "EXC_ARITHMETIC (EXC_I386_DIV), thread 4711, at 0000000000001000",
    ],
  ] as const;
  for (const [dump, text] of dumps) {
    await Deno.writeFile(join(bench.folder, "made.dmp"), makeMinidump(dump));
    const { code, out, err } = await bench.latch("dump", "show", "made.dmp");
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(out.includes(`exception  ${text}\n`), out);
    const { out: json } = await bench.latch("dump", "show", "made.dmp", "--json");
    const record = json.trim().split("\n").map((line) => JSON.parse(line)).find(({ type }) => type === "exception");
    assert.equal(`${record.name} (${record.details})`, text.split(",")[0]);
  }
});

Deno.test("a dump of Windows itself tells why Windows ended, and its drivers; JSON has all of it", async () => {
  await using bench = await Bench.make("faulty");
  const bytes = makeKernelDump(SMALL_DUMP);
  await Deno.writeFile(join(bench.folder, "windows.dmp"), bytes);
  const { code, out, err } = await bench.latch("dump", "show", "windows.dmp");
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(out.split("\n").slice(0, 8), [
    "Windows itself, small memory dump",
    "bug check  DRIVER_IRQL_NOT_LESS_OR_EQUAL (0x000000D1)",
    "arguments  0x10, 0x2, 0x1, 0xfffff80320001234 (faulty.sys+0x1234)",
    "written    2024-01-02 03:04:05 UTC, 3661 s after Windows began",
    "system     Windows build 22621, x64, 4 processors",
    "comment    as made",
    "stack",
    "  nt+0x1000",
  ]);
  assert.match(out, /^fffff80320000000 +36 KB +\\SystemRoot\\System32\\drivers\\faulty\.sys$/m);
  const { out: json } = await bench.latch("dump", "show", "windows.dmp", "--json");
  const [check, stack, ...modules] = json.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([check.type, check.code, check.name, check.upTime], [
    ...["bugCheck", 0xd1, "DRIVER_IRQL_NOT_LESS_OR_EQUAL", 3661],
  ]);
  assert.deepEqual([check.parameters[3], check.kind], ["0xfffff80320001234", "small memory dump"]);
  assert.deepEqual([stack.type, stack.stack[0].address], ["stack", "0xfffff80310001000"]);
  assert.deepEqual(modules.map(({ size }) => size), [0x1046000, 0x9000]);
  await Deno.writeFile(join(bench.folder, "cut.dmp"), bytes.slice(0, 0x2100));
  const cut = await bench.latch("dump", "show", "cut.dmp");
  assert.equal(cut.code, 1);
  assert.match(cut.out, /^bug check {2}DRIVER_IRQL_NOT_LESS_OR_EQUAL/m);
  assert.match(cut.out, /^damage {5}cannot be read: drivers$/m);
  assert.match(cut.err, /^error: Cannot read all of cut\.dmp: it is cut off or damaged; take a whole copy of it.*\n$/);
});

/** What a report says of threads. */
function stacksOf(out: string): string {
  return /^thread [^]*?(?=^BASE )/m.exec(out)?.[0] ?? "";
}

Deno.test("a small dump of a program that waits has the stacks of one with all memory", async () => {
  await using bench = await Bench.make("hang");
  const name = await bench.rename("hang");
  bench.start(name, "deadlock");
  while (!await bench.runs(name)) { /* Wine is starting it */ }
  const show = async (...options: readonly string[]): Promise<Ran> => {
    await bench.latch("dump", "write", name, "app.dmp", ...options);
    return await bench.latch("dump", "show", "app.dmp");
  };
  const [full, small] = [await show("--full"), await show()];
  assert.deepEqual([small.code, full.code], [0, 0]);
  assert.match(full.out, /^ {2}ntdll![^]*^ {2}hang_\w+!ship_order /m);
  assert.equal(stacksOf(small.out), stacksOf(full.out));
});
