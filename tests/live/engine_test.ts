/** Which engine is found, by whom it was named, and what is told when there is none. Each script is a process of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type EngineInfo } from "../../mod.ts";
import { some } from "../count.ts";
import { runScript, type ScriptOptions } from "./child_script.ts";
import { engineFolder, hostings, scratch } from "./support.ts";

/** The version that the tests pin. */
const VERSION = "10.0.29507.1001";
const FAMILY = ["dbgcore.dll", "dbghelp.dll", "dbgmodel.dll", "dbgeng.dll"];

/** Opens a session with OPTIONS and prints its engine, or its error; disposal leaves nothing that keeps the script alive. */
const OPEN = `
const options = JSON.parse(Deno.args[0]);
try {
  await using session = new latch.DebugSession(options);
  console.log(JSON.stringify({ info: await session.engine() }));
} catch ({ name, kind, message }) {
  console.log(JSON.stringify({ error: { name, kind, message } }));
}`;

interface Outcome {
  readonly info?: EngineInfo;
  readonly error?: { readonly name: string; readonly kind: string; readonly message: string };
}

/** Runs a script that prints outcomes as lines; it must end by itself, within seconds and with nothing to complain about. */
async function outcomes(code: string, options: ScriptOptions): Promise<Outcome[]> {
  const { code: exit, out, err } = await runScript(code, options);
  assert.deepEqual({ exit, err }, { exit: 0, err: "" });
  return out.trim().split(/\r?\n/).map((line) => JSON.parse(line) as Outcome);
}

async function open(options: object, script: ScriptOptions = {}): Promise<Outcome> {
  const [outcome] = await outcomes(OPEN, { ...script, args: [JSON.stringify(options)] });
  assert.ok(outcome);
  return outcome;
}

function assertPinned(info: EngineInfo | undefined, folder: string, source: string): void {
  assert.deepEqual(info, {
    folder,
    source,
    version: VERSION,
    architecture: "x86_64",
    files: FAMILY.map((name) => ({ name, path: join(folder, name), version: VERSION })),
  });
}

/** A folder of the engine's DLLs without some of them. */
function copyEngine(target: string, without: readonly string[] = []): string {
  Deno.mkdirSync(target);
  for (const name of FAMILY) {
    if (!without.includes(name)) Deno.copyFileSync(join(engineFolder(), name), join(target, name));
  }
  return target;
}

function assertError({ error }: Outcome, kind: string, says: readonly (string | RegExp)[]): void {
  assert.equal(error?.name, "EngineError");
  assert.equal(error.kind, kind, error.message);
  assert.match(error.message, /^Cannot [^\r\n]+$/);
  for (const part of says) {
    if (typeof part === "string") assert.ok(error.message.includes(part), `${error.message}\nmust hold ${part}`);
    else assert.match(error.message, part);
  }
}

Deno.test("engine() tells the same of the worker's engine and of the inline one", async () => {
  for (const hosting of hostings) {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    assertPinned(await session.engine(), engineFolder(), "option");
  }
});

