/** When a session has the script stay for its engines: somebody waits, or listens to programs that run. */
import assert from "node:assert/strict";
import type { SessionManager } from "../../lib/session/session.ts";
import { exited, later, type ScriptedEngine } from "./fake_contract.ts";
import { World } from "./fake_world.ts";

interface Scene {
  readonly session: SessionManager;
  readonly engine: ScriptedEngine;
  /** Whether the script has to stay, and whether somebody was told so who knew. */
  needed(): Promise<boolean>;
}

/** A session whose engine is loaded, and has no program. */
async function scene(watchExit = true): Promise<Scene> {
  const world = new World();
  let isNeeded = true;
  world.prepare = (engine) =>
    Object.assign(engine, {
      ref(value: boolean): void {
        assert.notEqual(value, isNeeded, "it is told of changes only");
        isNeeded = value;
      },
    });
  const session = world.session(Infinity, watchExit);
  await session.engine();
  return { session, engine: world.engine(), needed: () => later().then(() => isNeeded) };
}

Deno.test("a script need not stay for an engine that was loaded, nor for stopped programs, listened to or not", async () => {
  const { session, needed } = await scene();
  assert.equal(await needed(), false);
  await session.attach(7);
  session.on("loadModule", () => {});
  assert.equal(await needed(), false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script stays while a program is being opened", async () => {
  const { session, engine, needed } = await scene();
  engine.arrival = () => [];
  const attach = session.attach(7).catch(() => {});
  assert.equal(await needed(), true);
  engine.play({ kind: "ended" });
  await attach;
  assert.equal(await needed(), false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script stays for a wait until that is over: by an abort, a stop, an error, the end", async () => {
  const { session, engine, needed } = await scene();
  await session.attach(7);
  const abort = new AbortController();
  const aborted = session.wait({ signal: abort.signal }).catch(() => {});
  assert.equal(await needed(), true);
  abort.abort();
  await aborted;
  assert.equal(await needed(), false);
  const stopped = session.wait();
  assert.equal(await needed(), true);
  session.interrupt();
  await stopped;
  assert.equal(await needed(), false);
  const failed = session.wait().catch(() => {});
  const listens = new AbortController();
  session.on("output", () => {
    throw new Error("for the wait");
  }, { signal: listens.signal });
  await engine.tell({ type: "output", programId: engine.first, processId: 7, threadId: 1, text: "" });
  await failed;
  assert.equal(await needed(), true, "they run, and it listens");
  listens.abort();
  assert.equal(await needed(), false);
  const ended = session.wait();
  assert.equal(await needed(), true);
  engine.play(exited(engine.first));
  await ended;
  assert.equal(await needed(), false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script stays for programs that run only as long as somebody listens, or asks for an end", async () => {
  const { session, engine, needed } = await scene();
  const program = await session.attach(7, { initialBreak: false });
  await engine.idle();
  assert.deepEqual([program.state, await needed()], ["running", false]);
  const listener = (): void => {};
  program.on("loadModule", listener);
  assert.equal(await needed(), true);
  session.off("loadModule", listener);
  assert.equal(await needed(), false);
  const { ended } = program;
  assert.equal(await needed(), true);
  engine.play(exited(engine.first));
  await ended;
  assert.equal(await needed(), false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script stays for a loop over events() while it waits for the next, and for a program that is let go", async () => {
  const { session, engine, needed } = await scene();
  const program = await session.attach(7, { initialBreak: false });
  await engine.idle();
  const loop = session.events();
  const next = loop.next();
  assert.equal(await needed(), true);
  engine.interruptible = false;
  const left = program.detach();
  assert.equal(await needed(), true);
  engine.interruptible = true;
  engine.causeBreak();
  await left;
  await next;
  await loop.return();
  assert.equal(await needed(), false);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script does not stay for a program's loop over events() that was left", async () => {
  const { session, engine, needed } = await scene();
  const program = await session.attach(7);
  const loop = program.events();
  const next = loop.next();
  assert.equal(await needed(), true);
  await engine.tell({ type: "output", programId: engine.first, processId: 7, threadId: 1, text: "" });
  await next;
  await loop.return();
  assert.equal(await needed(), false);
  await session.attach(8, { initialBreak: false });
  await engine.idle();
  assert.deepEqual([program.state, await needed()], ["running", false]);
  await session[Symbol.asyncDispose]();
});

Deno.test("a script stays in any case where nobody lets its programs go when it ends", async () => {
  const { session, needed } = await scene(false);
  await session.attach(7);
  assert.equal(await needed(), true);
  await session[Symbol.asyncDispose]();
});
