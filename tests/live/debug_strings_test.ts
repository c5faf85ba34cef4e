/** Debug strings arrive as the program sent them, wide or narrow, and say so where their event cannot tell all of one. */
import assert from "node:assert/strict";
import { connect, DebugSession, type LaunchOptions } from "../../mod.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine(); // also a test: the engine need not be loaded by Latch to be told the right lengths

/** What the program sends for a word, at most so many characters of it. */
function sent(word: string, most = Infinity): string {
  const isWide = word.startsWith("w");
  const text = Array.from({ length: Math.min(Number(word.slice(1)), most) }, (_, index) => {
    if (index < word.length) return word[index];
    return isWide && index % 5 === 0 ? "\u4e16" : String.fromCharCode(97 + index % 26);
  });
  return text.join("");
}

/** What a session hears when the program sends these words. */
async function hear(
  session: DebugSession,
  words: readonly string[],
  options?: LaunchOptions,
): Promise<{ text: string; truncated: boolean | undefined }[]> {
  const heard: { text: string; truncated: boolean | undefined }[] = [];
  session.on("output", ({ text, truncated }) => void heard.push({ text, truncated }));
  await session.launch([debuggee("debug_strings.exe"), ...words], options);
  assert.deepEqual(await session.wait(), { reason: "ended" });
  return heard;
}

const WHOLE = ["w5", "n5", "w6", "w7", "w512", "n512", "w20000", "w32766", "n32767", "n65534", "n65535"];
/** With the characters that an event can tell. */
const CUT = [["w32767", 32_766], ["w65535", 32_766], ["n65536", 65_535], ["w100000", 32_766], [
  "n200000",
  65_535,
]] as const;

for (const hosting of hostings) {
  const options = { hosting, engine: engineFolder() } as const;

  Deno.test(`debug strings (${hosting}) arrive whole, wide as narrow`, async () => {
    await using session = new DebugSession(options);
    const expected = WHOLE.map((word) => ({ text: sent(word), truncated: undefined }));
    assert.deepEqual(await hear(session, WHOLE), expected);
  });

  Deno.test(`debug strings (${hosting}) that are longer than their event can tell say that they were cut`, async () => {
    await using session = new DebugSession(options);
    const words = CUT.flatMap(([word]) => [word, "w10"]);
    const expected = CUT.flatMap(([word, most]) => [
      { text: sent(word, most), truncated: true },
      { text: sent("w10"), truncated: undefined },
    ]);
    assert.deepEqual(await hear(session, words), expected);
  });

  Deno.test(`debug strings (${hosting}) arrive whole through a process server`, async () => {
    using server = await serve();
    await using connection = await connect(server.address, options);
    const { session, port } = connection;
    const words = ["w5", "n5", "w32766", "w40000"];
    const heard = await hear(session, words, { port });
    assert.deepEqual(heard.map(({ text }) => text), words.map((word) => sent(word, 32_766)));
  });
}
