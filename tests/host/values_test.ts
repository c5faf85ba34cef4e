/** Types and values through the Wine host of a native Deno, and for confined scripts by the rights that they have. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { runScript } from "../../lib/script/run_script.ts";
import { checkEverything, withValues } from "../live/values_support.ts";
import { prepareNative } from "./native_support.ts";

const { debuggee } = await prepareNative();

Deno.test("values through a host are what the program says", async () => {
  await using session = new DebugSession();
  await withValues(session, [debuggee("values.exe")], checkEverything);
});

/** What a confined script saw, line by line. */
async function confined(program: string, ...rights: string[]): Promise<string[]> {
  let out = "";
  let errors = "";
  const path = debuggee(program);
  const { code } = await runScript(new URL("scripts/rights/values.ts", import.meta.url), {
    rights: [`--allow-launch=${path}`, ...rights],
    args: [path],
    output: { stdout: (text) => void (out += text), stderr: (text) => void (errors += text) },
    deadline: 100_000,
  });
  assert.deepEqual([code, errors], [0, ""]);
  return out.trim().split("\n");
}

Deno.test("a confined script is told of types and places, and of contents by the right to read memory", async () => {
  const refused = "NotCapable: Requires read-memory access";
  const control = [
    "breakpoint NotCapable: Requires control access",
    "line 374",
    "step NotCapable: Requires control access",
  ];
  const bare = await confined("values.exe");
  assert.deepEqual(bare, [
    "shop::Order 320",
    `id ${refused}`,
    `count ${refused}`,
    "write NotCapable: Requires write-memory access",
    ...control,
  ]);
  const reading = await confined("values.exe", "--allow-read-memory");
  assert.deepEqual(reading, [
    "shop::Order 320",
    "id 4711",
    "count 3",
    "write NotCapable: Requires write-memory access",
    ...control,
  ]);
  const writing = await confined("values.exe", "--allow-read-memory", "--allow-write-memory");
  assert.deepEqual(writing, ["shop::Order 320", "id 4711", "count 3", "write 5", ...control]);
});

Deno.test("a confined script is told of values in registers by the right to control", async () => {
  const bare = await confined("inlined.exe", "--allow-read-memory");
  assert.deepEqual(bare, [
    "value NotCapable: Requires control access",
    "breakpoint NotCapable: Requires control access",
    "line 22",
    "step NotCapable: Requires control access",
  ]);
  assert.deepEqual(await confined("inlined.exe", "--allow-control"), [
    "value 20",
    "breakpoint set",
    "line 22",
    "step ended",
  ]);
});
