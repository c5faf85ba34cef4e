import assert from "node:assert/strict";
import { namesIn } from "../../lib/dbgeng/thread/thread_names.ts";

/** A line as the engine prints it, of process 0x2a. */
function line(index: number, threadId: number, name?: string): string {
  const head = `${index === 0 ? "." : " "} ${String(index).padStart(2)}  Id: 2a.${threadId.toString(16)}`;
  return `${head} Suspend: 1 Teb: 00000000\`7ffc0000 Unfrozen${name === undefined ? "" : ` "${name}"`}\n`;
}

function names(threads: readonly (readonly [number, string | undefined])[]): (string | undefined)[] {
  const list = threads.map(([threadId, name], index) => line(index, threadId, name)).join("");
  return namesIn(list, 0x2a, threads.map(([threadId]) => threadId));
}

Deno.test("names are read out of the engine's list of threads", () => {
  assert.deepEqual(names([[1, "main"], [0x10, undefined], [0x1f, "disk writer"]]), ["main", undefined, "disk writer"]);
  const frozen = line(0, 1, "main").replace("Unfrozen", "Frozen  ").replace("Frozen  ", "Frozen");
  assert.deepEqual(namesIn(frozen, 0x2a, [1]), ["main"]);
  assert.deepEqual(namesIn("", 0x2a, [1, 2]), [undefined, undefined]);
});

Deno.test("a name with quotes and lines is one name, and speaks for no other thread", () => {
  const forged = `a "b"\n${line(1, 2, "forged").trimEnd()}`;
  assert.deepEqual(names([[1, forged], [3, "own"]]), [forged, "own"]);
  assert.deepEqual(names([[2, undefined], [1, forged]]), [undefined, forged]);
  assert.deepEqual(names([[1, 'ends in a quote"'], [2, '"']]), ['ends in a quote"', '"']);
});
