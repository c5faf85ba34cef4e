/** Flags, what a script declares, what it imports, and how what it says is shown. */
import assert from "node:assert/strict";
import { declaredRights } from "../../lib/script/declared.ts";
import { graphFault, type GraphLimits } from "../../lib/script/graph.ts";
import { Permissions, type Question } from "../../lib/script/permissions.ts";
import { type Terminal, TerminalPrompter, TypedLines } from "../../lib/script/prompt.ts";
import { isRightFlag, parseRights } from "../../lib/script/rights.ts";
import { OutputCleaner, quoted, visible } from "../../lib/script/visible.ts";
import { attach, created, engine, guard, launch, PROCESSES } from "./guard_support.ts";

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

Deno.test("a person is asked once for each thing, and what is granted lasts", async () => {
  const asked: Question[] = [];
  const answers = ["deny", "allow", "allow-all"] as const;
  const prompter = { ask: (question: Question) => Promise.resolve(answers[asked.push(question) - 1] ?? "deny") };
  const fake = engine();
  const { call } = guard(fake, ["--deny-attach=app.exe"], prompter);
  await assert.rejects(call("attach", attach(8)), Deno.errors.NotCapable);
  await assert.rejects(call("attach", attach(8)), Deno.errors.NotCapable);
  await assert.rejects(call("attach", attach(7)), Deno.errors.NotCapable); // a deny is no question
  await call("attach", attach(9));
  await call("connectServer", "tcp:server=a,port=1");
  await call("connectServer", "tcp:server=b,port=1");
  assert.deepEqual(asked.map(({ right, value }) => `${right} ${value}`), [
    'attach "lsass.exe"',
    'attach "App2.exe"',
    'connect "a:1"',
  ]);
});

/** For each right with a list: what is asked for first, and what else; both come to questions of their own. */
const ASKED: Readonly<Record<string, readonly (readonly [name: string, ...values: readonly unknown[]])[]>> = {
  attach: [["attach", attach(9)], ["attach", attach(8)], ["attach", attach(7)]],
  launch: ["app.exe", "app2.exe", "C:\\app.exe", "apps.exe"].map((program) => ["launch", launch(program)] as const),
  connect: ["lab7,port=5005", "lab7,port=5006", "lab7,port=50055", "lab70,port=5005"].map((to) =>
    ["connectServer", `tcp:server=${to}`] as const
  ),
  execute: ["lm", "lm m nt*", "lmv", "lm;lm"].map((command) => ["execute", { processId: 7 }, command] as const),
  dump: ["c:\\d\\a.dmp", "c:\\d\\b.dmp", "c:\\d", "c:\\d\\a.dmp2"].map((path) =>
    ["writeDump", { processId: 7 }, path, "mini", null] as const
  ),
  symbols: ["cache*", "c:\\d", "c:\\e", "cache*c:\\d2"].map((symbolPath) => ["open", { symbolPath }] as const),
};

for (const [right, [first, ...others]] of Object.entries(ASKED)) {
  Deno.test(`a yes to one thing of ${right} is no yes to another`, async () => {
    const asked: string[] = [];
    const ask = (question: Question): Promise<"allow" | "deny"> => {
      asked.push(`${question.right} ${question.value}`);
      return Promise.resolve(asked.length === 1 ? "allow" : "deny");
    };
    const needsProgram = ["execute", "dump"].includes(right);
    const fake = engine([created(7, "app.exe")]);
    const { call } = guard(fake, needsProgram ? ["--allow-attach=app.exe"] : [], { ask });
    if (needsProgram) await call("attach", attach(7)).then(() => call("run", "go"));
    await call(...first ?? assert.fail());
    for (const other of others) {
      await assert.rejects(call(...other), {
        name: "NotCapable",
        message: new RegExp(`^Requires ${right} access to "`),
      });
    }
    assert.equal(asked.length, 1 + others.length, asked.join());
    assert.ok(asked.every((question) => question.startsWith(`${right} "`)));
    assert.equal(new Set(asked).size, asked.length);
    if (right !== "attach" && right !== "launch") await call(...first ?? assert.fail()); // what was granted lasts
    assert.equal(asked.length, 1 + others.length, "nothing is asked twice");
  });
}

