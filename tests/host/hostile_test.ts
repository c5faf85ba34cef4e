/** Hostile scripts, confined: each is held, and the host and the target are unharmed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertDeeds, assertUnharmed, ended, latchRun, type Outcome, outcome } from "./hostile_support.ts";
import { runsOn, type Scene, scene } from "./scene_support.ts";

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

async function holdsPermissions(scene: Scene): Promise<void> {
  const { code, deeds, err, out } = await outcome(scene, "system.ts");
  assert.deepEqual([code, out.split("\n").at(-2)], [0, "end"], err);
  assert.deepEqual([...deeds].filter(([, what]) => what.startsWith("DONE")).map(([name]) => name), HARMLESS);
  assert.ok(deeds.size > 90, `${deeds.size} deeds`);
}

/** Scripts by what they import, and what they are told. */
const IMPORTS: Readonly<Record<string, readonly [source: string, told: RegExp]>> = {
  text: [
    'import t from "../secret.json" with { type: "text" }; console.log(t);',
    /lies outside of the script's folder/,
  ],
  json: [
    'import t from "../secret.json" with { type: "json" }; console.log(t);',
    /lies outside of the script's folder/,
  ],
  bytes: ['import t from "../secret.json" with { type: "bytes" }; console.log(t);', /lies outside|cannot|type/],
  system: [
    'import t from "/etc/hostname" with { type: "text" }; console.log(t);',
    /lies outside of the script's folder/,
  ],
  link: ['import t from "./link.json" with { type: "json" }; console.log(t);', /lies outside of the script's folder/],
  linkedFolder: ['import t from "./linked/secret.json" with { type: "json" }; console.log(t);', /lies outside of the/],
  reexport: ['export * from "../secret.ts";', /lies outside of the script's folder/],
  literal: ['const s = await import("../secret.ts"); console.log(s);', /lies outside of the script's folder/],
  data: [
    'import t from "data:text/javascript,import s from \\"file:///etc/hostname\\" with { type: \\"text\\" }; export default s"; console.log(t);',
    /lies outside of the script's folder|cannot/,
  ],
  http: ['import "http://127.0.0.1:1/evil.ts";', /--allow-import|cannot|no-remote/],
  https: ['import "https://evil.lab/evil.ts";', /--allow-import|cannot|no-remote/],
  jsr: ['import "jsr:@std/assert";', /cannot|jsr/i],
  npm: ['import "npm:chalk";', /cannot|npm/],
  bare: ['import "mapped"; ', /cannot|not a dependency|mapped/],
  jsx: ["/** @jsxImportSource https://evil.lab */\nconsole.log(<a />);", /--allow-import|cannot|no-remote/],
  share: ['import "file://evil.lab/share/x.ts";', /on another machine|cannot/],
  plain: ['import t from "./notes.txt" with { type: "text" }; console.log(t);', /neither code nor JSON/],
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
  await Promise.all(
    Object.entries(IMPORTS).map(async ([name, [source, told]]) => {
      const script = at("own", `${name}.${name === "jsx" ? "tsx" : "ts"}`);
      await Deno.writeTextFile(script, source);
      const { code, out, err } = await outcome(scene, script, { cwd: at("own") });
      assert.deepEqual([name, code, out], [name, 2, ""], err);
      assert.match(err, told, name);
      assert.doesNotMatch(err, /the secret/, name);
    }),
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

/** Rights to the target and nothing else. */
function rightsTo({ target }: Scene): string[] {
  return [`--allow-attach=${target.name}`];
}

async function refusesGuesses(scene: Scene): Promise<void> {
  const { code, deeds, err } = await outcome(scene, "guess.ts", { rights: rightsTo(scene), args: [scene.target.name] });
  assert.equal(code, 0, err);
  const gone = "HELD Error: StateError: Cannot use the program: it is not being debugged any more";
  const notConnected = "HELD StateError: Cannot use the process server: this script is not connected to it";
  const noServing = "HELD NotCapable: Cannot serve processes";
  const others = ["read of", "write of", "modules of", "threads of", "registers of", "execute on", "dump of"];
  const attach = /^HELD Error: NotCapable: Requires attach access to "N", run again with --allow-attach=N$/;
  assertDeeds(deeds, {
    processes: "HELD Error: only 1",
    ...Object.fromEntries([...others, "terminate", "detach", "abandon"].map((what) => [`${what} others`, gone])),
    "leave others": "DONE undefined", // it is told nothing, and nobody is let go
    "attach to others": attach,
    "attach to others, noninvasive": attach,
    "attach to others, existing": attach,
    "server handles": /^HELD Error: StateError.*not connected/,
    "end a server": notConnected,
    "disconnect here": notConnected,
    "end here": notConnected,
    "serve": noServing,
    "serve for a time": noServing,
    "stop serving": noServing,
    "connect": "HELD NotCapable: Requires connect access",
    "connect by a pipe": "HELD NotCapable: Requires connect access",
    "connect and more": "HELD NotCapable: Requires connect access",
    "engine folder": "HELD NotCapable: Cannot use the option engine",
    "symbol share": "HELD NotCapable: Requires symbols access",
    "symbol server": "HELD NotCapable: Requires symbols access",
    "symbol library": "HELD TypeError: Cannot take the request",
    "symbol cache": "HELD NotCapable: Requires symbols access",
    "strange call": "HELD TypeError",
    "inherited call": "HELD TypeError",
    "wrong values": "HELD TypeError: Cannot take the request",
    "no values": "HELD TypeError: Cannot take the request",
    "strange entry": "HELD TypeError: Cannot take the request",
    "a second session beside": "HELD EngineError: Cannot open the debugger engine: this script has a session already",
  });
}

async function refusesTricks(scene: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  await Deno.mkdir(join(folder, "dumps"));
  await Deno.symlink(folder, join(folder, "dumps", "link"));
  const { windowsPath } = scene.host;
  const program = windowsPath(join(folder, "app.exe"));
  const rights = [
    ...[...rightsTo(scene), "--allow-read-memory", "--allow-execute=lm,~,j,z,as,bp,.if,.foreach,!list"],
    ...[`--allow-dump=${join(folder, "dumps")}`, `--allow-launch=${program}`],
  ];
  const args = [scene.target.name, windowsPath(join(folder, "dumps")), program];
  const { code, deeds, err } = await outcome(scene, "tricks.ts", { rights, args });
  assert.equal(code, 0, err);
  const done = [...deeds].filter(([, what]) => what.startsWith("DONE")).map(([name]) => name);
  assert.deepEqual(done, ["dump granted", "execute granted", "read", "an import of Latch under another name"]);
  assert.equal(deeds.get("an import of Latch under another name"), "DONE 0"); // it sees no other process either
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["dumps"]);
  assert.deepEqual([...Deno.readDirSync(join(folder, "dumps"))].map(({ name }) => name).sort(), ["good.dmp", "link"]);
  for (const [name, what] of deeds) {
    if (/^(?:execute|evaluate) /.test(name)) assert.match(what, /^(?:DONE|HELD NotCapable: Requires execute access)/);
  }
  await Deno.remove(folder, { recursive: true });
}

/** Scripts that are gone, or do not answer any more, while they hold their program. */
async function letsHeldGo(scene: Scene): Promise<void> {
  for (const [way, expected] of [["handler", 124], ["exit", 9], ["throw", 1]] as const) {
    const rights = [...rightsTo(scene), "--deadline=5"];
    const { code, out, err } = await outcome(scene, "loop.ts", { rights, args: [scene.target.name, way] });
    assert.deepEqual([way, code], [way, expected], err);
    assert.match(out, /held/);
    await runsOn(scene.target);
  }
  const { code, err } = await outcome(scene, "pending.ts", { rights: rightsTo(scene) });
  assert.equal(code, 0, err);
  await runsOn(scene.target);
  const globals = await outcome(scene, "globals.ts", {
    rights: [...rightsTo(scene), "--deadline=20"],
    args: [scene.target.name],
  });
  assert.ok([0, 1, 124].includes(globals.code), globals.err);
}

async function outlastsFloods(scene: Scene): Promise<void> {
  const flood = async (way: string, rights: readonly string[] = []): Promise<Outcome & { peak: number }> => {
    const words = { rights: [...rightsTo(scene), ...rights], args: [scene.target.name, way] };
    const child = latchRun(scene, "flood.ts", words).spawn();
    const watch = watchPeak(child.pid);
    const [{ code, stdout, stderr }] = await Promise.all([child.output()]);
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    return { code, out: out.slice(0, 200), err, deeds: new Map(), peak: watch() };
  };
  const calls = await flood("calls");
  assert.deepEqual([calls.code, /no message of Latch's/.test(calls.err)], [137, true], calls.err);
  const ways = ["signs of life", "large answers"];
  const stopped = await Promise.all(ways.map((way) => flood(way, ["--deadline=5", "--allow-read-memory"])));
  for (const { code, peak, err } of stopped) {
    assert.equal(code, 124, err);
    assert.ok(peak < 600, `the host took ${peak} MB`);
  }
  await runsOn(scene.target);
  const latch = await flood("latch");
  assert.deepEqual([latch.code, latch.out], [0, "answered 2000\n"], latch.err);
}

/** Looks at how many megabytes a process takes; the function that it gives tells the most. */
function watchPeak(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) / 256);
    } catch { /* it has ended */ }
  }, 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

async function leavesNoOrphan(scene: Scene): Promise<void> {
  for (const way of ["handler", "stopped handler"]) {
    const child = latchRun(scene, "loop.ts", { rights: rightsTo(scene), args: [scene.target.name, way] }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("held");) text += (await reader.read()).value ?? assert.fail("it ended");
    if (way === "handler") child.kill("SIGKILL");
    else child.kill("SIGTERM");
    const { code } = await child.status;
    if (way !== "handler") assert.equal(code, 130);
    await reader.cancel();
    await child.stderr.cancel();
    await runsOn(scene.target);
  }
}

/** What is tried side by side, and what in turn. */
const STEPS: Readonly<Record<string, readonly ((scene: Scene) => Promise<void>)[]>> = {
  "what takes Deno's permissions, and imports": [holdsPermissions, refusesImports],
  "endless loops and memory bombs": [endsLoops],
  "forged and malformed messages": [refusesForgeries],
  "guessed ids and handles": [refusesGuesses],
  "tricks with paths, commands and launches": [refusesTricks],
  "programs that are held when the script goes": [letsHeldGo],
  "floods": [outlastsFloods],
  "a host that is killed, or told to end": [leavesNoOrphan],
};

Deno.test("hostile scripts are held, and leave host and target unharmed", async (test) => {
  await scene(async (scene) => {
    await scene.start("--raise");
    for (const [name, acts] of Object.entries(STEPS)) {
      await test.step(name, async () => {
        await Promise.all(acts.map((act) => act(scene)));
        await assertUnharmed(scene);
      });
    }
  });
});
