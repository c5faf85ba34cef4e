/** Dumps as programs: what is in them is what the program itself said, and what was to be seen in it, when they were written. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  DebugSession,
  type Dump,
  EngineError,
  launch,
  openDump,
  type OpenDumpOptions,
  type Program,
  type RegisterValue,
  StateError,
  type ThreadView,
} from "../../mod.ts";
import { standElsewhere } from "../files/changed_dump_support.ts";
import { makeKernelDump, SMALL_DUMP } from "../files/kernel_dump_support.ts";
import { makeMinidump, THREAD } from "../files/minidump_support.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";
import { checkEverything, type Truth, withValues } from "./values_support.ts";

const symbolPath = dirname(debuggee("values.exe"));

async function opened(path: string, options: OpenDumpOptions = {}): Promise<Dump> {
  return await openDump(path, { engine: engineFolder(), symbolPath, ...options });
}

/** Launches a program, and does something at the exception that ends it. */
async function atCrash(name: string, look: (program: Program, threadId: number) => Promise<void>): Promise<void> {
  await using program = await launch([debuggee(name)], { engine: engineFolder() });
  for (let chance = 0; chance < 2; chance++) {
    const { firstChance, threadId } = await program.next("exception");
    if (!firstChance) await look(program, threadId);
  }
}

for (const hosting of hostings) {
  Deno.test(`values in a dump (${hosting}) of every kind of type are what the program said`, async () => {
    using folder = scratch();
    const path = join(folder.path, "values.dmp");
    let threadId = 0;
    let truth: Truth | undefined;
    await using session = new DebugSession({ engine: engineFolder() });
    await withValues(session, [debuggee("values.exe")], async (program, thread, said) => {
      threadId = thread;
      truth = said.soFar();
      await program.writeDump(path);
    });
    await session[Symbol.asyncDispose]();
    assert.ok(truth);
    await using dump = await opened(path, { hosting });
    await checkEverything(dump, threadId, truth);
  });
}

Deno.test("a dump tells of its program, exception, threads, stacks and registers what the program showed at its crash", async () => {
  using folder = scratch();
  const path = join(folder.path, "faulty.dmp");
  const told: unknown[] = [];
  await atCrash("faulty.exe", async (program, threadId) => {
    const thread = program.thread(threadId);
    told.push(program.processId, program.name, program.architecture, program.pointerSize, threadId);
    told.push(await thread.stack(), await ownRegisters(thread), await program.threads().then((all) => all.map(idOf)));
    told.push((await program.modules()).map(({ base }) => base).sort());
    told.push((await thread.locals()).map(({ name, value }) => [name, value?.type.name, value?.address]));
    told.push(await program.evaluate("@rip"), await program.lineAt(program.image.base + 0x1000n));
    await program.writeDump(path);
  });
  await using dump = await opened(path);
  const thread = dump.thread();
  const found: unknown[] = [dump.processId, dump.name, dump.architecture, dump.pointerSize, dump.threadId];
  found.push(await thread.stack(), await ownRegisters(thread), await dump.threads().then((all) => all.map(idOf)));
  const modules = await dump.modules();
  found.push(modules.map(({ base }) => base).sort());
  found.push((await thread.locals()).map(({ name, value }) => [name, value?.type.name, value?.address]));
  const base = modules.find(({ name }) => name === "faulty")?.base ?? 0n;
  found.push(await dump.evaluate("@rip"), await dump.lineAt(base + 0x1000n));
  assert.deepEqual(found, told);
  assert.equal(dump.path, path);
  assert.deepEqual(
    [dump.exception?.name, dump.exception?.code, dump.exception?.threadId, dump.exception?.parameters],
    ["STATUS_ACCESS_VIOLATION", 0xc0000005, dump.threadId, [1n, 0n]],
  );
  assert.match(await dump.execute("k 2"), /faulty!write_price/);
});

