/** What the children of launched programs print, and what they read: as where a plain Win32 program launches them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Bench, type Ran } from "./latch_support.ts";

/** No event comes of it: what is printed is the programs'. */
const LAUNCH = ["launch", "--on", "systemError"];

/** A shell, shells in a shell, one output that becomes the other one, a batch file. */
const COMMANDS: readonly (readonly string[])[] = [
  ["cmd.exe", "/c", "clock.exe greet"],
  ["cmd.exe", "/c", "cmd.exe /c clock.exe greet"],
  ["cmd.exe", "/c", "clock.exe greet 1>&2"],
  ["cmd.exe", "/c", "greet.bat"],
];

function greetings({ code, out, err }: Ran): unknown {
  return [code, (out + err).replaceAll("\r", "").trim()];
}

for (const children of ["follow", undefined]) {
  Deno.test(`what children print comes out, with ${children ?? "no word"} for them`, async () => {
    await using bench = await Bench.make("clock");
    await Deno.writeTextFile(join(bench.folder, "greet.bat"), "@clock.exe greet\r\n");
    const options = children === undefined ? [] : [`--children=${children}`];
    for (const command of COMMANDS) {
      assert.deepEqual(
        greetings(await bench.latch(...LAUNCH, ...options, "--", ...command)),
        [3, "greetings"],
        `${command}`,
      );
    }
  });
}

Deno.test("a child reads what was given to the program as its input", async () => {
  await using bench = await Bench.make("reader");
  await Deno.writeTextFile(join(bench.folder, "in.txt"), "one\n");
  const given = [...LAUNCH, "--children=follow", "--input", "in.txt", "--"];
  const alone = await bench.latch(...given, "reader.exe");
  assert.deepEqual(await bench.latch(...given, "cmd.exe", "/c", "reader.exe"), alone);
  assert.equal(alone.code, 7);
});