Deno.test("a yes to ending one program is no yes to ending another", async () => {
  const asked: string[] = [];
  const ask = ({ value }: Question): Promise<"allow" | "deny"> =>
    Promise.resolve(asked.push(value ?? "") === 1 ? "allow" : "deny");
  const stops = [created(7, "app.exe"), created(8, "lsass.exe"), created(9, "App2.exe")];
  const { call } = guard(engine(stops), ["--allow-attach"], { ask });
  for (const { processId } of PROCESSES) await call("attach", attach(processId)).then(() => call("run", "go"));
  await call("terminate", 7);
  const message = /^Requires terminate access to "(?:lsass|App2)\.exe"/;
  for (const processId of [8, 9]) await assert.rejects(call("terminate", processId), { name: "NotCapable", message });
  assert.deepEqual(asked, ['"app.exe"', '"lsass.exe"', '"App2.exe"']);
});

Deno.test("a pattern is not asked about: with a yes it would stand for more than it says", async () => {
  const ask = (): Promise<"allow"> => assert.fail("asked");
  for (const name of ["*", "app*", "?pp.exe"]) {
    const asked = guard(engine(), [], { ask }).call("processes", 0n, name);
    await assert.rejects(asked, {
      name: "TypeError",
      message: /name is a pattern; those stand on lists of rights only$/,
    });
  }
});

Deno.test("a question at a terminal holds the script's output, shows what is asked, and takes y, n and A", async () => {
  const events: string[] = [];
  const lines = ["what?", "A", "n", "yes", null];
  const terminal: Terminal = {
    show: (text) => events.push(text),
    line: () => Promise.resolve(lines.shift() ?? null),
    hold: () => {
      events.push("hold");
      return () => events.push("release");
    },
  };
  const prompter = new TerminalPrompter(terminal, '"s.ts"');
  const question: Question = { right: "attach", value: '"a.exe"', flag: "--allow-attach=a.exe" };
  assert.equal(await prompter.ask(question), "allow-all");
  assert.equal(events[0], "hold");
  assert.match(events.join(""), /the script "s\.ts" requests attach access to "a\.exe"/);
  assert.equal(events.at(-1), "release");
  assert.equal(await prompter.ask(question), "deny");
  assert.equal(await prompter.ask(question), "allow");
  assert.equal(await prompter.ask(question), "deny");
});

Deno.test("a prompt shows the script's words so that they cannot pass for the prompt's", async () => {
  const shown: Question[] = [];
  const prompter = {
    ask: (question: Question): Promise<"deny"> => {
      shown.push(question);
      return Promise.resolve("deny");
    },
  };
  const permissions = new Permissions(parseRights([]), prompter);
  const long = { right: "execute", value: `lm${" ".repeat(300)};.shell` } as const;
  await assert.rejects(permissions.require(long), Deno.errors.NotCapable);
  assert.equal(shown.length, 0, "what cannot be shown in whole is asked about");
  const value = 'x"\u001b[2K\n┗ Allow? y';
  await assert.rejects(permissions.require({ right: "execute", value }), Deno.errors.NotCapable);
  assert.equal(shown[0]?.value, '"x\\"\\u{1b}[2K\\u{a}┗ Allow? y"');
});

Deno.test("what was typed before a question does not answer it", async () => {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const reader = input.readable.getReader();
  const lines = new TypedLines(async (buffer) => {
    const { value, done } = await reader.read();
    if (done) return null;
    buffer.set(value);
    return value.length;
  });
  const type = async (text: string): Promise<void> => {
    await writer.write(new TextEncoder().encode(text));
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await type("y\nA\n");
  const answer = lines.next();
  await type("n");
  await type("o\r\ny\n");
  assert.equal(await answer, "no");
  const last = lines.next();
  await writer.close();
  assert.equal(await last, null);
  assert.equal(await lines.next(), null);
});
