/** Scripts in a process of their own: what they have, what they do not, and how they end. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Output } from "../../lib/script/output.ts";
import { runScript } from "../../lib/script/run_script.ts";
import { engine } from "./guard_support.ts";
import { connect, run } from "./run_support.ts";

Deno.test("a script has its arguments, is the main module, and its exit code is handed on", async () => {
  const { code, reason, stdout, stderr } = await run(
    `import { a } from "./a.ts"; import d from "./d.json" with { type: "json" };
     console.log(JSON.stringify([Deno.args, import.meta.main, a, d]));
     console.error("\\x1b[2Jtold"); Deno.exitCode = 7;`,
    { args: ["--x", "-y", "z w"] },
    { "a.ts": "export const a = 1;", "d.json": "{}" },
  );
  assert.deepEqual(JSON.parse(stdout), [["--x", "-y", "z w"], true, 1, {}]);
  assert.deepEqual([code, reason, stderr], [7, "exited", "told\n"]);
});

const FORBIDDEN = `
const tries = {
  read: () => Deno.readTextFileSync("/etc/hostname"),
  write: () => Deno.writeTextFileSync("latch-x", ""),
  run: () => new Deno.Command(Deno.execPath()).outputSync(),
  ffi: () => Deno.dlopen("x", {}),
  env: () => Deno.env.get("PATH"),
  sys: () => Deno.hostname(),
  net: () => Deno.listen({ port: 0 }),
  kill: () => Deno.kill(Deno.ppid, "SIGTERM"),
  ask: () => { if (Deno.permissions.requestSync({ name: "read" }).state !== "granted") throw new Deno.errors.NotCapable(); },
};
for (const [name, action] of Object.entries(tries)) {
  try { action(); console.log(name, "WORKED"); } catch (error) { console.log(name, error.name); }
}`;

Deno.test("a script without rights has none of Deno's permissions either", async () => {
  const { stdout, code } = await run(FORBIDDEN);
  assert.equal(code, 0);
  for (const line of stdout.trim().split("\n")) assert.match(line, / NotCapable$/);
});

Deno.test("what Deno's flags grant works", async () => {
  const { stdout } = await run(`console.log(Deno.readTextFileSync(new URL("a.txt", import.meta.url)));`, {
    rights: ["--allow-read"],
  }, { "a.txt": "content" });
  assert.equal(stdout, "content\n");
});

const FILES = {
  "a.txt": "",
  "a.cjs": 'module.exports = require("../x.cjs")',
  "link.json": new URL("file:///etc/hostname"),
};

const IMPORTS: readonly (readonly [string, RegExp])[] = [
  ['import t from "/etc/hostname" with { type: "text" }; console.log(t);', /outside of the script's folder/],
  ['import x from "../secret.json" with { type: "json" };', /outside of the script's folder/],
  ['import x from "./a.txt" with { type: "text" };', /neither code nor JSON/],
  ['await import("../x.ts");', /outside of the script's folder/],
  [
    "import x from \"data:text/javascript,export { default } from 'file:///etc/x.ts'\";",
    /outside of the script's folder/,
  ],
  ['import x from "./a.cjs";', /outside of the script's folder/],
  ['import x from "./link.json" with { type: "json" };', /outside of the script's folder/],
  ['import "npm:chalk";', /npm:chalk/],
  ['import "http://127.0.0.1:1/x.ts";', /--allow-import=127\.0\.0\.1:1/],
];

for (const [source, expected] of IMPORTS) {
  Deno.test(`a script does not run at all with ${source}`, async () => {
    await assert.rejects(run(`console.log("RAN"); ${source}`, {}, FILES), expected);
  });
}

Deno.test({
  name: "a script may be named by a link, and has the folder that it really is in",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    await Deno.mkdir(join(folder, "s"));
    await Deno.writeTextFile(join(folder, "s", "main.ts"), 'import { a } from "./a.ts"; console.log(a);');
    await Deno.writeTextFile(join(folder, "s", "a.ts"), "export const a = 1;");
    await Deno.symlink(join(folder, "s", "main.ts"), join(folder, "link.ts"));
    let text = "";
    const output = { stdout: (part: string) => void (text += part), stderr: () => {} };
    assert.equal((await runScript(join(folder, "link.ts"), { output })).code, 0);
    assert.equal(text, "1\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an endless loop is ended at the deadline, and what would end by itself four times as late is, too", async () => {
  for (const source of ["for (;;);", "await new Promise((resolve) => setTimeout(resolve, 6_000));"]) {
    const { code, reason } = await run(source, { deadline: 1_500 });
    assert.deepEqual([code, reason], [124, "deadline"]);
  }
});

Deno.test("a deadline does not end what is over before, also where it is beyond 24 days", async () => {
  for (const deadline of [30_000, 3e9, Infinity]) {
    const { code, stdout } = await run(`setTimeout(() => console.log("over"), 300);`, { deadline });
    assert.deepEqual([code, stdout], [0, "over\n"]);
  }
});

Deno.test("a script that imports more than this process takes is refused", async () => {
  const long = `export * from "data:text/javascript,/*${"x".repeat(9 << 20)}*/";`;
  await assert.rejects(run(long), /imports takes more than 16 MB to tell/);
});

