/** Why a program could not be loaded, by files in memory. */
import assert from "node:assert/strict";
import { findCause } from "../../lib/dbgeng/thread/load_failures.ts";
import { imageOf } from "./image_support.ts";

const SEARCH = {
  system: "C:\\Windows\\System32",
  wow64: "C:\\Windows\\SysWOW64",
  others: ["C:\\Windows", "D:\\work", "E:\\tools"],
};
const APP = "D:\\app\\app.exe";
const [NOT_FOUND, ORDINAL, ENTRY, FORMAT, INIT] = [0xc0000135, 0xc0000138, 0xc0000139, 0xc000007b, 0xc0000142];

const KERNEL = imageOf({ exports: ["Sleep"] });
const SYSTEM = { "C:\\Windows\\System32\\kernel32.dll": KERNEL };

/** The cause that is found for a program among these files. */
function causeOf(code: number, files: Readonly<Record<string, Uint8Array>>): string | undefined {
  const all = new Map(
    Object.entries({ ...SYSTEM, ...files }).map((
      [path, bytes],
    ) => [path.toLowerCase(), bytes]),
  );
  return findCause(APP, code, SEARCH, {
    exists: (path) => all.has(path.toLowerCase()),
    read: (path) => all.get(path.toLowerCase()),
    hasOwn: (name) => name.startsWith("api-ms-win-core"),
  });
}

Deno.test("a DLL that is not there is named with the module that imports it", () => {
  const app = imageOf({
    imports: { "KERNEL32.dll": ["Sleep"], "api-ms-win-core-x-l1-1-0.dll": ["f"], "a.dll": ["one"] },
  });
  assert.equal(
    causeOf(NOT_FOUND, { [APP]: app }),
    "app.exe imports a.dll, which is not there; put it beside app.exe or into a folder of PATH",
  );
  const a = imageOf({ exports: ["one"], imports: { "b.dll": ["two"] } });
  for (const folder of ["D:\\app", "C:\\Windows", "D:\\work", "E:\\tools"]) {
    assert.match(
      causeOf(NOT_FOUND, { [APP]: app, [`${folder}\\A.DLL`]: a }) ?? "",
      /^a\.dll imports b\.dll, which is not there;/i,
    );
  }
  const crt = imageOf({ imports: { "api-ms-win-crt-runtime-l1-1-0.dll": ["exit"] } });
  assert.match(causeOf(NOT_FOUND, { [APP]: crt }) ?? "", /^app\.exe imports api-ms-win-crt-runtime-l1-1-0\.dll, which/);
});

Deno.test("DLLs that import one another are looked at once", () => {
  const files = {
    [APP]: imageOf({ imports: { "a.dll": ["one"] } }),
    "D:\\app\\a.dll": imageOf({ exports: ["one"], imports: { "b.dll": ["two"] } }),
    "D:\\app\\b.dll": imageOf({ exports: ["two"], imports: { "a.dll": ["one"], "c.dll": [] } }),
  };
  assert.match(causeOf(NOT_FOUND, files) ?? "", /^b\.dll imports c\.dll/);
  assert.equal(causeOf(NOT_FOUND, { ...files, "D:\\app\\c.dll": imageOf({}) }), undefined);
});

Deno.test("a function that a DLL does not have is named, by name or number, with the file", () => {
  const old = imageOf({ exports: ["one"] });
  const by = (symbol: string | number): string | undefined =>
    causeOf(typeof symbol === "number" ? ORDINAL : ENTRY, {
      [APP]: imageOf({ imports: { "a.dll": ["one", symbol] } }),
      "E:\\tools\\a.dll": old,
    });
  assert.equal(
    by("two"),
    "app.exe imports two of E:\\tools\\a.dll, which has no such function; bring the version that app.exe was built for",
  );
  assert.match(by(7) ?? "", /^app\.exe imports number 7 of E:\\tools\\a\.dll/);
  assert.equal(by(1), undefined);
  assert.equal(by("one"), undefined);
  const system = causeOf(ENTRY, { [APP]: imageOf({ imports: { "kernel32.dll": ["NewFunction"] } }) });
  assert.match(system ?? "", /^app\.exe imports NewFunction of C:\\Windows\\System32\\kernel32\.dll/);
});

Deno.test("a DLL for another processor, or none at all, is named", () => {
  const app = imageOf({ imports: { "a.dll": ["one"] } });
  const other = (bytes: Uint8Array): string | undefined => causeOf(FORMAT, { [APP]: app, "D:\\app\\a.dll": bytes });
  assert.equal(
    other(imageOf({ machine: 0x14c, exports: ["one"] })),
    "app.exe imports a.dll, and D:\\app\\a.dll is built for x86; bring one for x64",
  );
  assert.match(other(imageOf({ machine: 0x1c4 })) ?? "", /is built for 0x1c4; bring one for x64$/);
  assert.match(
    other(new TextEncoder().encode("version https://git-lfs")) ?? "",
    /a\.dll is no DLL, or damaged; bring a whole one$/,
  );
  assert.equal(other(imageOf({ exports: ["one"] })), undefined);
});

Deno.test("where the files tell nothing, nothing is said of them", () => {
  assert.equal(causeOf(INIT, { [APP]: imageOf({ imports: { "a.dll": [] } }) }), undefined);
  assert.equal(causeOf(NOT_FOUND, {}), undefined);
});

Deno.test("a 32-bit program takes Windows' DLLs from the folder of those, and without them says what to fetch", () => {
  const [machine, folder] = [0x14c, "C:\\Windows\\SysWOW64"];
  const app = imageOf({ machine, imports: { "kernel32.dll": ["Sleep"], "a.dll": ["one"] } });
  const own = { [APP]: app, "D:\\app\\a.dll": imageOf({ machine, exports: ["one"] }) };
  for (const code of [NOT_FOUND, FORMAT]) {
    assert.equal(
      causeOf(code, own),
      "it is a 32-bit program, and what Wine runs those with is not there; run `latch engine fetch --x86`",
    );
  }
  const kernel = imageOf({ machine, exports: ["Sleep"] });
  const there = { ...own, [`${folder}\\ntdll.dll`]: kernel, [`${folder}\\kernel32.dll`]: kernel };
  assert.equal(causeOf(NOT_FOUND, there), undefined);
  const foreign = causeOf(FORMAT, { ...there, "D:\\app\\a.dll": imageOf({ exports: ["one"] }) });
  assert.equal(foreign, "app.exe imports a.dll, and D:\\app\\a.dll is built for x64; bring one for x86");
});
