/** Stacks name the functions that the compiler inlined. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { readDump } from "../../lib/dbgeng/dump.ts";
import { DebugSession, type StackFrame } from "../../mod.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";

/** The line of inlined.c that holds a text, counted from 1. */
function lineOf(text: string): number {
  const source = Deno.readTextFileSync(new URL("../debuggees/inlined.c", import.meta.url)).split("\n");
  const index = source.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `inlined.c holds ${text}`);
  return index + 1;
}

/** As the source has them, whether they were inlined, and whether they were at a call. */
const EXPECTED = [
  ["inlined!store", lineOf("*g_nowhere = value;"), true],
  ["inlined!twice", lineOf("= store("), true],
  ["inlined!leaf", lineOf("= twice("), undefined],
  ["inlined!half", lineOf("= leaf("), true],
  ["inlined!quarter", lineOf("= half("), true],
  ["inlined!middle", lineOf("= quarter("), undefined],
  ["inlined!main", lineOf("= middle("), undefined],
];

function told(frames: readonly StackFrame[]): unknown[] {
  return frames.slice(0, EXPECTED.length).map(({ symbol, line, inline }) => [symbol, line, inline]);
}

for (const hosting of hostings) {
  Deno.test(`frames (${hosting}) of inlined functions have their names and lines, in the program and in its dump`, async () => {
    using folder = scratch();
    const dump = `${folder.path}\\inlined.dmp`;
    const stacks: StackFrame[][] = [];
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    session.on("exception", async ({ program, threadId, firstChance }) => {
      if (firstChance) return;
      stacks.push(await program.thread(threadId).stack());
      await program.writeDump(dump, { type: "mini" });
    });
    const program = await session.launch([debuggee("inlined.exe")]);
    const { base, size } = program.image;
    assert.deepEqual(await session.wait(), { reason: "ended" });
    await session[Symbol.asyncDispose]();
    const [stack = []] = stacks;
    assert.equal(stacks.length, 1);
    assert.deepEqual(told(stack), EXPECTED);
    for (const { file, displacement } of stack.slice(0, EXPECTED.length)) {
      assert.match(file ?? "", /inlined\.c$/);
      assert.ok(displacement >= 0n && displacement < BigInt(size), `${displacement}`);
    }
    const addresses = stack.map(({ address }) => address);
    assert.deepEqual([addresses[1], addresses[2]], [addresses[0], addresses[0]]);
    assert.deepEqual([addresses[4], addresses[5]], [addresses[3], addresses[3]]);
    assert.ok(addresses.slice(0, 7).every((address) => address >= base && address < base + BigInt(size)));
    if (hosting === "inline") return; // the same dump
    const { threads } = readDump(dump, { engine: engineFolder(), symbolPath: dirname(debuggee("inlined.exe")) });
    assert.deepEqual(told(threads[0]?.stack ?? []), EXPECTED);
  });
}
