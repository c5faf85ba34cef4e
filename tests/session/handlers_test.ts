/** How the answers of handlers are merged, and whose events they hear. */
import assert from "node:assert/strict";
import { Handlers } from "../../lib/session/handlers.ts";
import type { DebugEvent, Program } from "../../lib/session/program.ts";
import { type ExecutionStatus, leastExecution } from "../../lib/session/status.ts";
import { later } from "./fake_contract.ts";
import { event, fakeSession, launched, loadOf, MODULE, THREAD } from "./fake_engine.ts";

/** From least to most execution, as Microsoft's documentation of the status constants orders them. */
const ORDER: readonly ExecutionStatus[] = [
  "break",
  "stepInto",
  "stepOver",
  "goNotHandled",
  "goHandled",
  "go",
  "noChange",
];

function put(handlers: Handlers, program = {} as Program): ReturnType<Handlers["dispatch"]> {
  return handlers.dispatch({ ...loadOf(7, "ntdll"), program } as DebugEvent);
}

Deno.test("of any two answers the one with less execution wins, whoever gives it first", async () => {
  for (const [index, less] of ORDER.entries()) {
    for (const more of ORDER.slice(index)) {
      assert.equal(leastExecution([more, less]), less);
      for (const answers of [[less, more], [more, less]]) {
        const handlers = new Handlers(Infinity);
        for (const answer of answers) handlers.add("loadModule", () => Promise.resolve(answer));
        assert.equal((await put(handlers)).status, less);
      }
    }
  }
  assert.equal(leastExecution([]), "noChange");
});

Deno.test("handlers are called one after another, in their order, each waiting for the one before", async () => {
  const handlers = new Handlers(Infinity);
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) {
    handlers.add("loadModule", async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 0));
      log.push(`${name} ends`);
    });
  }
  assert.deepEqual(await put(handlers), { status: "noChange", errors: [] });
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

Deno.test("a handler that throws keeps none of the others from answering", async () => {
  const handlers = new Handlers(Infinity);
  const cause = new Error("first");
  handlers.add("loadModule", () => {
    throw cause;
  });
  handlers.add("loadModule", () => "break");
  handlers.add("loadModule", () => Promise.reject("text"));
  const { status, errors } = await put(handlers);
  assert.equal(status, "break");
  assert.deepEqual(errors.map((error) => error.cause), [cause, "text"]);
});

Deno.test("a handler that hangs is cut off, and those after it are called", async () => {
  const handlers = new Handlers(5);
  handlers.add("loadModule", () => new Promise(() => {}));
  handlers.add("loadModule", () => "goHandled");
  const { status, errors } = await put(handlers);
  assert.equal(status, "goHandled");
  assert.deepEqual(errors.map(({ timedOut, event }) => [timedOut, event]), [[true, "loadModule"]]);
});

Deno.test("a scope's handler hears its program alone, also one that comes later", async () => {
  const handlers = new Handlers(Infinity);
  const scope: { program?: Program } = {};
  let heard = 0;
  handlers.add("loadModule", () => void heard++, { scope });
  const [one, other] = [{}, {}] as [Program, Program];
  await put(handlers, one);
  assert.equal(heard, 0, "no program yet");
  scope.program = one;
  await put(handlers, other);
  await put(handlers, one);
  assert.equal(heard, 1);
});

Deno.test("handlers that are gone are not subscribed to any more", () => {
  const handlers = new Handlers(Infinity);
  const controller = new AbortController();
  const remove = handlers.add("loadModule", () => {});
  const named = (): void => {};
  handlers.add("exception", named);
  handlers.add("output", () => {}, { signal: controller.signal });
  assert.deepEqual(handlers.names(), ["loadModule", "exception", "output"]);
  let version = handlers.version;
  remove();
  assert.deepEqual([handlers.names(), handlers.version > version], [["exception", "output"], true]);
  version = handlers.version;
  handlers.remove("exception", named);
  controller.abort();
  assert.deepEqual([handlers.names(), handlers.version > version], [[], true]);
});

