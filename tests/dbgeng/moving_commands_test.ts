/** Which commands are known to have the program run before the engine sees them. */
import assert from "node:assert/strict";
import { nestingFault } from "../../lib/dbgeng/expressions.ts";
import { movesProgram } from "../../lib/dbgeng/moving_commands.ts";

const MOVING = [
  ...[
    "g",
    "gh",
    "gn",
    "gN",
    "gu",
    "gc",
    "p",
    "pa",
    "pc",
    "pct",
    "ph",
    "pt",
    "t",
    "ta",
    "tb",
    "tc",
    "tct",
    "th",
    "tt",
    "wt",
  ],
  ...[
    ".restart",
    "G",
    "  g  ",
    "g 0x401000",
    "g=0x401000",
    "g @$ra",
    "p 5",
    "p5",
    "pr",
    't 10 "k"',
    "wt -l 3",
    "pa app!f",
  ],
  ...[
    "k;g",
    "k ; p",
    ";g",
    "g;",
    "~0s;g",
    "~0s ; g",
    "~*e g",
    "~* e g",
    "~.e p",
    "~#e t",
    "~2 g",
    "~[1a2b]s;p",
    "|1s;g",
    "~*e k;g",
  ],
  ...[
    ".if (1) {g}",
    ".if (@eax == 0) { k } .else { g }",
    ".if (1) { .if (0) { k } .elsif (1) { p } }",
    ".block{g}",
    ".while (1) { t }",
  ],
  ...[
    ".for (r $t0=0; @$t0<5; r $t0=@$t0+1) { p }",
    ".foreach (x { lm }) { g }",
    ".foreach (x {g}) { k }",
    ".do { t } (@eax)",
    ".catch {g}",
  ],
  ...[
    "j (@eax=0) 'g' ; 'k'",
    "j @eax==0 'k';'p'",
    'j (1) "g";"k"',
    "j (@eax=0) g ; k",
    ".if (1) {k}; g",
    ".if (1) {k} g",
    "k\ng",
  ],
  ...["~.t", "~.p", "~.g", "~.gu", "~0t", "~2p", "~12g", "~*t", "~#gu", "~.T", "~.pr", "~.p5", "~.pa app!f", "~[0]t"],
  ...[
    "~~[1a2b]t",
    "~~[1a2b] g",
    "~~[1a2b]e g",
    "~.et",
    "~0eg",
    "~*ek;t",
    "~0s;g",
    "|0g",
    "|*g",
    "|#t",
    "||0g",
    "~ 0 g",
  ],
  ...[
    "~*e .if (1) {g}",
    "~*e.if (1) {k} .else {t}",
    "~0e .block{g}",
    "~.e .while (1) { .if (1) {t} }",
    "~0e j (1) 't'",
  ],
  ...["~0e ~0 g", "|0 ~0 g", ".if (1) { ~.t }", "j (1) '~.t'", "~.k;~.g"],
  ...['.echo "a;b"; g', '.printf "%d;\\n", 1; p', 'bp app!f "k"; g', ".echo g; g", "? (1;2); t", "$$ a comment ; g"],
];

const HARMLESS = [
  ...[
    "",
    "? poi(g)",
    "? g",
    "?? g",
    "ln g",
    ".echo g",
    ".echo p; k",
    "dt g",
    "dt app!g",
    'bp x "g"',
    'bp x "k;g"; k',
    "x mod!g*",
    "r",
  ],
  ...[
    "kp",
    "kP",
    "lm",
    "lm t n",
    "u g",
    "db p",
    "dv t",
    "!g",
    "!p;k",
    '.printf "g"',
    'sxe -c "g" av',
    "bl",
    "bc *",
    ".lines -e",
  ],
  ...[
    "* g",
    "k;* g",
    "as x g",
    "as /x x g",
    "~",
    "~*k",
    "~*",
    "~0s",
    "~. f",
    "~#",
    "|",
    "||",
    "|*",
    ".if (g) {k}",
    ".if (@eax == p) { ? t }",
  ],
  ...[
    "dx new { g = 1 }",
    "dx @$p.Select(t => g)",
    ".foreach (p { lm }) { ? p }",
    "j (g) 'k' ; 'r'",
    "j g==1 'k';'lm'",
    ".for (g=0; p; t) {k}",
  ],
  ...[
    "gflags",
    "part",
    "tree",
    "wtf",
    "pcx",
    ".restarts",
    "time",
    ".reload",
    ".detach",
    "s -a 0 l4 g",
    "e p 1",
    "n",
    "~e",
    "ttime",
    "g!f",
    "p.q",
  ],
  ...[
    '.echo "{g}"',
    '.if (1) { .echo "g" }',
    "!list -t g p",
    ".frame 1;dv",
    "$$ g",
    "$$>a<c:\\g",
    "poi(g)",
    "!analyze -v;lm",
  ],
];

Deno.test("commands that have the program run are known wherever they stand", () => {
  for (const command of MOVING) assert.ok(movesProgram(command), command);
});

Deno.test("no other command is taken for one of them", () => {
  for (const command of HARMLESS) assert.ok(!movesProgram(command), command);
});

Deno.test("commands with a lot in them are looked through in no time, or refused before", () => {
  const begin = performance.now();
  for (const text of ["~", "~0e ", "~[", "|", '"', "j (1) '", 'j 1 \'j 1 "r" ', "r;", ".if (1) { r } "]) {
    assert.equal(movesProgram(text.repeat(2_000)), false, text);
  }
  for (const text of ["(", '(("', "{", "[", ".if (1) {", ".block { ", "r; .if (1) { (", "? (1) + ("]) {
    assert.match(nestingFault(text.repeat(2_000)) ?? "", /^nested deeper than 200 levels$/, text);
    const most = text.repeat(200 / text.replaceAll(/[^({[]|\(1\)/g, "").length);
    assert.deepEqual([nestingFault(most), movesProgram(most)], [undefined, false], text);
  }
  assert.ok(movesProgram("(".repeat(20_000) + ")".repeat(20_000) + ";g"));
  assert.ok(movesProgram(`${"r;".repeat(20_000)}g`));
  assert.ok(movesProgram(`${".if (1) {".repeat(200)}g`));
  assert.ok(performance.now() - begin < 2_000);
});
