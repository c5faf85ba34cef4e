/** Symbol paths: what the engine would make of each, which rights that takes, and what it is given in the end. */
import assert from "node:assert/strict";
import type { Question } from "../../lib/script/permissions.ts";
import { parseRights } from "../../lib/script/rights.ts";
import { engine, guard } from "./guard_support.ts";

const MICROSOFT = "https://msdl.microsoft.com/download/symbols";
/** Whether `C:\A` and `c:\a` are one place. */
const ONE_CASE = Deno.build.os === "windows";

/** What a symbol path needs, each as the error names it, and what the engine gets for it. */
const NEEDS: readonly (readonly [given: string, needs: readonly string[], passed: string])[] = [
  // What is empty stands for nothing: the engine would take a place of its own.
  ...["", ";", " ", ";;", " ; ", "\u00a0", "; ;;"].map((given) => [given, [], ""] as const),
  // No store: Microsoft's server and the engine's own cache.
  ...["srv*", "SRV*", " srv*", "srv* ", "srv *", ";srv*;", "sRv*"].map((given) =>
    [given, ["cache*", MICROSOFT], "srv*"] as const
  ),
  ["srv**", ["cache*", MICROSOFT], "srv**"],
  ["srv* * ", ["cache*", MICROSOFT], "srv**"],
  ["srv***", ["cache*", MICROSOFT], "srv***"],
  ["symsrv*symsrv.dll", ["cache*", MICROSOFT], "symsrv*symsrv.dll*"],
  ["symsrv*symsrv.dll*", ["cache*", MICROSOFT], "symsrv*symsrv.dll*"],
  ["SymSrv*SymSrv.DLL**", ["cache*", MICROSOFT], "symsrv*symsrv.dll**"],
  ["cache*c:\\c;srv*", ["c:\\c", "cache*", MICROSOFT], "cache*c:\\c;srv*"],
  // No cache: the engine's own.
  ...["cache*", "CACHE*", "cache**", "cache* ", "cache *"].map((given) => [given, ["cache*"], "cache*"] as const),
  ["srv*https://sym.lab/x", ["cache*", "https://sym.lab/x"], "srv*https://sym.lab/x"],
  ["https://sym.lab/x", ["cache*", "https://sym.lab/x"], "https://sym.lab/x"],
  ["srv**https://sym.lab/x", ["cache*", "https://sym.lab/x"], "srv**https://sym.lab/x"],
  ["srv***https://sym.lab/x", ["cache*", "https://sym.lab/x"], "srv***https://sym.lab/x"],
  ["srv*c:\\c**https://sym.lab/x", ["cache*", "c:\\c", "https://sym.lab/x"], "srv*c:\\c**https://sym.lab/x"],
  [
    "srv*https://a.lab*https://b.lab",
    ["cache*", "https://a.lab/", "https://b.lab/"],
    "srv*https://a.lab/*https://b.lab/",
  ],
  ["srv*c:\\store", ["cache*", "c:\\store"], "srv*c:\\store"],
  ["srv*\\\\lab7\\sym", ["cache*", "\\\\lab7\\sym"], "srv*\\\\lab7\\sym"],
  ["symsrv*symsrv.dll*https://sym.lab", ["cache*", "https://sym.lab/"], "symsrv*symsrv.dll*https://sym.lab/"],
  ["srv*https://sym.lab;cache*c:\\c", ["cache*", "https://sym.lab/", "c:\\c"], "srv*https://sym.lab/;cache*c:\\c"],
  // All places are named.
  ["c:\\a", ["c:\\a"], "c:\\a"],
  ["c:/a/../b;;c:\\c ", ["c:\\b", "c:\\c"], "c:\\b;c:\\c"],
  [" c:\\a ; c:\\b", ["c:\\a", "c:\\b"], "c:\\a;c:\\b"],
  ["srv*c:\\c*https://sym.lab/x", ["c:\\c", "https://sym.lab/x"], "srv*c:\\c*https://sym.lab/x"],
  ["srv*\\\\lab7\\c*https://sym.lab/x", ["\\\\lab7\\c", "https://sym.lab/x"], "srv*\\\\lab7\\c*https://sym.lab/x"],
  ["cache*c:\\c;srv*https://sym.lab/x", ["c:\\c", "https://sym.lab/x"], "cache*c:\\c;srv*https://sym.lab/x"],
  ["cache*c:\\c;srv*c:\\s;c:\\b", ["c:\\c", "c:\\s", "c:\\b"], "cache*c:\\c;srv*c:\\s;c:\\b"],
  ["srv*c:\\c*c:\\d*https://sym.lab", ["c:\\c", "c:\\d", "https://sym.lab/"], "srv*c:\\c*c:\\d*https://sym.lab/"],
  ["http:c:\\a", ["cache*", "http://c/a"], "http://c/a"],
  ["HTTPS://SYM.lab:443/x;cache*c:\\c", ["cache*", "https://sym.lab/x", "c:\\c"], "https://sym.lab/x;cache*c:\\c"],
];

