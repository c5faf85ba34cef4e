/** Which stacks of a dump are told to be cut off, by what the engine names in them. */
import assert from "node:assert/strict";
import { blindModules } from "../../lib/cli/blind_stacks.ts";
import type { DumpReport } from "../../lib/dbgeng/dump.ts";

const PATHS: Readonly<Record<string, string>> = {
  ntdll: "C:\\Windows\\system32\\ntdll.dll",
  kernelbase: "c:\\windows\\System32\\kernelbase.dll",
  app: "C:\\app\\app.exe",
};

/** A report whose stacks have these symbols, innermost first. */
function report(...stacks: readonly (readonly (string | null)[])[]): Pick<DumpReport, "threads" | "modules"> {
  const place = { base: 0n, size: 0, checksum: 0, timestamp: 0 };
  return {
    modules: Object.entries(PATHS).map(([name, imageName]) => ({ ...place, name, imageName })),
    threads: stacks.map((symbols, threadId) => ({
      threadId,
      stack: symbols.map((symbol) => ({ symbol, address: 0n, displacement: 0n, file: null, line: null })),
    })) as unknown as DumpReport["threads"],
  };
}

for (
  const [what, stacks, blind] of [
    ["threads that wait in code without names", [["ntdll", "kernelbase"], ["ntdll"]], ["ntdll"]],
    ["threads in several of them", [["ntdll"], ["kernelbase", "app"]], ["ntdll", "kernelbase"]],
    ["a thread whose code has names", [["ntdll!NtWait", "kernelbase", "kernelbase!Sleep", "app!main"]], []],
    ["a name in another thread", [["ntdll"], ["ntdll!NtWait", "app!main"]], []],
    ["a program without symbols", [["app", "app"]], []],
    ["a crash in the program's own code", [["app!main", "kernelbase"]], []],
    ["code of no module", [[null, "ntdll"]], []],
    ["no stack at all", [[]], []],
  ] as const
) {
  Deno.test(`stacks are told to be cut off in ${blind.join(" and ") || "nothing"} for ${what}`, () => {
    assert.deepEqual(blindModules(report(...stacks)), blind);
  });
}
