/** Flags, what a script declares, what it imports, and how what it says is shown. */
import assert from "node:assert/strict";
import { declaredRights } from "../../lib/script/declared.ts";
import { graphFault, type GraphLimits } from "../../lib/script/graph.ts";
import { isRightFlag, parseRights } from "../../lib/script/rights.ts";
import { OutputCleaner, quoted, visible } from "../../lib/script/visible.ts";

Deno.test("lists are joined, and a flag without one stands for everything", () => {
  const { rules } = parseRights([
    "--allow-attach=a.exe,b.exe",
    "--allow-attach=c.exe",
    "--deny-attach",
    "--allow-control",
  ]);
  assert.deepEqual(rules.attach, {
    allow: { all: false, list: ["a.exe", "b.exe", "c.exe"] },
    deny: { all: true, list: [] },
  });
  assert.equal(rules.control.allow.all, true);
  assert.equal(rules.launch.allow.all, false);
});

Deno.test("without a word the script's process has none of Deno's permissions", () => {
  const denies = ["read", "write", "net", "env", "sys", "import", "ffi", "run"].map((name) => `--deny-${name}`);
  assert.deepEqual(parseRights([]).denoFlags, denies);
});

Deno.test("Deno's flags go to the script's process, and take the place of its deny", () => {
  const { denoFlags } = parseRights(["--allow-net=lab7:80", "-R=data", "--deny-write=/x", "--deny-run"]);
  assert.deepEqual(denoFlags.slice(0, 4), [
    "--allow-net=lab7:80",
    "--allow-read=data",
    "--deny-write=/x",
    "--deny-run",
  ]);
  assert.deepEqual(denoFlags.slice(4), ["--deny-write", "--deny-env", "--deny-sys", "--deny-import", "--deny-ffi"]);
});

const BAD = [
  "-A",
  "--allow-all",
  "--allow-ffi",
  "--allow-ffi=x",
  "--allow-run",
  "--allow-run=deno",
  "--allow-scripts",
  "--allow-x",
];

for (
  const flag of [
    ...BAD,
    "--allow-control=x",
    "--allow-attach=",
    "--allow-attach=,",
    "attach",
    "--allow-__proto__",
    "--allow-constructor",
  ]
) {
  Deno.test(`${flag} is refused`, () => {
    assert.throws(() => parseRights([flag]), TypeError);
  });
}

Deno.test("an option of the command's own is no right", () => {
  for (const word of ["--allow-declared", "--no-prompt", "--deadline=5", "script.ts", "--"]) {
    assert.equal(isRightFlag(word), false);
  }
});

const DECLARED: readonly (readonly [string, readonly string[] | undefined])[] = [
  ["console.log(1);", undefined],
  ["export const rights = [];", []],
  ['import "x";\nexport const rights = ["--allow-attach=app.exe", \'--allow-control\'];', [
    "--allow-attach=app.exe",
    "--allow-control",
  ]],
  [
    'export const rights: readonly string[] = [ // why\n  "--allow-control", /* more */\n  "--allow-dump=C:\\\\d",\n] as const;',
    ["--allow-control", "--allow-dump=C:\\d"],
  ],
  ['// export const rights = ["--allow-control"];', undefined],
];

for (const [source, flags] of DECLARED) {
  Deno.test(`declared by ${JSON.stringify(source).slice(0, 60)}: ${flags ?? "nothing"}`, () => {
    assert.deepEqual(declaredRights(source), flags);
  });
}

for (
  const list of [
    "`--allow-control`",
    "...more",
    "x",
    '"--allow" + "-control"',
    '"--allow-control" "--allow-dump"',
    '"-x"',
    "1",
    '"unended',
    "",
  ]
) {
  Deno.test(`a declaration that is not plain is refused: ${list}`, () => {
    const source = `export const rights = [${list}`;
    assert.throws(() => declaredRights(list === "" ? source : `${source}];`), TypeError);
  });
}

const LIMITS: GraphLimits = {
  script: "file:///home/u/s/main.ts",
  latch: "file:///opt/latch/",
  hosts: { all: false, list: ["lab7", "lab8:8080", "LAB9"] },
  realPath: (path) => path.replace("/home/u/s/link/", "/etc/"),
};

