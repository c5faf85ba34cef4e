/** The engine's DLLs are for the process that hosts it: what is launched or attached to gets those of its own system. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { connect, DebugSession, type DebugSessionOptions, type Program } from "../../mod.ts";
import { runScript } from "./child_script.ts";
import { lines, serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

const PROGRAM = debuggee("dbghelp.exe");
/** What it ends with: its DLL's interface is of version 4, everywhere. */
const WELL = { reason: "exited", exitCode: 44 };

/** The folder of the dbghelp.dll that a program has loaded. */
async function folderOf(program: Program): Promise<string | undefined> {
  const module = (await program.modules()).find(({ imageName }) => /dbghelp\.dll$/i.test(imageName));
  return module?.imageName.toLowerCase().replace(/\\[^\\]+$/, "");
}

for (const hosting of hostings) {
  const options: DebugSessionOptions = { hosting, engine: engineFolder() };

  Deno.test(`a launched program that imports dbghelp.dll gets that of the system, and runs (${hosting})`, async () => {
    await using session = new DebugSession(options);
    for (const launch of [{}, { environment: { OTHER: "1" } }, { clearEnvironment: true }]) {
      const program = await session.launch([PROGRAM], launch);
      assert.equal(await folderOf(program), "c:\\windows\\system32");
      await session.wait();
      assert.deepEqual(program.end, WELL);
    }
  });

  Deno.test(`so does one that is attached to (${hosting})`, async () => {
    await using session = new DebugSession(options);
    const child = new Deno.Command(PROGRAM, { args: ["--wait"], stdin: "piped", stdout: "piped" }).spawn();
    const next = lines(child.stdout);
    assert.equal(await next(), "ready");
    const program = await session.attach(child.pid);
    assert.equal(await folderOf(program), "c:\\windows\\system32");
    await child.stdin.close();
    await session.wait();
    assert.deepEqual(program.end, WELL);
    await child.status;
    assert.equal(await next(), undefined);
  });
}

Deno.test("so does one that a process server launches", async () => {
  using server = await serve();
  await using connection = await connect(server.address, { engine: engineFolder() });
  const { session, port } = connection;
  const program = await session.launch([PROGRAM], { port });
  await session.wait();
  assert.deepEqual(program.end, WELL);
});

Deno.test("a process that gets Wine's own engine says so, and what to set", { ignore: !isWine() }, async () => {
  using folder = scratch();
  const deno = join(folder.path, "other.exe"); // Wine knows the host by its name
  Deno.copyFileSync(Deno.execPath(), deno);
  const { out } = await runScript(
    "await new latch.DebugSession({ engine }).engine().catch(({ kind, message }) => console.log(`${kind}: ${message}`));",
    { deno },
  );
  const says =
    /^conflict: Cannot use the debugger engine: Wine has loaded its own dbghelp\.dll .* WINEDLLOVERRIDES=\S+=n,b\s*$/;
  assert.match(out, says);
});