/** What came of a symbol path with some rights: what the engine was given, or the error. */
async function opened(symbolPath: string, rights: readonly string[]): Promise<string> {
  const passed: string[] = [];
  const fake = engine([], { open: (options) => passed.push((options as { symbolPath: string }).symbolPath) });
  try {
    await guard(fake, rights).call("open", { symbolPath });
    assert.equal(passed.length, 1);
    return `passed ${passed[0]}`;
  } catch (error) {
    assert.deepEqual(passed, []);
    return `${error}`;
  }
}

for (const [given, needs, passed] of NEEDS) {
  Deno.test(`${JSON.stringify(given)} needs ${needs.join(" and ") || "nothing"}`, async () => {
    const rights: string[] = [];
    for (const need of needs) { // one right after another, until it is through
      const told = await opened(given, rights);
      assert.ok(told.startsWith(`NotCapable: Requires symbols access to "${need}", run again with `), told);
      rights.push(`--allow-symbols=${need}`);
    }
    assert.equal(await opened(given, rights), `passed ${passed}`);
  });
}

const understood = /: symbolPath is one with ".*\*", which is not understood; write srv\*CACHE\*SERVER$/;
const variable = /: symbolPath is one with %, where the engine puts variables of its machine in; write places out$/;
const library = /: symbolPath is one with a library of its own$/;
const ends = /: symbolPath is one that ends in a \*: write what stands behind it$/;
const one = /: symbolPath is one where more than a folder stands behind cache\*$/;
const server = /: symbolPath is one with a server that is not understood$/;
const share = /: symbolPath is one with a share that is not understood$/;
const signs = /: symbolPath is a path with characters that names cannot have$/;

/** With all of the right, too. */
const REFUSED: readonly (readonly [given: string, reason: RegExp])[] = [
  ...["*", "**", "x*", "*c:\\a", "c:\\a*", "c:\\a*c:\\b", "srv1*", "s rv*", "srv;*", "symstore*c:\\a", "srv\u200b*"]
    .map((given) => [given, understood] as const),
  ...["%", "%PATH%", "c:\\builds\\%PATH%", "c:\\100%", "srv*%TEMP%", "cache*%TEMP%", "%SystemRoot%", "c:\\a;%OS%"].map((
    given,
  ) => [given, variable] as const),
  ...["c:\\%;c:\\%", "srv*c:\\c*https://sym.lab/%PATH%", "https://sym.lab/a%20b", "%%", "\\\\lab7\\%OS%", "%=C:%"].map((
    given,
  ) => [given, variable] as const),
  ...["symsrv*", "symsrv**c:\\a", "symsrv*evil.dll*c:\\a", "symsrv*c:\\evil.dll*", "symsrv*symsrv*c:\\a"].map((given) =>
    [given, library] as const
  ),
  ...["srv*c:\\a*", "srv*c:\\a**", "srv**c:\\a*", "srv*https://sym.lab*", "symsrv*symsrv.dll*c:\\a*"].map((given) =>
    [given, ends] as const
  ),
  ...["cache*c:\\a*", "cache*c:\\a*c:\\b", "cache**c:\\a", "cache*https://sym.lab", "cache*c:\\a*https://sym.lab"].map((
    given,
  ) => [given, one] as const),
  ...[
    "https:",
    "https://",
    "srv*https://u@sym.lab",
    "https://u:p@sym.lab",
    "https://sym.lab/a b",
    "https://[x",
    // What the server makes of it is its own affair, or DNS'.
    "https://evil.lab/#sym.lab",
    "https://evil.lab?sym.lab",
    "https://sym.lab/x?",
    "https://sym.lab./x",
    "http://lab7.:80/x",
  ]
    .map((given) => [given, server] as const),
  ...[
    "\\\\lab7",
    "\\\\?\\c:\\a",
    "\\\\.\\c:",
    "\\\\lab7\\a\\..\\b",
    "\\\\lab7\\a\\.",
    "\\\\lab 7\\a",
    "srv*\\\\?\\UNC\\lab7\\a",
  ].map((
    given,
  ) => [given, share] as const),
  ...[
    "ftp://sym.lab",
    "file://lab7/x",
    '"c:\\a"',
    '"c:\\a;c:\\b"',
    "c:\\a,c:\\b",
    "<c:\\a>",
    "c:\\a|b",
    "c:\\a?",
    "@c:\\a",
  ].map((
    given,
  ) => [given, signs] as const),
  ["srv*//lab7/sym", /: symbolPath is a path of another machine or of a device$/],
  ["c:a", /: symbolPath is relative to a drive; give the full path$/],
  ["c:\\a\tb", /: options\.symbolPath is a text with control characters$/],
  ["c:\\con", /: symbolPath is a path that names a device$/],
  ["c:\\a.\\b", /: symbolPath is a path with a name that ends in a dot or a space$/],
];

