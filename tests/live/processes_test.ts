/** What is told of processes that nobody has opened: paths and command lines, by the programs' own word. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type ProcessInfo } from "../../mod.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, keepEngine, scratch } from "./support.ts";

keepEngine();

/** A running program, and its own word. */
interface Running extends AsyncDisposable {
  readonly processId: number;
  readonly commandLine: string;
  readonly path: string;
}

async function start(program: string, args: readonly string[]): Promise<Running> {
  const child = new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (text.split("\0").length < 3) text += (await reader.read()).value ?? assert.fail("it ended");
  const [commandLine = "", path = ""] = text.split("\0");
  return {
    ...{ processId: child.pid, commandLine, path },
    async [Symbol.asyncDispose](): Promise<void> {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

const ARGUMENTS: readonly (readonly string[])[] = [
  [],
  ["one", "two words", 'quo"te', "", "\ttab", "grüße 世界 🚀"],
  ["x  Command Line: y", "Services: none  Command Line: z"],
  ["new\nline"],
  ["x".repeat(30_000)],
];

/** What is listed of a program, but for its name. */
function listed(list: readonly ProcessInfo[], { processId }: Running): Omit<Running, typeof Symbol.asyncDispose> {
  const { commandLine = "", path = "" } = list.find((process) => process.processId === processId) ?? {};
  return { processId, commandLine, path };
}

Deno.test("processes() tells the path and the command line of each, here and through a process server", async () => {
  using folder = scratch();
  const program = join(folder.path, "own prögram.exe");
  await Deno.copyFile(debuggee("command_line.exe"), program);
  await using stack = new AsyncDisposableStack();
  const programs: Running[] = [];
  for (const args of ARGUMENTS) programs.push(stack.use(await start(program, args)));
  const own = programs.map(({ processId, commandLine, path }) => ({ processId, commandLine, path }));
  assert.ok(own.every(({ path }) => path.endsWith("own prögram.exe")));
  using server = await serve();
  await using session = new DebugSession({ engine: engineFolder() });
  const port = await session.connect(server.address);
  for (const list of [await session.processes(), await port.processes(), await port.processes("own prögram")]) {
    assert.deepEqual(programs.map((program) => listed(list, program)), own);
    for (const { name, path, description } of list) {
      assert.ok(path === "" || path.endsWith(`\\${name}`), path);
      assert.doesNotMatch(description, /Command Line/);
    }
  }
  assert.ok((await session.processes()).some(({ description }) => description.startsWith("Services: ")));
});

Deno.test("the error about several processes of one name tells them apart", async () => {
  using folder = scratch();
  const name = `twin-${crypto.randomUUID().slice(0, 8)}.exe`;
  await Deno.copyFile(debuggee("command_line.exe"), join(folder.path, name));
  await using one = await start(join(folder.path, name), ["--one"]);
  await using other = await start(join(folder.path, name), ["--other\n", "x".repeat(500)]);
  await using session = new DebugSession({ engine: engineFolder() });
  await assert.rejects(session.attach(name), ({ kind, message }) => {
    assert.equal(kind, "ambiguous");
    assert.ok(message.includes(`${name} (${one.processId}: ${one.commandLine})`), message);
    assert.ok(message.includes(`${name} (${other.processId}: `) && message.includes("--other"), message);
    assert.ok(message.length < 600 && !message.includes("\n"), message);
    return true;
  });
});