const IMPORTS: readonly (readonly [string, boolean])[] = [
  ["file:///home/u/s/main.ts", true],
  ["file:///home/u/s/sub/a.js", true],
  ["file:///home/u/s/data.json", true],
  ["file:///opt/latch/mod.ts", true],
  ["file:///opt/latch/lib/a.ts", true],
  ["node:fs", true],
  ["data:text/javascript,1", true],
  ["https://lab7/x.ts", true],
  ["http://lab8:8080/x.ts", true],
  ["https://lab9/x.ts", true],
  ["https://lab90/x.ts", false],
  ["file:///home/u/s/notes.txt", false],
  ["file:///home/u/s/m.wasm", false],
  ["file:///home/u/other.ts", false],
  ["file:///home/u/s/../secret.json", false],
  ["file:///home/u/s2/a.ts", false],
  ["file:///home/u/s/link/a.json", false],
  ["file://lab7/share/a.ts", false],
  ["file:///etc/passwd", false],
  ["http://lab7.evil/x.ts", false],
  ["http://lab8/x.ts", false],
  ["npm:chalk", false],
  ["jsr:@std/assert", false],
  ["blob:null/x", false],
  ["ext:core/x", false],
];

for (const [specifier, allowed] of IMPORTS) {
  Deno.test(
    { name: `${specifier} ${allowed ? "may" : "must not"} be imported`, ignore: Deno.build.os === "windows" },
    () => {
      const fault = graphFault({ roots: [], modules: [{ specifier }] }, LIMITS);
      assert.equal(fault === undefined, allowed, fault);
    },
  );
}

Deno.test("a script and a Latch that come from a server bring their own modules", () => {
  const limits = { ...LIMITS, script: "https://s.lab/a/main.ts", latch: "https://l.lab/latch@1/" };
  const fault = (specifier: string): string | undefined => graphFault({ roots: [], modules: [{ specifier }] }, limits);
  assert.equal(fault("https://s.lab/a/b/c.ts"), undefined);
  assert.equal(fault("https://l.lab/latch@1/mod.ts"), undefined);
  assert.match(fault("https://s.lab/b.ts") ?? "", /--allow-import=s\.lab:443/);
  assert.match(fault("file:///home/u/x.ts") ?? "", /outside/);
});

Deno.test("what is shown of a script hides nothing and stays on its line", () => {
  assert.equal(visible("a\nb\r\u001b[2J\u202e\u200bx"), "a\\u{a}b\\u{d}\\u{1b}[2J\\u{202e}\\u{200b}x");
  assert.equal(quoted('a" or "b'), '"a\\" or \\"b"');
  assert.equal(visible("x".repeat(500)).length, 201);
});

/** What comes out of a cleaner, whatever pieces the bytes come in. */
function cleaned(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const results = [1, 2, 3, 1000].map((size) => {
    const cleaner = new OutputCleaner();
    let out = "";
    for (let at = 0; at < bytes.length; at += size) out += cleaner.clean(bytes.subarray(at, at + size));
    return out + cleaner.end();
  });
  assert.equal(new Set(results).size, 1, JSON.stringify(results));
  return results[0] ?? "";
}

const OUTPUTS: readonly (readonly [string, string])[] = [
  ["plain ü 🙂\n\ttext\n", "plain ü 🙂\n\ttext\n"],
  ["\u001b[1;31mred\u001b[0m", "\u001b[1;31mred\u001b[0m"],
  ["a\u001b[2Jb\u001b[10;10Hc\u001b[?25ld", "abcd"],
  ["\u001b]0;title\u0007x\u001b]52;c;aGk=\u001b\\y", "xy"],
  ["\u001bP1$r\u001b\\z\u001bcq\u001b(0w", "zqw"],
  ["over\rwrite\b\u0007\u0000\u009b2J", "overwrite2J"],
  ["end\u001b[", "end"],
  ["\u001b]0;never ends\nnext", "\nnext"],
];

for (const [text, expected] of OUTPUTS) {
  Deno.test(`of ${JSON.stringify(text)} a terminal gets ${JSON.stringify(expected)}`, () => {
    assert.equal(cleaned(text), expected);
  });
}
