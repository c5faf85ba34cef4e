/** What crosses the stream comes out as it went in, and nothing else comes out. */
import assert from "node:assert/strict";
import { decode, encode } from "../../lib/remote/codec.ts";
import { frame, FrameReader, MAX_FRAME } from "../../lib/remote/framing.ts";

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
      if ("json" in piece) frames.push(piece.json);
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

Deno.test("a frame without an end does not fill the memory, and bytes that are no UTF-8 are refused", () => {
  const reader = new FrameReader();
  const endless = new Uint8Array(1 << 20).fill(32);
  assert.throws(() => {
    for (const _ of reader.read(new Uint8Array([0]))) { /* begins */ }
    for (let sent = 0; sent <= MAX_FRAME; sent += endless.length) for (const _ of reader.read(endless)) { /* none */ }
  }, { name: "TypeError", message: /too long/ });
  assert.throws(() => [...new FrameReader().read(new Uint8Array([0, 0xff, 10]))], TypeError);
});
