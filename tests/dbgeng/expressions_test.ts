/** Texts that never reach the engine: how deep expressions are, and what is no name. */
import assert from "node:assert/strict";
import { expressionFault, isTooDeep, MAX_DEPTH, plainSymbol, symbolFault } from "../../lib/dbgeng/expressions.ts";

/** Expressions of any depth, each level one more of the same. */
const LEVELS: Readonly<Record<string, (depth: number) => string>> = {
  "parentheses": (depth) => "(".repeat(depth) + "1" + ")".repeat(depth),
  "open parentheses": (depth) => "(".repeat(depth) + "1",
  "parentheses alone": (depth) => "(".repeat(depth),
  "parentheses with blanks": (depth) => "( ".repeat(depth) + "1",
  "brackets": (depth) => "[".repeat(depth) + "1",
  "braces": (depth) => "{".repeat(depth) + "1",
  "all brackets": (depth) => "([{".repeat(depth / 3) + "(".repeat(depth % 3),
  "sums in parentheses": (depth) => "(1+".repeat(depth) + "1" + ")".repeat(depth),
  "sums on the left": (depth) => "(".repeat(depth) + "1" + "+1)".repeat(depth),
  "minuses": (depth) => "-".repeat(depth) + "1",
  "minuses with blanks": (depth) => "- ".repeat(depth) + "1",
  "minuses behind an operand": (depth) => "1-" + "-".repeat(depth) + "1",
  "tildes": (depth) => "~".repeat(depth) + "1",
  "exclamation marks": (depth) => "!".repeat(depth) + "1",
  "stars": (depth) => "*".repeat(depth) + "1",
  "mixed signs": (depth) => "~-!+".repeat(depth / 4) + "-".repeat(depth % 4) + "1",
  "words": (depth) => "hi ".repeat(depth) + "1",
  "words of memory": (depth) => "poi ".repeat(depth) + "@rsp",
  "words in between": (depth) => "1 + " + "low ".repeat(depth) + "1",
  "a command's": (depth) => "? " + "(".repeat(depth) + "1",
  "a condition's": (depth) => `bp app!f ".if (${"(".repeat(depth - 1)}1`,
  "on lines": (depth) => "(\n".repeat(depth) + "1",
};

for (const [name, text] of Object.entries(LEVELS)) {
  Deno.test(`${name} may be ${MAX_DEPTH} deep, and no deeper`, () => {
    for (const depth of [0, 1, 2, 10, 100, MAX_DEPTH - 5]) {
      if (depth > 0 || !name.startsWith("a c")) assert.equal(isTooDeep(text(depth)), false, `${depth}`);
    }
    for (const depth of [MAX_DEPTH + 1, MAX_DEPTH + 5, 2 * MAX_DEPTH, 1_000]) {
      assert.equal(isTooDeep(text(depth)), true, `${depth}`);
    }
  });
}

Deno.test("several levels in front of each other are added up", () => {
  const pair = (times: number): string => "-(".repeat(times) + "1" + ")".repeat(times);
  assert.deepEqual([isTooDeep(pair(100)), isTooDeep(pair(101))], [false, true]);
  const call = (times: number): string => "poi(".repeat(times) + "1" + ")".repeat(times);
  assert.deepEqual([isTooDeep(call(200)), isTooDeep(call(201))], [false, true]);
  const blank = (times: number): string => "hi poi (".repeat(times) + "1";
  assert.deepEqual([isTooDeep(blank(100)), isTooDeep(blank(200))], [false, true]);
});

const FLAT = [
  "1" + "+1".repeat(2_000),
  "1" + " + 1".repeat(1_000),
  "1" + " - -1".repeat(800),
  "1" + " and 1".repeat(600),
  "1" + " mod 2 xor 3".repeat(300),
  "(1)+".repeat(1_000) + "1",
  "poi(@rsp)+".repeat(400) + "1",
  "a!b+".repeat(1_000) + "1",
  "1`".repeat(2_000),
  "x".repeat(4_096),
  ")".repeat(4_000),
];

for (const text of FLAT) {
  Deno.test(`${text.slice(0, 12)}… is flat, however long`, () => assert.equal(expressionFault(text), undefined));
}

Deno.test("an expression has at most 4,096 characters", () => {
  assert.equal(expressionFault("1".repeat(4_096)), undefined);
  assert.equal(expressionFault("1".repeat(4_097)), "longer than 4096 characters");
});

const NAMES = [
  ...["main", "app!main", "ntdll!NtClose", "_start", "a::b::c", "über!größe", "名", "0x1000", "a b"],
  ...["operator*", "app!operator*=", "A::operator->*", "app!operator *", "operator[]", "operator+", "operator()"],
  ...["holds<int *>", "app!holds<int *,char **>::at", "f(char *)", "app!f<g<int *> >(int *,...)"],
  ...["app!S::operator char const *", "S::operator int **", "app!f<int>::operator a::b<int *> *"],
  ...["?foo@@YAXXZ", "app!??DThing@@QEAAHH@Z", "app!?a@?1??b@@YAXXZ@4HA", "x".repeat(2_000)],
];

for (const name of NAMES) {
  Deno.test(`${name.slice(0, 40)} is a symbol's name`, () => assert.equal(symbolFault(name), undefined));
}

const NO_NAMES = [
  ...["", " ", "!", "*", "?", "**", "*!*", "app!", "app!*", "app! ", "app!?", "(", "app!()", "!!", "#", "[]", "<*>"],
  ...["a*", "*a", "a*b", "app!ma?n", "ap*!main", "?pp!main", "a*b*c", "*".repeat(1_000) + "1", "f<int>*", "operatorx*"],
  ...["a\0", "a\nb", "a\u007f", "\ta", "x".repeat(2_001), "operator*".repeat(300), "operator a?*"],
];

for (const name of NO_NAMES) {
  Deno.test(`${JSON.stringify(name).slice(0, 40)} is no symbol's name`, () => {
    assert.match(symbolFault(name) ?? "", /^(?:no name|a pattern; .*|longer than 2000 .*|a text with control .*)$/);
  });
}

Deno.test("signs of the engine's patterns are plain in a symbol's name", () => {
  assert.equal(plainSymbol("app!main"), "app!main");
  assert.equal(plainSymbol("app!take<char *>"), "app![t]ake<char \\*>");
  assert.equal(plainSymbol("app!?take@@YAXXZ"), "app!\\?[t]ake@@YAXXZ");
  assert.equal(plainSymbol("a*b?c#d[e]f+g\\h"), "[a]\\*b\\?c\\#d\\[e\\]f\\+g\\\\h");
});
