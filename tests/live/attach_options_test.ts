/** Every combination of attach options: what the engine says of its flags, and what becomes of the process, seen from outside. */
import assert from "node:assert/strict";
import { join } from "node:path";
import * as dbgeng from "../../lib/dbgeng/mod.ts";
import { refuseCombinations } from "../../lib/session/attach_rules.ts";
import { AttachError, type AttachOptions, DebugSession, type Program, StateError } from "../../lib/api/mod.ts";
import { createSuspended } from "./acts_support.ts";
import { type Count, countIn, grows, type Heartbeat, rests, startHeartbeat } from "./heartbeat_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

const E_INVALIDARG = 0x80070057 | 0;
/** What the engine says of `existing` for a process that no debugger has abandoned. */
const STATUS_PORT_NOT_SET = 0xD0000353 | 0;

/** What the session takes for a combination of the engine's flags; undefined where its options cannot say it. */
function optionsOf(flags: number): AttachOptions | undefined {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const observes = has(dbgeng.DEBUG_ATTACH_NONINVASIVE);
  const noSuspend = has(dbgeng.DEBUG_ATTACH_NONINVASIVE_NO_SUSPEND);
  if (noSuspend && !observes) return undefined;
  return {
    noninvasive: noSuspend ? "noSuspend" : observes,
    existing: has(dbgeng.DEBUG_ATTACH_EXISTING),
    initialBreak: !has(dbgeng.DEBUG_ATTACH_INVASIVE_NO_INITIAL_BREAK),
    resume: has(dbgeng.DEBUG_ATTACH_INVASIVE_RESUME_PROCESS),
  } as AttachOptions;
}

/** Whether the session's rules allow a combination of flags. */
function isLegal(flags: number): boolean {
  const options = optionsOf(flags);
  if (!options) return false;
  try {
    refuseCombinations(options);
    return true;
  } catch (error) {
    assert.ok(error instanceof AttachError && error.kind === "invalid-flags", String(error));
    return false;
  }
}