/** Those that dumps have: the upper halves of ymm are not among them, and what processors record beside. */
async function ownRegisters(thread: ThreadView): Promise<[name: string, value: RegisterValue][]> {
  const all = Object.entries(await thread.registers()).filter(([name]) => IN_CONTEXT.test(name));
  assert.ok(all.length > 100, `${all.length} registers`);
  return all;
}

const IN_CONTEXT = /^(?:r(?:[a-d]x|[sd]i|[sbi]p|\d+)[bwd]?|efl|[c-gs]s|xmm\d+(?:\/\d)?|st\d|mxcsr|fp[cst]w)$/;

function idOf({ threadId }: { readonly threadId: number }): number {
  return threadId;
}

Deno.test("where the thread stands in what wrote the dump, stack, registers and locals are those at the exception", async () => {
  using folder = scratch();
  const path = join(folder.path, "faulty.dmp");
  const told: unknown[] = [];
  await atCrash("faulty.exe", async (program, threadId) => {
    told.push(...await sightOf(program.thread(threadId)));
    await program.writeDump(path, { type: "mini" });
  });
  Deno.writeFileSync(path, standElsewhere(Deno.readFileSync(path)));
  await using dump = await opened(path);
  assert.match(await dump.execute("r rip"), /rip=0000000000001000/);
  assert.deepEqual(await sightOf(dump.thread()), told);
  assert.match(await dump.execute("r rip"), /rip=0000000000001000/, "the engine's own scope is as it was");
});

async function sightOf(thread: ThreadView): Promise<unknown[]> {
  const { rip, rsp, rcx, rdx } = await thread.registers();
  const locals = await Promise.all([0, 1, 2].map((frame) => thread.locals(frame)));
  const seen = await Promise.all(
    locals.flat().map(async ({ name, value }) => [name, value?.type.name, value?.address, await value?.read()]),
  );
  assert.ok(seen.length >= 5, "five parameters are seen");
  return [rip, rsp, rcx, rdx, await thread.stack(3), seen];
}

Deno.test("of a small dump what is in it is read, and it is said what is not", async () => {
  using folder = scratch();
  const path = join(folder.path, "mini.dmp");
  let heap = 0n;
  await using session = new DebugSession({ engine: engineFolder() });
  await withValues(session, [debuggee("values.exe")], async (program) => {
    const address = await (await program.variable("values!g_list")).read();
    heap = address as bigint;
    await program.writeDump(path, { type: "mini" });
  });
  await session[Symbol.asyncDispose]();
  await using dump = await opened(path);
  const [frame] = await dump.thread().stack(1);
  assert.equal(frame?.symbol, "values!look");
  const locals = await dump.thread().locals();
  const count = locals.find(({ name }) => name === "count");
  assert.equal(await count?.value?.read(), 3);
  assert.equal((await dump.type("values!shop::Order")).size, 320);
  await assert.rejects(dump.memory.read(heap, 16), {
    name: "EngineError",
    kind: "failed",
    message: /^Cannot read 16 bytes at 0x[\da-f]+: 0 of them are accessible there/,
  });
});

