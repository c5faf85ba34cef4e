/** What a person is asked, what is shown of it, and how far a yes goes. */
import assert from "node:assert/strict";
import { Permissions, type Question } from "../../lib/script/permissions.ts";
import { type Terminal, TerminalPrompter, TypedLines } from "../../lib/script/prompt.ts";
import { parseRights } from "../../lib/script/rights.ts";
import { attach, created, engine, guard, launch, PROCESSES } from "./guard_support.ts";

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