// The engine is found and loaded by the same code in either hosting.
for (const hosting of some(hostings, 1)) {
  Deno.test(`a session (${hosting}) takes the engine of the option "engine" with --allow-ffi alone`, async () => {
    using folder = scratch();
    const engine = copyEngine(join(folder.path, "engine"));
    assertPinned((await open({ hosting, engine })).info, engine, "option");
  });

  Deno.test(`a session (${hosting}) finds an engine by itself with --allow-ffi alone`, async () => {
    const { info } = await open({ hosting });
    assert.match(info?.source ?? "", /^(Windows Kits|NuGet|System32)$/);
    assert.deepEqual(
      info?.files.map(({ name, path }) => ({ name, path })),
      FAMILY.map((name) => ({
        name,
        path: join(info?.folder ?? "", name),
      })),
    );
    for (const { version } of info?.files ?? []) assert.equal(version, info?.version);
  });

  Deno.test(`a session (${hosting}) takes the engine of LATCH_ENGINE where it may read it`, async () => {
    using folder = scratch();
    const engine = copyEngine(join(folder.path, "named"));
    const env = { LATCH_ENGINE: engine };
    for (const permission of some(["--allow-env=LATCH_ENGINE", "--allow-env"], 1)) {
      const { info } = await open({ hosting }, { env, flags: ["--allow-ffi", permission] });
      assertPinned(info, engine, "LATCH_ENGINE");
    }
    const { info } = await open({ hosting }, { env, flags: ["--allow-ffi"] });
    assert.match(info?.source ?? "", /^(Windows Kits|NuGet|System32)$/);
    const other = await open({ hosting, engine: engineFolder() }, { env, flags: ["--allow-ffi", "--allow-env"] });
    assertPinned(other.info, engineFolder(), "option");
  });

  Deno.test(`a session (${hosting}) tells that there is no engine in the folder named`, async () => {
    const engine = "C:\\no\\such\\folder";
    const says = [engine, /install the Debugging Tools/, /option "engine" or LATCH_ENGINE/];
    assertError(await open({ hosting, engine }), "not-found", says);
    const env = { LATCH_ENGINE: engine };
    assertError(await open({ hosting }, { env, flags: ["--allow-ffi", "--allow-env"] }), "not-found", says);
  });

  Deno.test(`a session (${hosting}) tells which DLL an engine's folder lacks, and works with another folder`, async () => {
    using folder = scratch();
    for (const missing of some(FAMILY, 2)) {
      const engine = copyEngine(join(folder.path, missing), [missing]);
      const [refused, opened] = await outcomes(
        OPEN + OPEN.replace("args[0]", "args[1]").replaceAll("options", "next"),
        {
          args: [JSON.stringify({ hosting, engine }), JSON.stringify({ hosting, engine: engineFolder() })],
        },
      );
      assertError(refused ?? {}, "incomplete", [engine, `without ${missing}`, /copy the whole folder/]);
      assertPinned(opened?.info, engineFolder(), "option");
    }
  });

  Deno.test(`a session (${hosting}) tells that an engine was made for another machine`, async () => {
    using folder = scratch();
    const engine = copyEngine(join(folder.path, "engine"));
    const file = join(engine, "dbgcore.dll");
    const bytes = Deno.readFileSync(file);
    const header = new DataView(bytes.buffer).getUint32(0x3c, true);
    new DataView(bytes.buffer).setUint16(header + 4, 0x01c4, true); // IMAGE_FILE_HEADER.Machine: 32-bit ARM
    Deno.writeFileSync(file, bytes);
    assertError(await open({ hosting, engine }), "not-found", [engine, /another architecture than x86_64/]);
  });

  Deno.test(`a session (${hosting}) tells who loaded another dbghelp before`, async () => {
    using folder = scratch();
    const other = join(folder.path, "dbghelp.dll");
    Deno.copyFileSync(join(engineFolder(), "dbghelp.dll"), other);
    const code = `Deno.dlopen(Deno.args[1], {});\n${OPEN}`;
    const [outcome] = await outcomes(code, { args: [JSON.stringify({ hosting, engine: engineFolder() }), other] });
    assertError(outcome ?? {}, "conflict", [other, join(engineFolder(), "dbghelp.dll"), VERSION, /start without/]);
  });

  Deno.test(`a session (${hosting}) tells which permission it lacks`, async () => {
    const named = `--allow-ffi=${join(engineFolder(), "dbgeng.dll")}`;
    for (const flags of some([["--no-prompt"], [], [named, "--no-prompt"], [named], ["--deny-ffi"]], 3)) {
      assertError(await open({ hosting, engine: engineFolder() }, { flags }), "permission", [/again with --allow-ffi/]);
    }
  });
}

Deno.test("startProcessServer() tells of a missing permission and a missing engine, and the script ends", async () => {
  const code = `
    const fail = ({ name, kind, message }) => console.log(JSON.stringify({ error: { name, kind, message } }));
    await latch.startProcessServer("tcp:port=1", { engine: Deno.args[0] }).catch(fail);`;
  const args = ["C:\\no\\such\\folder"];
  const [permission] = await outcomes(code, { args, flags: ["--no-prompt"] });
  assertError(permission ?? {}, "permission", [/--allow-ffi/]);
  const [missing] = await outcomes(code, { args });
  assertError(missing ?? {}, "not-found", [/install/]);
});
