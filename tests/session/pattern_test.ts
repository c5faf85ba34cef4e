/** Patterns with `*` and `?`. */
import assert from "node:assert/strict";
import { fits } from "../../lib/session/pattern.ts";

/** What a pattern means, as a regular expression says it. */
function means(pattern: string, text: string): boolean {
  const source = pattern.split(/([*?])/).map((part) => part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part));
  return new RegExp(`^${source.join("")}$`, "isu").test(text);
}

/** All texts of some signs, up to a length. */
function* texts(signs: string, length: number): Generator<string, void, void> {
  yield "";
  if (length === 0) return;
  for (const text of texts(signs, length - 1)) for (const sign of signs) yield text + sign;
}

Deno.test("a pattern fits what it means", () => {
  const [patterns, names] = [[...new Set(texts("aB*?", 5))], [...new Set(texts("Ab", 5))]];
  for (const pattern of patterns) {
    for (const name of names) assert.equal(fits(pattern, name), means(pattern, name), `"${pattern}" and "${name}"`);
  }
  for (
    const [pattern, name] of [["a.exe", "abexe"], ["*[1]+(x)^$|{2}\\*", "A[1]+(X)^$|{2}\\b"], ["gr?sse*", "GRÜSSE 🐞"]]
  ) {
    assert.equal(fits(pattern ?? "", name ?? ""), means(pattern ?? "", name ?? ""), pattern);
  }
});

Deno.test("no pattern takes long, whatever its stars", () => {
  const begin = performance.now();
  const name = "a".repeat(260);
  for (
    const pattern of [`${"*".repeat(1000)}|`, `${"*a".repeat(500)}b`, `${"*a?".repeat(80)}b`, `${"a*".repeat(259)}b*`]
  ) {
    assert.equal(fits(pattern, name), false);
  }
  assert.ok(performance.now() - begin < 500);
});
