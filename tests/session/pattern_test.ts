/** Patterns of names: what fits, and in how many steps. */
import assert from "node:assert/strict";
import { matches } from "../../lib/cli/commands/ps.ts";
import { namesImage } from "../../lib/script/names.ts";
import { policyOf } from "../../lib/session/children.ts";
import { fitsPattern, fitsSigns } from "../../lib/session/pattern.ts";
import { matches as diagnosticMatches } from "../../scripts/shared/diagnostic.ts";

const FITS: readonly (readonly [pattern: string, name: string])[] = [
  ["", ""],
  ["*", ""],
  ["***", ""],
  ["*", "app.exe"],
  ["app.exe", "APP.exe"],
  ["a?p*", "app"],
  ["a*", "a"],
  ["*a", "a"],
  ["*a*", "banana"],
  ["*ana", "banana"],
  ["ban*na", "banana"],
  ["*an*an*", "banana"],
  ["b*?", "ba"],
  ["*?", "x"],
  ["??*??", "abcd"],
  ["*ab?d*f", "ababcdef"],
  ["*aab", "aaaab"],
  ["?", "😀"],
  ["*😀", "a😀"],
  ["grüße*", "GRÜßE.exe"],
  ["Σ*", "σx"],
  ["a\n*", "A\nb"],
  ["[a].(b)+|^$\\{1}", "[A].(B)+|^$\\{1}"],
  ["a*b*c*d", "a--b--c--d"],
  ["*.ex?", "x.ex.exe"],
];

const DOES_NOT_FIT: readonly (readonly [pattern: string, name: string])[] = [
  ["", "a"],
  ["?", ""],
  ["a", ""],
  ["a", "ab"],
  ["ab", "a"],
  ["a?", "a"],
  ["*a", "ab"],
  ["a*", "ba"],
  ["*ab*ab*", "abb"],
  ["??*??", "abc"],
  ["*aab", "aaba"],
  ["a.exe", "abexe"],
  [".*", "abc"],
  ["lsass.exe", "lſass.exe"], // the long s, whose upper case is S
  ["k.exe", "\u212a.exe"], // the sign of Kelvin, whose lower case is k
  ["i.exe", "\u0131.exe"],
  ["ss.exe", "ß.exe"],
];

for (const [pattern, name] of FITS) {
  Deno.test(`${JSON.stringify(pattern)} fits ${JSON.stringify(name)}`, () => {
    assert.ok(fitsPattern(pattern, name));
    assert.ok(diagnosticMatches(pattern, name));
  });
}

for (const [pattern, name] of DOES_NOT_FIT) {
  Deno.test(`${JSON.stringify(pattern)} does not fit ${JSON.stringify(name)}`, () => {
    assert.ok(!fitsPattern(pattern, name));
    if (/^[ -~]*$/.test(name)) assert.ok(!diagnosticMatches(pattern, name));
  });
}

/** How often a sign of the name is looked at. */
function steps(pattern: string, name: string): number {
  let count = 0;
  const counting = new Proxy([...name], {
    get(target, key): unknown {
      if (typeof key === "string" && /^\d+$/.test(key)) count++;
      return Reflect.get(target, key);
    },
  });
  fitsSigns([...pattern], counting);
  return count;
}

Deno.test("however many stars a pattern has, it takes no more steps than both lengths multiplied", () => {
  const long = "a".repeat(10_000);
  const times = 1_000;
  assert.ok(steps("*".repeat(times) + "|", long) <= 2 * long.length);
  assert.ok(steps("*a".repeat(times) + "|", long) <= 4 * long.length);
  assert.ok(steps("*a*".repeat(times), long) <= 4 * long.length);
  assert.ok(steps("*?".repeat(times) + "|", long) <= 4 * long.length);
  assert.ok(steps("*" + "a".repeat(20) + "|", long) <= 22 * long.length); // only what is behind the last star is tried again
  assert.ok(steps("*aab".repeat(times), "aab".repeat(times - 1)) <= 6 * times);
  assert.ok(steps("a?".repeat(times), long) <= 2 * times);
});

Deno.test("children, rights, lists and diagnostics have these patterns", () => {
  const [pattern, name] = ["*a".repeat(20) + "|", "a".repeat(300)];
  const process = { processId: 1, name, description: "", path: "", commandLine: "" };
  const ask = (one: string): unknown[] => [
    policyOf([{ pattern: one, policy: "follow" }], name) === "follow",
    namesImage(one, name),
    matches(process, one),
    diagnosticMatches(one, name),
  ];
  assert.deepEqual(ask(pattern), [false, false, false, false]);
  assert.deepEqual(ask("*a".repeat(20)), [true, true, true, true]);
});
