/** Types and values are the same through a process server and in a dump as in the program itself. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { HresultError } from "../../lib/com/hresult.ts";
import { DEBUG_END_ACTIVE_DETACH } from "../../lib/dbgeng/generated/constants.ts";
import { leaseEngine } from "../../lib/dbgeng/thread/lease.ts";
import { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { locals, type, variable } from "../../lib/dbgeng/thread/variables.ts";
import { DebugSession } from "../../mod.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, scratch } from "./support.ts";
import { checkEverything, withValues } from "./values_support.ts";

const symbolPath = dirname(debuggee("values.exe"));

Deno.test("values through a process server are what the program says", async () => {
  using server = await serve();
  await using session = new DebugSession({ engine: engineFolder(), symbolPath });
  const port = await session.connect(server.address);
  await withValues(session, [debuggee("values.exe")], checkEverything, { port });
});

Deno.test("in a dump variables, types and locals are where they were in the program", async () => {
  using folder = scratch();
  const path = `${folder.path}\\values.dmp`;
  const names = ["g_order", "g_both", "g_list", "t_own", "g_reference", "shop::Order::s_count"].map((name) =>
    `values!${name}`
  );
  const types = ["Order", "Flags", "Both", "Color"].map((name) => `values!shop::${name}`);
  let threadId = 0;
  const found = new Map<string, unknown>();
  await using session = new DebugSession({ engine: engineFolder() });
  session.on("exception", async (event) => {
    const { program } = event;
    threadId = event.threadId;
    for (const name of names) {
      const value = await program.variable(name);
      found.set(name, [value.address, value.type.name, value.type.size]);
    }
    for (const name of types) {
      found.set(name, (await program.type(name)).fields.map(({ name, offset, type }) => [name, offset, type.name]));
    }
    for (const { name, value } of await program.thread(threadId).locals(1)) {
      found.set(name, [value?.address, value?.type.name]);
    }
    await program.writeDump(path);
    return "goHandled" as const;
  });
  const program = await session.launch([debuggee("values.exe")]);
  assert.equal((await program.run()).exitCode, 0);
  await session[Symbol.asyncDispose]();

  using lease = leaseEngine(engineFolder());
  using objects = new EngineObjects(lease.engine, symbolPath);
  objects.client.OpenDumpFileWide(path, 0n);
  try {
    objects.control.WaitForEvent(0, 60_000);
    objects.system.SetCurrentThreadId(objects.system.GetThreadIdBySystemId(threadId));
    const inDump = new Map<string, unknown>();
    for (const name of names) {
      const record = variable(objects, name);
      const root = record?.types.find(({ id }) => id === record.root);
      inDump.set(name, [record?.address, root?.name, root?.size]);
    }
    for (const name of types) {
      const record = type(objects, name);
      const nameOf = (id: number): string | undefined => record?.types.find((each) => each.id === id)?.name;
      const root = record?.types.find(({ id }) => id === record.root);
      inDump.set(
        name,
        (root?.fields ?? []).map((
          { name, offset, type, virtual },
        ) => [name, virtual ? undefined : offset, nameOf(type)]),
      );
    }
    for (const { name, address, types, root } of locals(objects, 1)) {
      inDump.set(name, [address, types.find(({ id }) => id === root)?.name]);
    }
    assert.deepEqual(inDump, found);
    assert.equal(found.size, names.length + types.length + 5);
  } catch (error) {
    throw error instanceof HresultError ? new Error(error.message) : error;
  } finally {
    objects.client.EndSession(DEBUG_END_ACTIVE_DETACH);
  }
});