Deno.test("a script is ended by a signal", async () => {
  const aborter = new AbortController();
  const output = { stdout: () => aborter.abort(), stderr: () => {} };
  const { code, reason } = await run('console.log("up"); for (;;);', { signal: aborter.signal, output });
  assert.deepEqual([code, reason], [130, "aborted"]);
});

Deno.test("a script that is ended while a question is open ends, and what it printed comes out", async () => {
  const aborter = new AbortController();
  const gate = new Output();
  const ask = (): Promise<never> => {
    gate.hold();
    setTimeout(() => aborter.abort(), 500);
    return new Promise(() => {});
  };
  const begin = performance.now();
  const { reason, stdout } = await run(
    `import { attach } from "@latch/latch";
     setTimeout(() => console.log("meanwhile"), 100);
     await attach("app.exe");`,
    { prompter: { ask }, gate, signal: aborter.signal, connect: connect(engine()) },
  );
  assert.deepEqual([reason, stdout], ["aborted", "meanwhile\n"]);
  assert.ok(performance.now() - begin < 14_000);
});

Deno.test({ name: "a script that takes too much memory is ended", ignore: Deno.build.os !== "linux" }, async () => {
  const { code, reason } = await run(
    "const all = []; for (;;) { all.push(new Uint8Array(8 << 20).fill(1)); await new Promise((r) => setTimeout(r)); }",
    { memory: 300 },
  );
  assert.deepEqual([code, reason], [137, "memory"]);
});

Deno.test({
  name:
    "a script has the memory that it is given: one that takes 600 MB ends by itself with 1000, and does not with 300",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const source = `const all = Array.from({ length: 75 }, () => new Uint8Array(8 << 20).fill(1));
    await new Promise((resolve) => setTimeout(resolve, 1_500)); console.log(all.length);`;
  const given = await run(source, { memory: 1_000 });
  assert.deepEqual([given.code, given.stdout], [0, "75\n"]);
  const { code, reason, stdout } = await run(source, { memory: 300 });
  assert.deepEqual([code, reason, stdout], [137, "memory", ""]);
});

Deno.test("a script that sends nonsense to its host is ended", async () => {
  const send = (text: string): string => `Deno.stdout.writeSync(new TextEncoder().encode(${JSON.stringify(text)}));`;
  const wait = "await new Promise((resolve) => setTimeout(resolve, 30000));";
  const fake = engine();
  const long = "\0" + "x".repeat(17 << 20);
  for (const text of [long, "\0[]\n", "\0null\n", "\0close\n", '\0{"hello":"latch","version":99}\n', "\0\n"]) {
    const { code, reason } = await run(`${send(text)} ${wait}`, { connect: connect(fake) });
    assert.deepEqual([code, reason], [137, "protocol"], text.slice(0, 20));
  }
  assert.ok(!fake.log.some((line) => /^(attach|launch|run)/.test(line)));
});

Deno.test("a colour that a script leaves on is off when it has ended, in whatever way", async () => {
  const red =
    'const red = new TextEncoder().encode("\\x1b[31mred"); Deno.stdout.writeSync(red); Deno.stderr.writeSync(red);';
  const ways = {
    exited: "",
    aborted: "for (;;);",
    protocol: 'Deno.stdout.writeSync(new TextEncoder().encode("\\0x\\n")); for (;;);',
  };
  for (const [way, source] of Object.entries(ways)) {
    const out = { stdout: "", stderr: "" };
    const end = new AbortController();
    const take = (name: keyof typeof out) => (text: string): void => {
      out[name] += text;
      if (way === "aborted" && Object.values(out).every((text) => text.includes("red"))) end.abort();
    };
    const output = { stdout: take("stdout"), stderr: take("stderr") };
    const { reason } = await run(`${red} ${source}`, { output, signal: end.signal });
    assert.deepEqual([reason, out], [way, { stdout: "\x1b[31mred\x1b[0m", stderr: "\x1b[31mred\x1b[0m" }]);
  }
});
