/** How programs are launched: arguments, folder, environment, children, several at a time, and aborted launches. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type DebugEvent, DebugSession, launch, type LaunchOptions } from "../../mod.ts";
import { some } from "../count.ts";
import { runScript } from "./child_script.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

/** What args.exe prints. */
interface Report {
  readonly argc: number;
  readonly args: readonly string[];
  readonly folder: string;
  readonly latchTest: string | null;
}

interface Launch {
  readonly command: string | readonly string[];
  readonly options?: LaunchOptions;
}

/** Launches one program after another in one session. They print to the script's own standard output. */
const LAUNCH = `
const { hosting, launches } = JSON.parse(Deno.args[0]);
await using session = new latch.DebugSession({ hosting, engine });
for (const { command, options } of launches) {
  const program = await session.launch(command, options);
  await session.wait();
  if (program.end?.exitCode !== 0) throw new Error(JSON.stringify(program.end));
}`;

/** What launched args.exe say of themselves; the script has a variable LATCH_TEST that is "outer". */
async function reports(hosting: string, launches: readonly Launch[]): Promise<Report[]> {
  const args = [JSON.stringify({ hosting, launches })];
  const { code, out, err } = await runScript(LAUNCH, { args, env: { LATCH_TEST: "outer" } });
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  const found = out.trim().split("\n").map((line) => JSON.parse(line) as Report);
  assert.equal(found.length, launches.length);
  return found;
}

const NASTY = [
  ...["plain", "two words", "tab\there", "new\nline", "", " ", '"', '""', 'quote"inside', '"whole"', "'single'"],
  ...[
    "trailing\\",
    "two trailing\\\\",
    "space trailing \\",
    'before quote\\"',
    '\\\\"',
    "a\\\\b",
    "\\",
    "\\\\",
    '\\ "\\',
  ],
  ...["%PATH%", "100%", "^&|<>()!", "-x=/y:z,;", "*.exe", "?", "grüße", "世界 🚀", "\u200b", "/", "--", "@file"],
];

