/** Programs that Windows cannot load: the launch says what is not there, and one that started them is told the same. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AttachError, DebugSession } from "../../mod.ts";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

/** A file in a folder that is another one with some of its texts replaced by others of the same length. */
function changed(folder: string, name: string, source: string, texts: Readonly<Record<string, string>>): string {
  let bytes = Deno.readFileSync(debuggee(source));
  for (const [from, to] of Object.entries(texts)) {
    assert.equal(from.length, to.length);
    const text = new TextDecoder("latin1").decode(bytes);
    const at = text.indexOf(`${from}\0`);
    assert.ok(at > 0, from);
    bytes = bytes.slice();
    bytes.set(new TextEncoder().encode(to), at);
  }
  const path = join(folder, name);
  Deno.writeFileSync(path, bytes);
  return path;
}

/** A program whose import of dbghelp.dll has another name. */
function importing(folder: string, dll: string): string {
  return changed(folder, "app.exe", "dbghelp.exe", { "dbghelp.dll": dll });
}

/** What the launch of a program fails with. */
async function failure(session: DebugSession, path: string, options = {}): Promise<string> {
  const error = await session.launch([path], options).then(() => undefined, (error) => error);
  assert.ok(error instanceof AttachError && error.kind === "exited", `${error}`);
  const begin = `Cannot launch ${path}: it ended with code `;
  assert.ok(error.message.startsWith(begin), error.message);
  return error.message.slice(begin.length);
}

const NOT_FOUND = "0xC0000135 (STATUS_DLL_NOT_FOUND) before it was complete; ";

for (const hosting of hostings) {
  Deno.test(`the launch (${hosting}) of a program without one of its DLLs names the DLL, and who imports it`, async () => {
    using folder = scratch();
    const program = importing(folder.path, "nowhere.dll");
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const causes: unknown[] = [];
    session.on("exitProcess", ({ cause }) => void causes.push(cause));
    session.on("programDestroy", ({ cause }) => void causes.push(cause));
    const cause = "app.exe imports nowhere.dll, which is not there; put it beside app.exe or into a folder of PATH";
    assert.equal(await failure(session, program), NOT_FOUND + cause);
    assert.deepEqual(causes, [cause, cause]);

    // The next one in the chain.
    changed(folder.path, "nowhere.dll", "stuck.dll", { "KERNEL32.dll": "KERNEL3Q.dll" });
    assert.match(await failure(session, program), /; nowhere\.dll imports KERNEL3Q\.dll, which is not there; /);
  });
}

Deno.test("a DLL in the working folder or in a folder of the launch's PATH is there", async () => {
  using folder = scratch();
  using other = scratch();
  const program = importing(folder.path, "nowhere.dll");
  changed(other.path, "nowhere.dll", "stuck.dll", { "KERNEL32.dll": "KERNEL3Q.dll" });
  await using session = new DebugSession({ engine: engineFolder() });
  for (const options of [{ directory: other.path }, { environment: { Path: `C:\\x;${other.path}` } }]) {
    assert.match(await failure(session, program, options), /; nowhere\.dll imports KERNEL3Q\.dll, which/);
  }
});

Deno.test("a DLL that is none, or for another processor, is named", async () => {
  using folder = scratch();
  const program = importing(folder.path, "nowhere.dll");
  await using session = new DebugSession({ engine: engineFolder() });
  const dll = join(folder.path, "nowhere.dll");
  // Wine looks on in other folders, and ends with the other code.
  Deno.writeTextFileSync(dll, "version https://git-lfs.github.com/spec/v1\n");
  assert.match(
    await failure(session, program),
    /^(0xC000007B \(STATUS_INVALID_IMAGE_FORMAT\)|0xC0000135 \(STATUS_DLL_NOT_FOUND\)) .*nowhere\.dll is no DLL, or damaged/,
  );
});

Deno.test("a DLL that refuses to start is told as such", async () => {
  using folder = scratch();
  const program = importing(folder.path, "nowhere.dll");
  const bytes = Deno.readFileSync(debuggee("plugin.dll"));
  const view = new DataView(bytes.buffer);
  const header = view.getUint32(0x3c, true);
  const first = header + 24 + view.getUint16(header + 20, true);
  const entry = view.getUint32(header + 24 + 16, true) - view.getUint32(first + 12, true) +
    view.getUint32(first + 20, true);
  bytes.set([0x31, 0xc0, 0xc3], entry); // xor eax, eax; ret
  Deno.writeFileSync(join(folder.path, "nowhere.dll"), bytes);
  await using session = new DebugSession({ engine: engineFolder() });
  assert.match(
    await failure(session, program),
    /^0xC0000142 \(STATUS_DLL_INIT_FAILED\) .*; a DLL refused to start \(its DllMain /,
  );
});

Deno.test("a function that a DLL does not have is named, with the DLL", async () => {
  using folder = scratch();
  const program = changed(folder.path, "app.exe", "dbghelp.exe", { ImagehlpApiVersion: "ImagehlpApiVersioQ" });
  await using session = new DebugSession({ engine: engineFolder() });
  if (!isWine()) return assert.match(await failure(session, program), /0xC0000139 .*ImagehlpApiVersioQ/i);
  // Wine begins such a program, and raises an exception where the function is called.
  const told: unknown[] = [];
  session.on("exception", ({ code, details }) => void told.push([code, details]));
  await session.launch([program]);
  await session.wait();
  assert.deepEqual(told[0], [0x80000100, "dbghelp.dll has no ImagehlpApiVersioQ"]);
});

Deno.test("one that a process server launches, whose files are elsewhere, has the code's meaning", async () => {
  using folder = scratch();
  using server = await serve();
  await using session = new DebugSession({ engine: engineFolder() });
  const port = await session.connect(server.address);
  const text = await failure(session, importing(folder.path, "nowhere.dll"), { port });
  assert.match(text, /^0xC0000135 \(STATUS_DLL_NOT_FOUND\) .*; a DLL that it needs is not there; put/);
});

Deno.test("a child that could not be loaded has the cause in its events, a parent that passes the code on has not", async () => {
  using folder = scratch();
  const child = importing(folder.path, "nowhere.dll");
  await using session = new DebugSession({ engine: engineFolder() });
  const ends: [string, number | undefined, string | undefined][] = [];
  session.on("programDestroy", ({ program, exitCode, cause }) => void ends.push([program.name, exitCode, cause]));
  await session.launch(["cmd.exe", "/c", `${child} & exit -1073741515`], { children: "follow" });
  await session.wait();
  assert.deepEqual(ends.map(([name, code]) => [name.toLowerCase(), Number(code) >>> 0]), [
    ["app.exe", 0xc0000135],
    ["cmd.exe", 0xc0000135],
  ]);
  assert.match(ends[0]?.[2] ?? "", /^app\.exe imports nowhere\.dll/);
  assert.equal(ends[1]?.[2], undefined);
});