function spin(): { readonly pid: number } & AsyncDisposable {
  const child = new Deno.Command(debuggee("spin.exe"), { stdin: "null", stdout: "null", stderr: "null" }).spawn();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** The engine's answer to flags: 0 when it attached; the process is let go again. */
function answerTo(engine: dbgeng.OpenedEngine, pid: number, flags: number): number {
  const { client } = engine;
  try {
    client.AttachProcess(0n, pid, flags);
  } catch (error) {
    if (error instanceof dbgeng.HresultError) return error.hresult;
    throw error;
  }
  using control = client.query(dbgeng.IDebugControl7);
  control.WaitForEvent(0, 10_000);
  client.DetachCurrentProcess();
  client.EndSession(dbgeng.DEBUG_END_PASSIVE); // without it the engine crashes on a noninvasive attach that follows
  return 0;
}

Deno.test("the session's rules are the engine's, for all 32 combinations of the five flags", async () => {
  using engine = dbgeng.openEngine({ engine: engineFolder() });
  using callbacks = new dbgeng.ComCallback<dbgeng.IDebugEventCallbacksWide>(dbgeng.IDebugEventCallbacksWide, {
    GetInterestMask: () => dbgeng.DEBUG_EVENT_CREATE_PROCESS,
    CreateProcess: () => dbgeng.DEBUG_STATUS_BREAK, // one attached without an initial break stops nowhere else
  });
  engine.client.SetEventCallbacksWide(callbacks);
  const accepted: number[] = [];
  for (let flags = 0; flags < 32; flags++) {
    await using target = spin();
    const answer = answerTo(engine, target.pid, flags);
    const isAccepted = answer !== E_INVALIDARG;
    if (isAccepted) accepted.push(flags);
    if (flags === dbgeng.DEBUG_ATTACH_EXISTING) assert.equal(answer, STATUS_PORT_NOT_SET);
    else assert.ok(answer === 0 || answer === E_INVALIDARG, `flags ${flags}: ${dbgeng.hresultText(answer)}`);
    assert.equal(isLegal(flags), isAccepted, `flags ${flags}: the engine answers ${dbgeng.hresultText(answer)}`);
  }
  engine.client.SetEventCallbacksWide(null);
  assert.deepEqual(accepted, [0, 1, 2, 5, 8, 16, 24]);
});

/** A process that was created suspended. */
async function startSuspended(): Promise<Pick<Heartbeat, "pid"> & Count & AsyncDisposable> {
  const folder = scratch();
  const file = join(folder.path, "count.txt");
  Deno.writeTextFileSync(file, "0");
  const pid = await createSuspended([debuggee("heartbeat.exe"), file, "10"]);
  return {
    pid,
    count: () => countIn(file),
    async [Symbol.asyncDispose](): Promise<void> {
      Deno.kill(pid, "SIGKILL");
      await until(() => removed(folder), "its folder is free");
    },
  };
}

function removed(folder: Disposable): boolean {
  try {
    folder[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  for (const resume of [false, true]) {
    Deno.test(`attach() with resume: ${resume} stops a running program, which runs on after it (${hosting})`, async () => {
      await using beat = startHeartbeat();
      await grows(beat);
      await using session = newSession();
      const program = await session.attach(beat.pid, { resume });
      assert.equal(program.state, "stopped");
      await rests(beat);
      await program.detach();
      await grows(beat);
    });

    Deno.test(`attach() with initialBreak: false and resume: ${resume} lets it run (${hosting})`, async () => {
      await using beat = startHeartbeat();
      await grows(beat);
      await using session = newSession();
      const program = await session.attach(beat.pid, { initialBreak: false, resume });
      assert.equal(program.state, "running");
      await grows(beat);
      await program.detach();
      await grows(beat);
    });
  }

  Deno.test(`attach() with resume starts a process that was created suspended; without, it stays so (${hosting})`, async () => {
    await using beat = await startSuspended();
    await using session = newSession();
    const asItIs = await session.attach(beat.pid);
    await asItIs.detach();
    await rests(beat);
    assert.equal(beat.count(), 0);
    const program = await session.attach(beat.pid, { resume: true });
    const ended = session.wait();
    await grows(beat);
    await program.detach();
    assert.deepEqual(await ended, { reason: "ended" });
    await grows(beat);
  });

  Deno.test(`attach() with resume and without initial break starts a suspended process (${hosting})`, async () => {
    await using beat = await startSuspended();
    await using session = newSession();
    const program = await session.attach(beat.pid, { initialBreak: false, resume: true });
    await grows(beat);
    await program.detach();
    await grows(beat);
  });

  for (const noninvasive of [true, "noSuspend"] as const) {
    Deno.test(`attach() with noninvasive: ${noninvasive} only looks (${hosting})`, async () => {
      await using beat = startHeartbeat();
      await grows(beat);
      await using session = newSession();
      const seen: string[] = [];
      session.on("createProcess", (event) => void seen.push(`${event.processId} ${event.startAddress}`));
      session.on("loadModule", (event) => void seen.push(event.module.name));
      const program = await session.attach(beat.pid, { noninvasive });
      assert.deepEqual(seen, [`${beat.pid} 0`]);
      assert.deepEqual([program.name, program.reason, program.state], [beat.name, "user", "stopped"]);
      await (noninvasive === true ? rests : grows)(beat);
      const modules = await program.modules();
      assert.ok(modules.some(({ name }) => name === "ntdll"));
      assert.ok(modules.some(({ base }) => base === program.image.base));
      assert.equal((await program.threads()).length, 1);
      assert.equal(await program.memory.readInteger(program.image.base, 2), 0x5a4dn); // MZ
      await program.detach();
      assert.deepEqual(program.end, { reason: "detached" });
      await grows(beat);
    });
  }

  Deno.test(`a program that is only looked at neither runs nor is abandoned, nor do others come beside it (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await using other = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    const program = await session.attach(beat.pid, { noninvasive: true });
    await assert.rejects(session.wait(), (error: unknown) => {
      assert.ok(error instanceof StateError, String(error));
      assert.match(error.message, /^Cannot run: [^\n]*\(noninvasive\); [^\n]*detach/);
      return true;
    });
    await assert.rejects(program.abandon(), { name: "AttachError", kind: "not-supported" });
    for (const options of [{}, { noninvasive: "noSuspend" }] as const) {
      await assert.rejects(session.attach(other.pid, options), { kind: "not-supported", message: /noninvasive/ });
    }
    await assert.rejects(session.launch([debuggee("args.exe")]), { kind: "not-supported" });
    const second = await session.attach(other.pid, { noninvasive: true });
    await rests(other);
    await program.detach();
    await grows(beat);
    await rests(other);
    assert.ok((await second.modules()).length > 1);
    await second.detach();
    await grows(other);
    const debugged = await session.attach(beat.pid);
    await assert.rejects(session.attach(other.pid, { noninvasive: true }), { kind: "not-supported" });
    await debugged.detach();
    await grows(beat);
  });

  Deno.test(`attach() noninvasively again and again, and to debug after that (${hosting})`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    for (let round = 0; round < 3; round++) {
      await using program = await session.attach(beat.pid, { noninvasive: true });
      assert.ok((await program.threads()).length > 0);
      await using debugged = await attachAfter(program, session);
      assert.equal(debugged.state, "stopped");
    }
    await grows(beat);
  });
}

async function attachAfter(program: Program, session: DebugSession): Promise<Program> {
  await program.detach();
  return await session.attach(program.pid);
}

Deno.test("options that do not go together are refused before there is an engine", async () => {
  await using session = new DebugSession({ engine: "C:\\nowhere" });
  const options = { existing: true, noninvasive: true } as unknown as AttachOptions;
  await assert.rejects(session.attach(4242, options), { name: "AttachError", kind: "invalid-flags" });
  await assert.rejects(session.attach(4242, { noninvasive: "yes" } as unknown as AttachOptions), { name: "TypeError" });
  await assert.rejects(session.attach(4242), { name: "EngineError", kind: "not-found" });
});
