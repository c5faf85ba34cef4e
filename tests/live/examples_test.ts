import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "../../mod.ts";
import { some } from "../count.ts";
import { debuggee, scratch, until } from "./support.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
/** Those of other engines, `script.ts`, have tests of their own. */
const NAMES = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name).filter((name) => name !== "script.ts").sort();

interface Result {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** All that an example gets: FFI, no other right. */
function command(example: string, args: readonly string[], cwd?: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", "--no-prompt", "--no-check", join(EXAMPLES, example), ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  });
}

async function run(example: string, args: readonly string[], cwd?: string): Promise<Result> {
  const { code, stdout, stderr } = await command(example, args, cwd).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  return { code, text: decode(stdout), errors: decode(stderr) };
}

/** Runs an example that is to end well. */
async function runWell(example: string, ...args: string[]): Promise<string> {
  const { code, text, errors } = await run(example, args);
  assert.equal(errors, "");
  assert.equal(code, 0, text);
  return text;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function exists(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

/** A heartbeat that ends with the test. */
async function startHeartbeat(
  folder: string,
  ...options: string[]
): Promise<AsyncDisposable & { readonly pid: number; count(): number }> {
  const file = join(folder, "beat");
  const child = new Deno.Command(debuggee("heartbeat.exe"), {
    args: [file, "10", ...options],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const count = (): number => parseInt(Deno.readTextFileSync(file));
  await until(() => exists(file) && count() > 0, "the heartbeat begins");
  return {
    pid: child.pid,
    count,
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill();
      } catch { /* it has ended by itself */ }
      await child.status;
    },
  };
}

/** How an example is run: the one of a confined script by `latch run`. */
function commandOf(name: string): string {
  return `${name === "confined.ts" ? "latch run --allow-declared" : "deno run --allow-ffi"} examples/${name} `;
}

Deno.test("every example begins with the command that runs it and has 40 lines at most", () => {
  assert.ok(NAMES.length >= 9);
  for (const name of NAMES) {
    const text = Deno.readTextFileSync(join(EXAMPLES, name));
    assert.ok(text.startsWith(`// ${commandOf(name)}`), name);
    assert.ok(text.trimEnd().split("\n").length <= 40, name);
  }
});

Deno.test("without arguments, and with --help, each says its usage in one line", async () => {
  for (const name of NAMES) {
    for (const args of some(NAMES, 3).includes(name) ? [[], ["--help"]] : [[]]) {
      const { code, text, errors } = await run(name, args);
      assert.equal(code, 2, name);
      assert.equal(text, "");
      assert.match(errors, new RegExp(`^Usage: ${commandOf(name)}[^\n]+\n$`));
    }
  }
});

Deno.test("what goes wrong is one line and exit code 1", async () => {
  const cases: [string, string[], RegExp][] = [
    ["launch.ts", ["nowhere.exe"], /^Cannot launch nowhere.exe: [^\n]+\n$/],
    ["exception.ts", ["nowhere.exe"], /^Cannot launch nowhere.exe: [^\n]+\n$/],
    ["demo.ts", ["nowhere.exe"], /^Cannot launch nowhere.exe: [^\n]+\n$/],
    ["deadline.ts", ["nowhere.exe", "1000"], /^Cannot launch nowhere.exe: [^\n]+\n$/],
    ["two_programs.ts", ["nowhere.exe", "nowhere.exe"], /^Cannot launch nowhere.exe: [^\n]+\n$/],
    ["attach.ts", ["nowhere.exe"], /^Cannot attach to "nowhere.exe": [^\n]+\n$/],
    ["remote.ts", ["tcp:server=127.0.0.1,port=1"], /^Cannot connect to process server [^\n]+\n$/],
    ["expert.ts", ["nowhere.dmp"], /^OpenDumpFileWide returned [^\n]+\n$/],
    ["dump.ts", ["nowhere.dmp"], /^Cannot open the dump nowhere\.dmp: it is not there, [^\n]+\n$/],
  ];
  for (const [name, args, message] of some(cases, 4)) {
    const { code, errors } = await run(name, args);
    assert.match(errors, message);
    assert.equal(code, 1, name);
  }
});

Deno.test("launch.ts prints name, base and size of each module", async () => {
  const printed = lines(await runWell("launch.ts", debuggee("demo.exe")));
  const modules = printed.slice(1, -1);
  assert.match(printed[0] ?? "", /^process \d+ demo\.exe$/);
  assert.ok(modules.length >= 10);
  for (const line of modules) assert.match(line, /^[0-9a-f]{16} +[1-9]\d+ \S/);
  assert.ok(modules.some((line) => line.endsWith("plugin.dll")));
  assert.equal(printed.at(-1), "exit code 42");
});

Deno.test("exception.ts shows where a program failed and goes on", async () => {
  const text = await runWell("exception.ts", debuggee("demo.exe"));
  const calls = [...text.matchAll(/demo!(\w+) {2}\S*demo\.c:\d+/g)].map(([, name]) => name);
  assert.match(text, /^first chance: STATUS_ACCESS_VIOLATION at 0x[0-9a-f]+\n/);
  assert.deepEqual(calls, ["write_total", "add_order", "read_orders", "recover", "main"]);
  assert.doesNotMatch(text, /second chance|wrote/);
  assert.ok(text.endsWith("exit code 0x2a\n"));
});

Deno.test("exception.ts writes a dump at the second chance, which expert.ts and dump.ts open", async () => {
  using folder = scratch();
  const { code, text } = await run("exception.ts", [debuggee("crash.exe")], folder.path);
  const [, name = ""] = /^wrote (.+)$/m.exec(text) ?? [];
  assert.deepEqual(text.match(/^\w+ chance/gm), ["first chance", "second chance"]);
  assert.ok(text.endsWith("exit code 0xc0000005\n"));
  assert.equal(code, 0);
  const dump = join(folder.path, name);
  assert.match(await runWell("expert.ts", dump, "lm"), /\bcrash\b.*\n[^]*\bntdll\b/);
  const shown = await runWell("dump.ts", dump, debuggee("."));
  assert.match(shown, /^crash\.exe, process \d+: STATUS_ACCESS_VIOLATION at 0x[\da-f]+\n.*\bcrash!/);
  assert.match(shown, /^\d+ threads, \d+ modules$/m);
});

Deno.test("values.ts shows each function with its parameters and locals", async () => {
  const text = await runWell("values.ts", debuggee("crash.exe"));
  assert.match(text, /^STATUS_ACCESS_VIOLATION\ncrash!write_through, line \d+\n/);
  // As crash.c has them: 21 parcels, twice as many, and one less.
  const values = [...text.matchAll(/^ {4}(parameter|local) (int|int\*) (\w+) = (.+)$/gm)].map((found) =>
    found.slice(1).join(" ")
  );
  const pointer = "parameter int* target 0n";
  assert.deepEqual(values, [
    ...[pointer, "parameter int value 42", "local int before 41", pointer, "local int doubled 42"],
    ...["parameter int number 21", pointer, "parameter int argc 1", "local int* nowhere 0n"],
  ]);
  assert.match(text, /local parcel parcel = \{ number: 21, label: \d+n \}/);
});

Deno.test("lines.ts shows the lines that a function executes, with its locals", async () => {
  const text = await runWell("lines.ts", "lines!add", debuggee("lines.exe"), "1");
  // Of a program whose other thread adds 0 to what its rounds give, whichever thread comes first.
  assert.match(
    text,
    /^lines!add, line 12: \nlines!add, line 13: me [01], one -?\d+, other -?\d+, sum -?\d+\nlines!add, line 14: me /,
  );
  const behind = lines(text).findIndex((line) => !line.startsWith("lines!add"));
  assert.ok(behind >= 3, text);
});

Deno.test("two_programs.ts tells two programs apart", async () => {
  const text = await runWell("two_programs.ts", debuggee("demo.exe"), debuggee("modules.exe"));
  const [, demo] = /^demo\.exe (\d+) exits 42$/m.exec(text) ?? [];
  const [, modules] = /^modules\.exe (\d+) exits 7$/m.exec(text) ?? [];
  assert.ok(demo !== undefined && modules !== undefined && demo !== modules, text);
  assert.match(text, new RegExp(`^demo\\.exe ${demo} raises STATUS_ACCESS_VIOLATION$`, "m"));
  assert.match(text, new RegExp(`^modules\\.exe ${modules} loads plugin$`, "m"));
});

Deno.test("children.ts tells of each child by its policy", async () => {
  using folder = scratch();
  const tree = `${debuggee("tree.exe")} ${folder.path}\\tree.txt 1 2`;
  const all = lines(await runWell("children.ts", tree));
  assert.equal(all.filter((line) => /^tree\.exe \(\d+\) started by tree\.exe \(\d+\)$/.test(line)).length, 2);
  assert.equal(all.filter((line) => /^tree\.exe \(\d+\) exited with code 1$/.test(line)).length, 2);
  assert.match(all.at(-1) ?? "", /^tree\.exe \(\d+\) exited with code 0$/);
  const none = lines(await runWell("children.ts", "ignore=TREE*", tree));
  assert.equal(none.length, 2, none.join("\n"));
});

Deno.test("deadline.ts ends a program that runs too long, and lets others be", async () => {
  const text = await runWell("deadline.ts", debuggee("spin.exe"), "300");
  assert.match(text, /^spin\.exe still runs after 300 ms:$/m);
  assert.match(text, /spin!main {2}\S*spin\.c:\d+/);
  assert.equal(await runWell("deadline.ts", debuggee("modules.exe"), "60000"), "exit code 7\n");
});

Deno.test("attach.ts prints what it finds and runs on to the program's end", async () => {
  using folder = scratch();
  await using target = await startHeartbeat(folder.path, "--seconds", "6");
  const text = await runWell("attach.ts", String(target.pid));
  assert.ok(text.startsWith(`heartbeat.exe, process ${target.pid}\n`));
  assert.match(text, /^ {2}[0-9a-f]{16} +\d+ \S*ntdll\.dll$/m);
  assert.match(text, /^ {2}thread \d+ in ntdll!\w+$/m);
  assert.match(text, /^exitProcess \d+ code 0\nprogramDestroy 0 exited\n$/m);
});

Deno.test("attach.ts leaves its program running on Ctrl-C", async () => {
  using folder = scratch();
  await using target = await startHeartbeat(folder.path);
  const result = join(folder.path, "result.json");
  const script = fileURLToPath(new URL("press_ctrl_c.ts", import.meta.url));
  const example = ["run", "--allow-ffi", "--no-check", join(EXAMPLES, "attach.ts"), String(target.pid)];
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, result, "events until Ctrl-C", Deno.execPath(), ...example],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).output();
  const { code, text } = JSON.parse(Deno.readTextFileSync(result));
  assert.equal(code, 130, text);
  const before = target.count();
  await until(() => target.count() > before + 5, "the program runs on after attach.ts has ended");
});

Deno.test("serve.ts serves processes, which remote.ts lists and launches", async () => {
  const options = `tcp:port=${freePort()}`;
  const address = options.replace("tcp:", "tcp:server=127.0.0.1,");
  await using server = command("serve.ts", [options]).spawn();
  const first = await server.stdout.pipeThrough(new TextDecoderStream()).values().next();
  assert.match(first.value ?? "", /^serving tcp:port=/);

  const text = await runWell("remote.ts", address, debuggee("demo.exe"));
  assert.match(text, new RegExp(`^ *${server.pid} deno\\.exe$`, "m"));
  assert.match(text, /^loaded \S*plugin\.dll$/m);
  assert.match(text, /^process \d+ ended with code 42$/m);

  const second = await run("serve.ts", [options]);
  assert.match(second.errors, /^Cannot serve [^\n]+\n$/);
  assert.equal(second.code, 1);

  await using lab = await connect(address);
  await lab.port.shutdown();
  assert.equal((await server.status).code, 0);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("demo.ts shows engine, events, stack and exit code", async () => {
  const text = await runWell("demo.ts", debuggee("demo.exe"));
  assert.match(text, /^engine +[A-Z]:\\\S.* \(\w.*\)\n/);
  assert.match(text, /^ +dbghelp\.dll +\d+\.\d+\.\d+\.\d+$/m);
  assert.match(text, /^create process +[0-9a-f]{16} +\d+ KB {2}demo\.exe, process \d+$/m);
  assert.ok((text.match(/^load module +[0-9a-f]{16} +\d+ KB {2}\S+$/gm) ?? []).length >= 10);
  assert.match(
    text,
    /^exception +STATUS_ACCESS_VIOLATION, first chance, thread \d+\n +demo!write_total +demo\.c:\d+$/m,
  );
  assert.ok(text.endsWith("exit process    code 42\n"));
});