// What a program is launched with goes the same way in either hosting.
for (const hosting of some(hostings, 1)) {
  Deno.test(`launch() (${hosting}) hands every argument over as it is`, async () => {
    const exe = debuggee("args.exe");
    const commands = [[exe, ...NASTY], ...some(NASTY, 6).map((argument) => [exe, argument])];
    const found = await reports(hosting, commands.map((command) => ({ command })));
    assert.deepEqual(found.map(({ args }) => args), commands);
  });

  Deno.test(`launch() (${hosting}) finds a program in a folder with a space, and takes a raw command line as it is`, async () => {
    using folder = scratch();
    const exe = join(folder.path, "my args ü.exe");
    Deno.copyFileSync(debuggee("args.exe"), exe);
    const [list, raw] = await reports(hosting, [{ command: [exe, "a"] }, { command: `"${exe}" a  "b c" d"e f"g ""` }]);
    assert.deepEqual(list?.args, [exe, "a"]);
    assert.deepEqual(raw?.args, [exe, "a", "b c", "de fg", ""]);
  });

  Deno.test(`launch() (${hosting}) sets the working folder`, async () => {
    using folder = scratch();
    const directory = join(folder.path, "with space ü");
    Deno.mkdirSync(directory);
    const command = [debuggee("args.exe")];
    const [own, set] = await reports(hosting, [{ command }, { command, options: { directory } }]);
    assert.equal(own?.folder, Deno.cwd());
    assert.equal(set?.folder, directory);
  });

  Deno.test(`launch() (${hosting}) sets variables on top of the own ones, or alone`, async () => {
    const command = [debuggee("args.exe")];
    const cases: [LaunchOptions, string | null][] = [
      [{}, "outer"],
      [{ environment: { OTHER: "x" } }, "outer"],
      [{ environment: { LATCH_TEST: "grüße = 世界" } }, "grüße = 世界"],
      [{ environment: { latch_test: "other case" } }, "other case"],
      [{ environment: { LATCH_TEST: "" } }, ""],
      [{ clearEnvironment: true }, null],
      [{ clearEnvironment: true, environment: { OTHER: "x" } }, null],
      [{ clearEnvironment: true, environment: { LATCH_TEST: "alone" } }, "alone"],
    ];
    const found = await reports(hosting, cases.map(([options]) => ({ command, options })));
    assert.deepEqual(found.map(({ latchTest }) => latchTest), cases.map(([, value]) => value));
  });
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`launch() (${hosting}) follows child processes if it is told to`, async () => {
    using folder = scratch();
    for (const children of ["follow", "ignore"] as const) {
      const file = join(folder.path, `tree ${children}.txt`);
      await using session = newSession();
      const exits: Record<string, number[]> = {};
      session.on("exitProcess", ({ program, exitCode }) => void (exits[program.reason] ??= []).push(exitCode));
      const program = await session.launch([debuggee("tree.exe"), file, "2", "2"], { children });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.deepEqual(program.end, { reason: "exited", exitCode: 0 });
      // Each process exits with its level: those without children first.
      assert.deepEqual(exits, { launch: [0], ...(children === "follow" ? { auto: [2, 2, 1, 2, 2, 1] } : {}) });
      assert.equal(Deno.readTextFileSync(file).trim().split("\n").length, 7, "all ran, debugged or not");
    }
  });

  Deno.test(`launch() (${hosting}) without initialBreak lets the program run, with no event missed`, async () => {
    using folder = scratch();
    await using session = newSession();
    const seen: string[] = [];
    const see = (event: DebugEvent): void => void seen.push(event.type);
    const beats = join(folder.path, "beats");
    const program = await session.launch([debuggee("heartbeat.exe"), beats, "10"], {
      initialBreak: false,
      on: { createProcess: see, loadModule: see },
    });
    assert.equal(program.state, "running");
    await until(() => Deno.readTextFile(beats).then((text) => text !== "", () => false), "the program beats");
    const stop = session.wait();
    session.interrupt();
    assert.equal((await stop).reason, "interrupt");
    assert.equal(seen[0], "createProcess");
    const loaded = seen.filter((type) => type === "loadModule").length;
    assert.ok(loaded >= (await program.modules()).length - 1, "every module but the image itself was reported");
  });

  Deno.test(`a session (${hosting}) launches programs one after another and at the same time`, async () => {
    await using session = newSession();
    const codes: number[] = [];
    session.on("exitProcess", ({ exitCode }) => void codes.push(exitCode));
    const first = await session.launch([debuggee("modules.exe"), "2"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    const own: Record<string, number> = {};
    const count = ({ program }: DebugEvent): void => void (own[program.name] = (own[program.name] ?? 0) + 1);
    const spin = await session.launch([debuggee("spin.exe")], { on: { exception: count } });
    const last = await session.launch([debuggee("exceptions.exe"), "5"], { on: { exception: count } });
    assert.deepEqual([...session.programs.values()], [spin, last]);
    assert.equal(new Set([first.pid, spin.pid, last.pid]).size, 3);
    last.on("exitProcess", () => "break");
    spin.on("exitProcess", () => assert.fail("it goes on"));
    const stop = await session.wait();
    assert.ok(stop.reason === "event" && stop.event.type === "exitProcess" && stop.program === last);
    assert.deepEqual(own, { "exceptions.exe": 5 });
    assert.deepEqual([...session.programs.values()], [spin]);
    assert.ok((await spin.threads()).length > 0);
    await spin.terminate();
    assert.deepEqual(codes, [7, 0]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`launch() (${hosting}) that is aborted leaves nothing behind, and the session works on`, async () => {
    using folder = scratch();
    const name = `abort-${crypto.randomUUID().slice(0, 8)}.exe`;
    const image = join(folder.path, name);
    Deno.copyFileSync(debuggee("heartbeat.exe"), image);
    const command = [image, join(folder.path, "beats"), "10"];
    await using session = newSession();
    const reason = new Error("enough");
    await assert.rejects(session.launch(command, { signal: AbortSignal.abort(reason) }), reason);
    for (const type of ["createProcess", "loadModule", "exitThread"] as const) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(reason);
      if (type === "exitThread") queueMicrotask(abort); // before there is any process
      await assert.rejects(session.launch(command, { signal: controller.signal, on: { [type]: abort } }), reason, type);
      assert.equal(session.programs.size, 0, type);
    }
    const left = (await session.processes()).filter((process) => process.name === name);
    assert.deepEqual(left, []);
    const late = new AbortController();
    const program = await session.launch([debuggee("stubborn.exe")], { signal: late.signal });
    late.abort(reason); // it was complete: nothing is to be undone
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(program.end, { reason: "exited", exitCode: 5 });
  });

  Deno.test(`launch() (${hosting}) of a program that ends before it is complete says so`, async () => {
    await using session = newSession();
    const launched = session.launch([debuggee("stubborn.exe")], {
      on: { createProcess: ({ program }) => program.terminate() },
    });
    await assert.rejects(launched, { name: "AttachError", kind: "exited" });
    assert.equal(session.programs.size, 0);
    await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
  });

  Deno.test(`launch() (${hosting}) without a session ends its program and its session with it`, async () => {
    const options = { hosting, engine: engineFolder() };
    for (let round = 0; round < 2; round++) {
      await using program = await launch([debuggee("spin.exe")], options);
      assert.equal(program.state, "stopped");
    }
    const program = await launch([debuggee("stubborn.exe")], options);
    await program.wait();
    await program[Symbol.asyncDispose]();
    await using session = newSession();
    await session.engine();
  });
}
