/** Exceptions are called by their names; C++ exceptions tell their type and text, fast fails what they were for. */
import assert from "node:assert/strict";
import { readDump } from "../../lib/dbgeng/dump.ts";
import { DebugSession } from "../../mod.ts";
import { catchCrash } from "../../scripts/crash.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";

const SESSION = { engine: engineFolder() };

/** What is told of a program's exceptions, first chances and second ones. */
async function exceptionsOf(
  words: readonly string[],
  hosting: "worker" | "inline" = "worker",
): Promise<{ name: string; details: string | undefined; firstChance: boolean }[]> {
  await using session = new DebugSession({ hosting, ...SESSION });
  const told: { name: string; details: string | undefined; firstChance: boolean }[] = [];
  session.on("exception", ({ name, details, firstChance }) => void told.push({ name, details, firstChance }));
  await session.launch([debuggee(words[0] ?? ""), ...words.slice(1)]);
  assert.deepEqual(await session.wait(), { reason: "ended" });
  return told;
}

/** In the order of cxx.cpp, as its source has them. */
const THROWN = [
  ...["std::runtime_error: the archive is full", "shop::NotFound<int>: no such order", "shop::Plain", "int"],
  ...["char const *", "shop::Plain *", "shop::Late", "std::exception"],
];

for (const hosting of hostings) {
  Deno.test(`C++ exceptions (${hosting}) tell the thrown type, and the text of a std::exception`, async () => {
    const told = await exceptionsOf(["cxx.exe"], hosting);
    assert.deepEqual(told, THROWN.map((details) => ({ name: "C++ exception", details, firstChance: true })));
  });
}

Deno.test("fast fails say what they were for", async () => {
  const kinds = [["3", "FAST_FAIL_CORRUPT_LIST_ENTRY"], ["7", "FAST_FAIL_FATAL_APP_EXIT"], ["4711", "fast fail 4711"]];
  for (const [number = "", details] of kinds) {
    const told = await exceptionsOf(["raises.exe", "fast", number]);
    assert.deepEqual(told, [{ name: "STATUS_STACK_BUFFER_OVERRUN", details, firstChance: false }]);
  }
});

Deno.test("exceptions of runtimes have names, others their code, also where it is that of a success", async () => {
  const codes = {
    "20474343": "C++ exception (GCC)",
    "e0434352": "CLR exception",
    "04242420": "CLR notification to debuggers",
    "406d1388": "thread name",
    "0eedfade": "Delphi exception",
    "e0465043": "Free Pascal exception",
    "e24c4a02": "Lua error (LuaJIT)",
    "e0000008": "out of memory (Chromium)",
    "2": "code 2 (in Go: fatal error)",
    "c0000005": "STATUS_ACCESS_VIOLATION",
    "e06d7363": "C++ exception",
    "c0000409": "STATUS_STACK_BUFFER_OVERRUN",
    "1": "0x00000001",
    "e0001234": "0xE0001234",
  };
  const told = await exceptionsOf(["raises.exe", ...Object.keys(codes)]);
  const named = new Map(told.map(({ name, details }) => [name, details]));
  assert.deepEqual(named, new Map(Object.values(codes).map((name) => [name, undefined])));
});

Deno.test("the crash catcher and dumps tell the type and the text of a C++ exception", async () => {
  using folder = scratch();
  const launch = [debuggee("cxx.exe"), "1"];
  const { crashes: [crash] } = await catchCrash({ launch }, { session: SESSION, dump: folder.path, dumpType: "full" });
  const details = "shop::NotFound<int>: no such order";
  assert.deepEqual([crash?.name, crash?.details], ["C++ exception", details]);
  assert.match(crash?.title ?? "", /crashed of C\+\+ exception, shop::NotFound<int>: no such order,/);
  const { exception } = readDump(crash?.dump ?? "", SESSION);
  assert.deepEqual([exception?.name, exception?.details], ["C++ exception", details]);
});
