/** What Microsoft's pages say about attaching, seen on the real engine where no other test shows it; see tests/statements.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";

function namesIn(session: DebugSession, kind: "call" | "event"): string[] {
  return session.trace.filter((entry) => entry.kind === kind).map(({ name }) => name);
}

/** Whether a DLL is loaded into this process. */
function isLoadedHere(name: string): boolean {
  const kernel32 = Deno.dlopen("kernel32.dll", { GetModuleHandleW: { parameters: ["buffer"], result: "pointer" } });
  try {
    const text = Uint16Array.from([...`${name}\0`], (sign) => sign.charCodeAt(0));
    return kernel32.symbols.GetModuleHandleW(text) !== null;
  } finally {
    kernel32.close();
  }
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`attach() (${hosting}) on this machine takes the third way, and is complete when it resolves`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid);
    assert.ok(isLoadedHere("dbgeng.dll"), "the engine is in the session's own process");
    assert.deepEqual(namesIn(session, "call"), ["load", "engine.attach"]);
    const events = namesIn(session, "event");
    assert.deepEqual(events, ["engineCreate", "createProcess", "programCreate", "loadComplete"]);
    assert.ok(session.trace.every(({ programId = program.id }) => programId === program.id));
    assert.deepEqual([...session.programs.keys()], [program.id]);
  });

  Deno.test(`attach() and launch() (${hosting}) through a process server are the port's, by the one engine`, async () => {
    using server = await serve();
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    await using port = await session.connect(server.address);
    const attached = await session.attach(beat.pid, { port });
    const launched = await session.launch([debuggee("stubborn.exe")], { port });
    assert.deepEqual(namesIn(session, "call"), ["port.attach", "load", "port.attach", "load"]);
    assert.equal(namesIn(session, "event").filter((name) => name === "engineCreate").length, 1);
    assert.deepEqual([attached.reason, launched.reason], ["user", "launch"]);
    await assert.rejects(session.attach(beat.pid, { port }), { name: "AttachError", kind: "already-attached" });
    await assert.rejects(session.attach(999_999, { port }), { name: "AttachError", kind: "no-such-process" });
    await attached.detach();
    await grows(beat);
    await launched.terminate();
  });

  Deno.test(`a launched program's own code (${hosting}) has not run while handlers of its first events take their time`, async () => {
    using folder = scratch();
    const file = join(folder.path, "beats");
    const hasRun = (): boolean => {
      try {
        return Deno.statSync(file).size > 0;
      } catch {
        return false;
      }
    };
    await using session = newSession();
    const answered: string[] = [];
    for (const name of ["programCreate", "loadComplete", "entryPoint"] as const) {
      session.on(name, async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.equal(hasRun(), false, `at ${name}`);
        answered.push(name);
      });
    }
    const program = await session.launch([debuggee("heartbeat.exe"), file, "10"]);
    const stop = session.wait();
    while (!hasRun()) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(answered, ["programCreate", "loadComplete", "entryPoint"]);
    await program.terminate();
    assert.deepEqual(await stop, { reason: "ended" });
  });
}