for (const [symbolPath, reason] of REFUSED) {
  Deno.test(`${JSON.stringify(symbolPath)} is refused: ${reason.source.slice(2, 60)}`, async () => {
    assert.match(await opened(symbolPath, ["--allow-symbols"]), /^TypeError: Cannot take the request/);
    assert.match(await opened(symbolPath, ["--allow-symbols"]), reason);
  });
}

/** What entries stand for, and what not. */
const COVERED: readonly (readonly [entry: string, given: string, covers: boolean])[] = [
  ["sym.lab", "https://sym.lab/x", true],
  ["SYM.lab", "http://sym.lab:8080/x", true],
  ["sym.lab:443", "https://sym.lab/x", true],
  ["sym.lab:443", "https://sym.lab:443/x", true],
  ["sym.lab:80", "http://sym.lab/x", true],
  ["sym.lab:443", "http://sym.lab/x", false],
  ["sym.lab:443", "https://sym.lab:444/x", false],
  ["sym.lab", "https://sym.lab.evil.example/x", false],
  ["sym.lab", "https://sym.labs/x", false],
  ["sym.lab:44", "https://sym.lab:444/x", false],
  ["sym.lab", "https://xsym.lab/x", false],
  ["sym.lab", "https://evil.lab/sym.lab", false],
  // An origin stands for all of it, a path for what is below.
  ["https://sym.lab", "https://sym.lab", true],
  ["https://sym.lab", "https://sym.lab/x/y", true],
  ["https://sym.lab/", "https://sym.lab/x", true],
  ["https://SYM.lab:443", "https://sym.lab/x", true],
  ["https://sym.lab", "HTTPS://SYM.LAB:443/x", true],
  ["https://sym.lab:8443", "https://sym.lab:8443/x", true],
  ["https://[::1]", "https://[0:0::1]:443/x", true],
  ["https://127.0.0.1", "https://127.1/x", true],
  ["https://sym.lab", "http://sym.lab/x", false],
  ["https://sym.lab", "http://sym.lab:443/x", false],
  ["https://sym.lab", "https://sym.lab:8443/x", false],
  ["https://sym.lab:8443", "https://sym.lab/x", false],
  ["https://sym.lab", "https://sym.lab.evil.example/x", false],
  ["https://sym.lab", "https://xsym.lab/x", false],
  ["https://sym.lab", "https://sym.labs", false],
  ["https://sym.lab", "https://evil.lab/https://sym.lab", false],
  ["https://sym.lab/x", "https://sym.lab/x", true],
  ["https://sym.lab/x", "https://sym.lab/x/", true],
  ["https://sym.lab/x/", "https://sym.lab/x", true],
  ["https://sym.lab/x", "https://sym.lab/x/y", true],
  ["https://sym.lab/x", "https://sym.lab/x/y/z", true],
  ["https://sym.lab/x", "https://sym.lab/x\\y", true],
  ["https://sym.lab/x", "https://sym.lab/z/../x/y", true],
  ["https://sym.lab/x/../y", "https://sym.lab/y", true],
  ["https://sym.lab/x", "https://sym.lab/xy", false],
  ["https://sym.lab/x", "https://sym.lab/x.y", false],
  ["https://sym.lab/x", "https://sym.lab/", false],
  ["https://sym.lab/x", "https://sym.lab/y/x", false],
  ["https://sym.lab/x", "https://sym.lab/x/../y", false],
  ["https://sym.lab/x", "https://sym.lab/x/..\\y", false],
  ["https://sym.lab/x", "https://sym.lab/x/./../", false],
  ["https://sym.lab/x", "https://sym.lab/../../y", false],
  ["https://sym.lab/x/y", "https://sym.lab/x", false],
  ["https://sym.lab/x", "http://sym.lab/x", false],
  ["cache*", "cache*", true],
  ["CACHE*", "cache*", true],
  ["cache*", "cache", false],
  ["cache", "cache*", false],
  ["c:\\cache", "cache*", false],
  ["msdl.microsoft.com", "cache*", false],
  ["cache*", "https://msdl.microsoft.com/download/symbols", false],
  ["c:\\symbols", "c:\\symbols\\a", true],
  ["c:\\symbols", "c:\\symbols2", false],
  ["c:\\symbols\\a", "c:\\symbols", false],
  ["C:\\symbols", "c:\\SYMBOLS", true], // the engine looks in lower case
  ["c:\\SYMBOLS", "c:\\SYMBOLS", ONE_CASE],
  ["\\\\lab7\\sym", "\\\\LAB7\\SYM\\a", true],
  ["\\\\lab7\\sym", "\\\\lab7\\sym2", false],
  ["\\\\lab7\\sym", "\\\\lab70\\sym", false],
  ["\\\\lab7\\sym", "\\\\lab7\\other", false],
];

