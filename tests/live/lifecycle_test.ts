/** The events of a program's life on the real engine: which come, how often, in which order, and what they hold. */
import assert from "node:assert/strict";
import { type DebugEvent, DebugSession, type EventHandler, type EventName } from "../../mod.ts";
import { grows, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const LIFE = ["createProcess", "programCreate", "loadComplete", "entryPoint", "exitProcess", "programDestroy"] as const;

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`a launched program (${hosting}) has each event of its life once, in their order`, async () => {
    await using session = newSession();
    const seen: string[] = [];
    session.on("engineCreate", ({ engineId }) => void seen.push(`engineCreate ${engineId}`));
    const handler = (event: DebugEvent): void => {
      assert.equal(event.program.id, id ??= event.program.id);
      seen.push(event.type);
    };
    let id: string | undefined;
    for (const name of LIFE) session.on(name, handler as EventHandler<EventName>);
    const program = await session.launch([debuggee("stubborn.exe")]);
    assert.deepEqual(seen, ["engineCreate dbgeng", "createProcess", "programCreate", "loadComplete"]);
    assert.equal(program.reason, "launch");
    await session.run();
    assert.deepEqual(seen.slice(1), LIFE);
    const traced = session.trace.filter(({ kind }) => kind === "event").map(({ name }) => name);
    assert.deepEqual(traced.filter((name) => (LIFE as readonly string[]).includes(name)), LIFE);
    assert.ok(session.trace.every(({ programId = id }) => programId === id));
  });

  Deno.test(`next("entryPoint") (${hosting}) stops a launched program at its image's first instruction`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("stubborn.exe")]);
    const event = await program.next("entryPoint");
    assert.equal(program.state, "stopped");
    const [frame] = await program.thread(event.threadId).stack(1);
    assert.match(frame?.symbol ?? "", /^stubborn!(\w*start\w*|\w*CRTStartup)$/i);
    assert.equal(frame?.address, await program.evaluate("$exentry"));
    assert.match(await program.execute("bl"), /^\s*$/, "nothing of it is left");
    assert.deepEqual(await program.run(), { reason: "exited", exitCode: 5 });
  });

  Deno.test(`attach() (${hosting}) has no entry point, and detach() is the last that is heard of it`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const seen: string[] = [];
    for (const name of LIFE) session.on(name, ({ type }: { type: string }) => void seen.push(type));
    let reason = "";
    session.on("programDestroy", (event) => void (reason = event.reason));
    for (let round = 0; round < 2; round++) {
      const program = await session.attach(beat.pid);
      const stop = session.wait();
      await grows(beat);
      await program.detach();
      await stop;
      await grows(beat);
      assert.deepEqual(seen.splice(0), ["createProcess", "programCreate", "loadComplete", "programDestroy"]);
      assert.equal(reason, "detached");
    }
    assert.equal(session.trace.filter(({ name }) => name === "engineCreate").length, 1);
  });

  Deno.test(`a handler of programCreate (${hosting}) listens to its program from its first module on`, async () => {
    await using session = newSession();
    const modules: string[] = [];
    session.on("programCreate", ({ program }) => {
      program.on("loadModule", ({ module }) => void modules.push(module.name.toLowerCase()));
    });
    await session.launch([debuggee("stubborn.exe")]);
    assert.equal(modules[0], "ntdll");
    await session.run();
  });
}
