/** What a script prints on its way to a terminal: nothing of it is left there. */
import assert from "node:assert/strict";
import { Output } from "../../lib/script/output.ts";
import { OutputCleaner, piecesOf, visible } from "../../lib/script/visible.ts";

/** What comes out of a text in pieces of a size, with its end. */
function cleaned(text: string, size: number): string {
  const cleaner = new OutputCleaner();
  const bytes = new TextEncoder().encode(text);
  let clean = "";
  for (let at = 0; at < bytes.length; at += size) clean += cleaner.clean(bytes.subarray(at, at + size));
  return clean + cleaner.end();
}

const E = "\u001b";
const RED = `${E}[31m`;
const PLAIN = `${E}[0m`;

const TEXTS: readonly (readonly [text: string, clean: string])[] = [
  ["plain\n\ttext", "plain\n\ttext"],
  [`${RED}red`, `${RED}red${PLAIN}`],
  [`${RED}red${PLAIN} plain`, `${RED}red${PLAIN} plain`],
  [`${RED}red${E}[m plain`, `${RED}red${E}[m plain`],
  [`${RED}red${E}[00m`, `${RED}red${E}[00m`],
  [`${E}[8mhidden`, `${E}[8mhidden${PLAIN}`],
  [`${E}[7m`, `${E}[7m${PLAIN}`],
  [`${E}[5;1mblinks\n`, `${E}[5;1mblinks\n${PLAIN}`],
  [`${E}[38;5;0mblack`, `${E}[38;5;0mblack${PLAIN}`],
  [`${E}[38;2;1;2;3mrgb`, `${E}[38;2;1;2;3mrgb${PLAIN}`],
  [`${E}[4:3mcurly`, `${E}[4:3mcurly${PLAIN}`],
  [`${E}[1;0m`, `${E}[1;0m${PLAIN}`],
  [`${PLAIN}${RED}${PLAIN}${E}[1mbold`, `${PLAIN}${RED}${PLAIN}${E}[1mbold${PLAIN}`],
  ...[
    "?25l",
    "?25h",
    "?1049h",
    "?7l",
    "2J",
    "H",
    "1;1H",
    "6n",
    "c",
    "r",
    "5;10r",
    "4h",
    "20h",
    "!p",
    "?1000h",
    "?2004h",
    "1 q",
    "3g",
  ]
    .map((mode) => [`a${E}[${mode}b`, "ab"] as const),
  ...["7", "8", "c", "D", "E", "M", "N", "O", "=", ">", "Z", "(0", ")B", "#8", "%G", " F"]
    .map((sequence) => [`a${E}${sequence}b`, "ab"] as const),
  [`${E}]0;title\u0007text`, "text"],
  [`${E}]52;c;aGk=${E}\\text`, "text"],
  [`${E}]8;;http://evil${E}\\link`, "link"],
  [`${E}]0;no end\nnext`, "\nnext"],
  [`${E}Pq#0~${E}\\text`, "text"],
  [`${E}_Gf=100${E}\\text`, "text"],
  [`${E}^x${E}\\text`, "text"],
  [`${E}Xx${E}\\text`, "text"],
  ["\u009b31mtext", "31mtext"],
  ["\u009d0;title\u009ctext", "0;titletext"],
  ["a\rb\bc\u0000d\u0007e\u000ef\u000fg\u007fh", "abcdefgh"],
  [`end${E}`, "end"],
  [`end${E}[`, "end"],
  [`end${E}[3`, "end"],
  [`end${E}[31;1`, "end"],
  [`end${E}]0;tit`, "end"],
  [`end${E}P`, "end"],
  [`end${E}(`, "end"],
  [`${RED}red${E}[0`, `${RED}red${PLAIN}`],
  [`${E}[${"1;".repeat(40)}mtext`, "text"],
  ["right\u202eleft", "right\u202eleft\n"],
  ["right\u202eleft\nplain", "right\u202eleft\nplain"],
  ["\u2066isolate", "\u2066isolate\n"],
  [`${RED}\u202ered`, `${RED}\u202ered${PLAIN}\n`],
  ["grüße 名 😀", "grüße 名 😀"],
];

for (const [text, clean] of TEXTS) {
  Deno.test(`${JSON.stringify(text).slice(0, 50)} leaves nothing behind it, however it is cut`, () => {
    for (const size of [1, 2, 3, 5, 1_000]) assert.equal(cleaned(text, size), clean, `${size}`);
  });
}

Deno.test("no piece ends inside a sequence or a character: what others say in between is not taken for its rest", () => {
  const text = `${RED}a😀${E}[38;2;100;100;100mb${PLAIN}`.repeat(20);
  for (let length = 1; length < 40; length++) {
    const pieces = [...piecesOf(text, length)];
    assert.equal(pieces.join(""), text);
    for (const piece of pieces) {
      assert.ok(piece.isWellFormed(), JSON.stringify(piece));
      // deno-lint-ignore no-control-regex -- it is what is looked for
      assert.doesNotMatch(piece, /\u001b(?:\[[\d;]*)?$/);
      assert.ok(piece.length < length + 25);
    }
  }
});

Deno.test("a stream that ends in a colour gives the terminal back, and so does one that is held meanwhile", async () => {
  let text = "";
  const output = new Output();
  const stream = output.stream((part) => void (text += part));
  const letGo = output.hold();
  const writing = stream.write(new TextEncoder().encode(`${RED}alarm`)).then(() => stream.end());
  assert.equal(text, "");
  letGo();
  await writing;
  assert.equal(text, `${RED}alarm${PLAIN}`);
});

const HIDDEN = ["\u0000", "\n", "\r", E, "\u007f", "\u009b", "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u180e"]
  .concat(
    [
      "\u200b",
      "\u200d",
      "\u200e",
      "\u2028",
      "\u2029",
      "\u202e",
      "\u2066",
      "\u2060",
      "\u2800",
      "\u3000",
      "\u3164",
      "\ufe0f",
    ],
    [
      "\ufeff",
      "\uffa0",
      "\ufff9",
      "\ud800",
      "\ue000",
      "\u00a0",
      "\u2003",
      "\u{e0001}",
      "\u{e0100}",
      "\u{f0000}",
      "\u0378",
    ],
  );

for (const sign of HIDDEN) {
  const code = `U+${sign.codePointAt(0)?.toString(16)}`;
  Deno.test(`${code} is shown for what it is`, () => {
    assert.equal(visible(`a${sign}b`), `a\\u{${sign.codePointAt(0)?.toString(16)}}b`);
  });
}