const STATUSES: readonly [ExecutionStatus | undefined, string, string][] = [
  [undefined, "run goNotHandled", "run go"],
  ["noChange", "run goNotHandled", "run go"],
  ["go", "run go", "run go"],
  ["goHandled", "run goHandled", "run goHandled"],
  ["goNotHandled", "run goNotHandled", "run goNotHandled"],
  ["stepInto", "run stepInto", "run stepInto"],
];

for (const [answer, forException, forModule] of STATUSES) {
  Deno.test(`the engine goes on as a handler's ${answer} says`, async () => {
    const { session, engine } = fakeSession();
    session.on("exception", () => answer).on("loadModule", () => answer);
    await launched(session, engine, 7);
    session.wait().catch(() => {});
    await engine.running();
    const exception = { code: 1, name: "1", firstChance: true, address: 0n, flags: 0, parameters: [] };
    engine.takeLog();
    await engine.pass(event("exception", 7, exception));
    await engine.pass(loadOf(7, "ntdll"));
    assert.deepEqual(engine.takeLog(), [forException, forModule]);
  });
}

Deno.test("a child's events go to the session's handlers and not to its parent's", async () => {
  const { session, engine } = fakeSession();
  const heard: string[] = [];
  session.on("loadModule", ({ program }) => void heard.push(`session ${program.pid} ${program.reason}`));
  const parent = await launched(session, engine, 7);
  parent.on("loadModule", ({ program }) => void heard.push(`parent ${program.pid}`));
  const stop = session.wait();
  await engine.running();
  await engine.pass(event("createProcess", 8, { module: MODULE, startAddress: 0n, parentId: 7 }));
  await engine.pass("initialBreak", 8);
  await engine.pass(loadOf(8, "child.dll"));
  await engine.pass(loadOf(7, "parent.dll"));
  await engine.pass(event("exitProcess", 8, { exitCode: 2 }));
  assert.deepEqual([...session.programs.values()], [parent]);
  engine.stop({ kind: "break", processId: 7, threadId: THREAD });
  assert.equal((await stop).reason, "break");
  assert.deepEqual(heard, ["session 8 auto", "session 7 launch", "parent 7"]);
});

Deno.test("a process id that is used again is another program", async () => {
  const { session, engine } = fakeSession();
  const first = await launched(session, engine, 7);
  let heard = 0;
  first.on("loadModule", () => void heard++);
  const stop = session.wait();
  await engine.running();
  await engine.pass(event("exitProcess", 7, { exitCode: 0 }));
  engine.stop({ kind: "ended" });
  await stop;
  const second = await launched(session, engine, 7);
  assert.notEqual(second, first);
  assert.equal(second.end, undefined);
  session.wait().catch(() => {});
  await engine.running();
  await engine.pass(loadOf(7, "ntdll"));
  assert.equal(heard, 0);
  await first.terminate(); // has ended: the second is not touched
  assert.deepEqual([...session.programs.values()], [second]);
});

Deno.test("who begins to listen while programs run hears what comes from then on; engines are not asked for what they tell already", async () => {
  const { session, engine } = fakeSession();
  await launched(session, engine, 7);
  session.on("exception", () => {});
  const stop = session.wait();
  await engine.running();
  engine.takeLog();
  session.on("exception", () => {});
  await later();
  assert.deepEqual(engine.takeLog(), []);
  const names: string[] = [];
  session.on("loadModule", ({ module }) => void names.push(module.name));
  await engine.running();
  await engine.pass(loadOf(7, "late"));
  assert.deepEqual(names, ["late"]);
  assert.deepEqual(engine.takeLog(), ["interrupt", "subscribe exception,loadModule", "run goHandled", "run go"]);
  await engine.pass(event("exitProcess", 7, { exitCode: 0 }));
  engine.stop({ kind: "ended" });
  assert.deepEqual(await stop, { reason: "ended" });
});
