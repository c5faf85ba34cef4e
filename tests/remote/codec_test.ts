/** What crosses the stream comes out as it went in, and nothing else comes out. */
import assert from "node:assert/strict";
import { decode, encode, hasMoreValues } from "../../lib/session/codec.ts";
import { frame, FrameReader, jsonIn, MAX_FRAME } from "../../lib/remote/framing.ts";
import { textOfJson } from "../../lib/remote/wire.ts";

const VALUES: readonly unknown[] = [
  ...[null, true, 0, -1.5, "", "text \0 \n \u2028 ä", 0n, -(2n ** 64n), 2n ** 64n - 1n, undefined, NaN, -Infinity],
  ...[new Uint8Array(), new Uint8Array([0, 10, 255]), [], [1n, [undefined]], {}, { a: { b: [null] } }],
  ...[{ $bigint: "1" }, { $object: { $bytes: "AA==" } }, { $undefined: true }, { $a: 1, $b: 2 }, { $peb: 7n }],
];

for (const value of VALUES) {
  Deno.test(`${Deno.inspect(value, { compact: true })} survives`, () => {
    assert.deepStrictEqual(decode(encode(value)), value);
  });
}

Deno.test("a key __proto__ is a key, and changes no prototype", () => {
  const value = decode('{"__proto__":{"polluted":true}}') as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal((value as { polluted?: boolean }).polluted, undefined);
});

const FORGED: readonly (readonly [string, RegExp])[] = [
  ["", /no JSON/],
  ["{", /no JSON/],
  ['{"$bigint":1}', /\$bigint is damaged/],
  ['{"$bigint":"0x1"}', /\$bigint is damaged/],
  [`{"$bigint":"${"9".repeat(1_000)}"}`, /\$bigint is damaged/],
  ['{"$bytes":"?"}', /\$bytes is damaged/],
  ['{"$number":"1"}', /\$number is damaged/],
  ['{"$constructor":"x"}', /\$constructor is damaged/],
  ['{"$object":"x"}', /\$object is damaged/],
  ["[".repeat(100) + "]".repeat(100), /nested too deep/],
  [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, /nested too deep|no JSON/],
];

for (const [text, message] of FORGED) {
  Deno.test(`${text.slice(0, 40)} is refused`, () => {
    assert.throws(() => decode(text), { name: "TypeError", message });
  });
}

Deno.test("a function is refused, and data that goes round in circles", () => {
  assert.throws(() => encode({ f: () => {} }), TypeError);
  const circle: unknown[] = [];
  circle.push(circle);
  assert.throws(() => encode(circle), TypeError);
});

const decoder = new TextDecoder();

/** Frames and other text of a stream that comes in pieces of a size. */
function pieces(bytes: Uint8Array<ArrayBuffer>, size: number): { frames: string[]; text: string } {
  const reader = new FrameReader();
  const frames: string[] = [];
  let text = "";
  for (let at = 0; at < bytes.length; at += size) {
    for (const piece of reader.read(bytes.subarray(at, at + size))) {
      if ("frame" in piece) frames.push(decoder.decode(jsonIn(piece.frame)));
      else text += decoder.decode(piece.text, { stream: true });
    }
  }
  return { frames, text };
}

Deno.test("frames are found in a stream that carries other text, however it is cut", () => {
  const parts = [new TextEncoder().encode("banner\n"), frame('"ä"'), frame("2"), new TextEncoder().encode("a word")];
  const stream = new Uint8Array(flat(parts));
  for (const size of [1, 2, 3, 7, stream.length]) {
    assert.deepEqual(pieces(stream, size), { frames: ['"ä"', "2"], text: "banner\na word" }, `pieces of ${size}`);
  }
});

function flat(parts: readonly Uint8Array[]): number[] {
  return parts.flatMap((part) => [...part]);
}

Deno.test("a frame of any length comes out whole, alone or among others, and in parts of any size", () => {
  for (const length of [0, 1, 2, 1_000, 1_023, 1_024, 5_000, 100_000]) {
    const json = "x".repeat(length);
    const alone = frame(json);
    const among = new Uint8Array(flat([new TextEncoder().encode("a"), alone, alone, new TextEncoder().encode("b")]));
    for (const size of [1, 1_000, length + 1, length + 2, among.length]) {
      assert.deepEqual(pieces(alone, size), { frames: [json], text: "" }, `${length} in ${size}`);
      assert.deepEqual(pieces(among, size), { frames: [json, json], text: "ab" }, `${length} in ${size}`);
    }
  }
});

Deno.test("a frame without an end does not fill the memory", () => {
  const reader = new FrameReader();
  const endless = new Uint8Array(1 << 20).fill(32);
  assert.throws(() => {
    for (const _ of reader.read(new Uint8Array([0]))) { /* begins */ }
    for (let sent = 0; sent <= MAX_FRAME; sent += endless.length) for (const _ of reader.read(endless)) { /* none */ }
  }, { name: "TypeError", message: /too long/ });
});

Deno.test("bytes that are no UTF-8 are refused", () => {
  assert.throws(() => textOfJson(new Uint8Array([0xff])), TypeError);
});

const LISTS: readonly (readonly [string, number])[] = [
  ["1", 0],
  ['"[,:{"', 0],
  ['"\\\\"', 0],
  ['"\\",[[["', 0],
  ['"\\\\",[', 2],
  ['"\\\\\\",[', 0],
  ["[]", 1],
  ["[[],[],[]]", 6],
  ['{"a":{"b":[1,2]}}', 6],
  ['["a,b",{"c:d":",,,,"}]', 4],
  ['"open,,,,', 0],
];

for (const [json, count] of LISTS) {
  Deno.test(`${json} has ${count} values`, () => {
    const bytes = new TextEncoder().encode(json);
    assert.equal(hasMoreValues(bytes, count), false);
    if (count > 0) assert.equal(hasMoreValues(bytes, count - 1), true);
  });
}