Deno.test("nothing in a dump runs or is changed; what would is refused with words, and the dump is read on", async () => {
  using folder = scratch();
  const path = join(folder.path, "faulty.dmp");
  await atCrash("faulty.exe", (program) => program.writeDump(path));
  const dump = await opened(path);
  const { rsp } = await dump.thread().registers();
  for (const command of ["g", "p", "t 3", "gu", "r rip = 0; g", ".restart", ".create app.exe", "k;.attach 1"]) {
    await assert.rejects(dump.execute(command), {
      name: "EngineError",
      kind: "not-supported",
      message: `Cannot run a program by "${command}": this is a dump; debug the program itself for that`,
    });
  }
  const refused = { name: "EngineError", kind: "not-supported", message: /^Cannot write memory: this is a dump; / };
  await assert.rejects(dump.memory.write(rsp as bigint, new Uint8Array(4)), refused);
  const { value } = (await dump.thread().locals()).find(({ name }) => name === "value") ?? {};
  await assert.rejects(value?.write(1) ?? Promise.resolve(), refused);
  assert.equal(await value?.read(), 6);
  await assert.rejects(dump.thread(4711).stack(), {
    name: "EngineError",
    kind: "failed",
    message: new RegExp(`^Cannot use thread 4711: process ${dump.processId} has none of this id; `),
  });
  await dump.execute("q");
  await assert.rejects(dump.threads(), {
    name: "StateError",
    kind: "closed",
    message: "Cannot use the dump: a command has closed it; open it again",
  });
  await dump[Symbol.asyncDispose]();
  await dump[Symbol.asyncDispose]();
  await assert.rejects(dump.threads(), (error) => {
    assert.ok(error instanceof StateError && error.kind === "closed", String(error));
    assert.equal(error.message, `Cannot use the dump ${path}: it was closed`);
    return true;
  });
});

Deno.test("what is no dump of a program is an error with the next step, and the engine is free again", async () => {
  using folder = scratch();
  const text = join(folder.path, "text.dmp");
  Deno.writeTextFileSync(text, "no dump at all, but for its name");
  const kernel = join(folder.path, "kernel.dmp");
  Deno.writeFileSync(kernel, makeKernelDump(SMALL_DUMP));
  const none = "it is not there, or it is no dump; give the path of a .dmp file";
  const cases: [path: string, kind: string, words: string][] = [
    [join(folder.path, "none.dmp"), "failed", none],
    [text, "failed", none],
    [debuggee("faulty.exe"), "failed", "it is a program or DLL; give a dump of it"],
    [kernel, "not-supported", "it is one of Windows itself, not of a program; `latch dump show` tells what it says"],
  ];
  for (const [path, kind, words] of cases) {
    await assert.rejects(opened(path), (error) => {
      assert.ok(error instanceof EngineError, String(error));
      assert.equal(error.kind, kind, path);
      assert.ok(error.message.startsWith(`Cannot open the dump ${path}: ${words}`), error.message);
      return true;
    });
  }
  await using program = await launch([debuggee("faulty.exe")], { engine: engineFolder() });
  const path = join(folder.path, "start.dmp");
  await program.writeDump(path);
  await assert.rejects(opened(path), { name: "EngineError", kind: "in-use" });
  await program[Symbol.asyncDispose]();
  await using dump = await opened(path);
  assert.equal(dump.exception?.name, "STATUS_BREAKPOINT", "where Windows hands a program over");
  await assert.rejects(launch([debuggee("faulty.exe")], { engine: engineFolder() }), {
    name: "EngineError",
    kind: "in-use",
  });
  const late = new AbortController();
  late.abort();
  await assert.rejects(opened(path, { signal: late.signal }), { name: "AbortError" });
});

Deno.test("exceptions in dumps of other systems have their own names", async () => {
  using folder = scratch();
  const path = join(folder.path, "made.dmp");
  const dumps = [
    [{ platform: 0x8201, code: 11, flags: 1, address: 0x45n }, ["SIGSEGV", "SEGV_MAPERR", 0x45n]],
    [{ platform: 0x8101, code: 1, flags: 1, address: 0x10n }, ["EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS", 0x10n]],
    [{ platform: 2, code: 0xc0000005, flags: 0, address: 0x20n }, ["STATUS_ACCESS_VIOLATION", undefined, 0x20n]],
  ] as const;
  for (const [made, told] of dumps) {
    Deno.writeFileSync(path, makeMinidump(made));
    await using dump = await opened(path);
    assert.deepEqual([dump.exception?.name, dump.exception?.details, dump.exception?.address], told);
    assert.deepEqual([dump.threadId, dump.exception?.threadId], [THREAD, THREAD]);
  }
});