for (const [entry, symbolPath, covers] of COVERED) {
  Deno.test(`${entry} ${covers ? "covers" : "does not cover"} ${symbolPath}`, async () => {
    const isServer = /^https?:/i.test(symbolPath);
    const path = isServer ? `cache*c:\\own;${symbolPath}` : symbolPath; // so that nothing else is asked for
    const allowed = await opened(path, ["--allow-symbols=c:\\own", `--allow-symbols=${entry}`]);
    const denied = await opened(path, ["--allow-symbols", `--deny-symbols=${entry}`]);
    if (covers) assert.match(allowed, /^passed /);
    else assert.match(allowed, /^NotCapable: Requires symbols access to ".*", run again with/);
    // A deny is for all cases.
    if (covers || entry === "c:\\SYMBOLS") {
      assert.match(denied, /^NotCapable: Requires symbols access to ".*", which --deny-symbols=/);
    } else assert.match(denied, /^passed /);
  });
}

/** What a server on Windows takes for the same path: an allow is for the one that it names, a deny for all. */
for (const path of ["X/y", "/x/y", "x//y", "x./y", "x.../", "X./Y.", ".../x", "./x/y"]) {
  Deno.test(`a deny of https://sym.lab/x is one of https://sym.lab/${path}, too`, async () => {
    const symbolPath = `cache*c:\\own;https://sym.lab/${path}`;
    const told = await opened(symbolPath, ["--allow-symbols", "--deny-symbols=https://sym.lab/x"]);
    assert.match(told, /, which --deny-symbols=https:\/\/sym\.lab\/x forbids$/);
    const allowed = await opened(symbolPath, ["--allow-symbols=c:\\own,https://sym.lab/x"]);
    if (/^\.\/|^x\/\//.test(path)) assert.match(allowed, /^passed /); // below it for everybody
    else assert.match(allowed, /^NotCapable: Requires symbols access to ".*", run again with/);
  });
}

Deno.test("a yes to one address is one to what lies below it, as a yes to a folder is", async () => {
  const questions: string[] = [];
  const prompter = {
    ask: ({ value = "" }: Question) => Promise.resolve(questions.push(value) < 3 ? "allow" as const : "deny" as const),
  };
  const { call } = guard(engine(), [], prompter);
  const open = (place: string): Promise<unknown> => call("open", { symbolPath: `cache*c:\\own;${place}` });
  await open("https://sym.lab/x");
  await open("https://sym.lab/x/y");
  await assert.rejects(open("https://sym.lab/xy"), { name: "NotCapable" });
  assert.deepEqual(questions, ['"C:\\own"', '"https://sym.lab/x"', '"https://sym.lab/xy"']);
});

for (
  const address of [
    ...["https://u@sym.lab", "https://u:p@sym.lab/x", "https://sym.lab@evil.lab", "https://sym.lab/%2e%2e/y"],
    ...["https://sym.lab/%78", "https://sym.lab./x", "https://sym.lab?x", "https://sym.lab/x#y", "https://*.lab"],
    ...["https://sym.lab/*", "https://sym.lab/x;y", "https://", "https://sym.lab:99999", "http:"],
  ]
) {
  Deno.test(`an entry ${address} is refused: it is no address that a symbol path can have`, () => {
    for (const verb of ["allow", "deny"]) {
      assert.throws(() => parseRights([`--${verb}-symbols=${address}`]), {
        name: "TypeError",
        message: /: ".*" is no address of a server and a folder there: https:\/\/server\/folder$/,
      });
    }
  });
}
