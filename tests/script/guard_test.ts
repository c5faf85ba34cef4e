/** What reaches the engine through the guard, and what of the engine reaches the script. */
import assert from "node:assert/strict";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import type { EngineEvent } from "../../lib/session/engine.ts";
import { MAX_PROGRAMS } from "../../lib/script/limits.ts";
import { attach, attached, created, engine, exception, guard, launch } from "./guard_support.ts";

const focus = { processId: 7 };

Deno.test("processes that are none of the script's programs are refused", async () => {
  const { call, fake } = await attached(["--allow-terminate", "--allow-execute", "--allow-read-memory"]);
  for (const processId of [1, 8, 9, 4242]) {
    await assert.rejects(call("threads", { processId }), { name: "StateError", kind: "program-gone" });
    await assert.rejects(call("read", { processId }, 1n, 1), { name: "StateError" });
    await assert.rejects(call("execute", { processId }, "q"), { name: "StateError" });
    await assert.rejects(call("detach", processId), { name: "StateError" });
    await assert.rejects(call("terminate", processId), { name: "StateError" });
  }
  await call("leave", [{ processId: 8, how: "terminate" }, { processId: 7, how: "terminate" }]);
  assert.deepEqual(fake.log, ["leave {}"]);
});

Deno.test("at the end a program that may not be ended is let go", async () => {
  const { guarded, fake } = await attached([]);
  guarded.leaveNow([{ processId: 8, how: "terminate" }, { processId: 7, how: "terminate" }]);
  assert.deepEqual(fake.log, ["leaveNow detach 7"]);
});

Deno.test("the list of processes has those that may be attached to, and no others", async () => {
  const names = async (rights: string[], ...more: unknown[]): Promise<unknown> =>
    ((await guard(engine(), rights).call("processes", 0n, ...more)) as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(await names(["--allow-attach"]), ["app.exe", "lsass.exe", "App2.exe"]);
  assert.deepEqual(await names(["--allow-attach=app*"]), ["app.exe", "App2.exe"]);
  assert.deepEqual(await names(["--allow-attach", "--deny-attach=LSASS"]), ["app.exe", "App2.exe"]);
  assert.deepEqual(await names(["--allow-attach=8"]), ["lsass.exe"]);
  await assert.rejects(names([]), { message: "Requires attach access, run again with --allow-attach" });
  await assert.rejects(names(["--allow-attach=app.exe"], "lsass.exe"), {
    message: 'Requires attach access to "lsass.exe", run again with --allow-attach=lsass.exe',
  });
});

Deno.test("an attach by a number tells nothing about the process that it names", async () => {
  const fake = engine();
  const { call } = guard(fake, ["--allow-attach=app.exe"]);
  const message = async (processId: number): Promise<string> =>
    await call("attach", attach(processId)).then(() => "", (error: Error) => error.message);
  assert.equal(await message(8), 'Requires attach access to "8", run again with --allow-attach=8');
  assert.equal(await message(4242), 'Requires attach access to "4242", run again with --allow-attach=4242');
  assert.ok(!fake.log.some((line) => line.startsWith("attach")));
});

Deno.test("a script sees command lines with the right to read memory, of those that it may attach to", async () => {
  const told = { description: "", path: "C:\\app.exe", commandLine: "app.exe --password=x" };
  const answers = { processes: () => [7, 8].map((processId) => ({ ...told, processId, name: `app${processId}.exe` })) };
  const list = (rights: readonly string[]): Promise<unknown> =>
    guard(engine([], answers), rights).call("processes", 0n);
  const seen = { ...told, processId: 7, name: "app7.exe" };
  assert.deepEqual(await list(["--allow-attach=app7.exe"]), [{ ...seen, commandLine: "" }]);
  assert.deepEqual(await list(["--allow-attach=app7.exe", "--allow-read-memory"]), [seen]);
});

Deno.test("the processes that confine the script are out of reach", async () => {
  const { call } = guard(engine(), ["--allow-attach"]);
  await assert.rejects(call("attach", attach(99)), { name: "AttachError", kind: "self" });
});

Deno.test("another process under the same number is let go before the script hears of it", async () => {
  const fake = engine([created(7, "lsass.exe"), { kind: "ended" }]);
  const { call } = guard(fake, ["--allow-attach=app.exe"]);
  await call("attach", attach(7));
  await assert.rejects(call("run", "go"), {
    name: "NotCapable",
    message: 'Requires attach access to "lsass.exe", run again with --allow-attach=lsass.exe',
  });
  assert.equal(fake.log.at(-1), "detach 7");
  await assert.rejects(call("threads", focus), { name: "StateError" });
  await call("detach", 7); // a host that tidies up does not stumble over it
  assert.equal(fake.log.filter((line) => line === "detach 7").length, 1);
});

Deno.test("a number that was refused once is a program's like any other when a granted one comes under it", async () => {
  const fake = engine([created(7, "lsass.exe"), created(7, "app.exe")]);
  const { call } = guard(fake, ["--allow-attach=app.exe", "--allow-terminate=app.exe"]);
  for (const _ of "12") {
    await call("attach", attach(7));
    await call("run", "go").catch((error: unknown) => assert.ok(error instanceof Deno.errors.NotCapable));
  }
  await call("threads", focus); // the second was granted
  fake.log.length = 0;
  await call("terminate", 7);
  assert.deepEqual(fake.log, ["terminate 7"]);
  // It is gone now, and no longer one that was let go already.
  for (const how of ["detach", "terminate", "abandon"]) {
    await assert.rejects(call(how, 7), { name: "StateError", kind: "program-gone" });
  }
  assert.deepEqual(fake.log, ["terminate 7"]);
});

Deno.test("a program that was left is out of reach when another process comes up under its number", async () => {
  const fake = engine([created(7, "app.exe"), created(7, "lsass.exe")]);
  const { call } = guard(fake, ["--allow-attach=app.exe"]);
  await call("attach", attach(7));
  await call("run", "go");
  await call("leave", [{ processId: 7, how: "detach" }]);
  await call("attach", attach(7));
  await assert.rejects(call("run", "go"), Deno.errors.NotCapable);
  fake.log.length = 0;
  await assert.rejects(call("threads", focus), { name: "StateError", kind: "program-gone" });
  assert.deepEqual(fake.log, []);
});

Deno.test("a number that was refused once can be a child's later", async () => {
  const { call, fake } = await attached(["--allow-terminate"], [
    created(20, "stranger.exe"),
    created(20, "child.exe", { parentId: 7 }),
  ]);
  await call("run", "go");
  await call("threads", { processId: 20 });
  await call("detach", 20);
  assert.deepEqual(fake.log, ["run go", "detach 20", "run go", "threads {}", "detach 20"]);
  await assert.rejects(call("detach", 20), { name: "StateError", kind: "program-gone" });
});

Deno.test("a grant by number is for the process that it named", async () => {
  const fake = engine([created(7, "other.exe")]);
  const { call } = guard(fake, ["--allow-attach=7"]);
  await call("attach", attach(7));
  await assert.rejects(call("run", "go"), Deno.errors.NotCapable);
  assert.equal(fake.log.at(-1), "detach 7");
});

Deno.test("a launch that started another file is ended before the script hears of it", async () => {
  const fake = engine([created(5, "C:\\Program.exe")]);
  const { call } = guard(fake, ["--allow-launch=app.exe"]);
  await call("launch", launch("app.exe"));
  await assert.rejects(call("run", "go"), { name: "NotCapable", message: /^Requires launch access to "Program.exe"/ });
  assert.equal(fake.log.at(-1), "terminate 5");
});

Deno.test("what a script launched it may end, and its children", async () => {
  const fake = engine([created(5, "C:\\a\\app.exe"), created(6, "child.exe", { parentId: 5 })]);
  const { call } = guard(fake, ["--allow-launch=app.exe"]);
  await call("launch", launch("app.exe"));
  await call("run", "go");
  await call("run", "go");
  await call("terminate", 6);
  await call("terminate", 5);
  assert.deepEqual(fake.log.slice(-2), ["terminate 6", "terminate 5"]);
});

Deno.test("a child whose name is denied is let go unseen", async () => {
  const { call, fake } = await attached(["--deny-attach=lsass.exe"], [
    created(20, "C:\\w\\LSASS.exe", { parentId: 7 }),
    created(21, "fine.exe", { parentId: 7 }),
  ]);
  const stop = await call("run", "go") as EngineStop & { event: EngineEvent };
  assert.equal(stop.event.processId, 21);
  assert.deepEqual(fake.log, ["run go", "detach 20", "run go"]);
  await assert.rejects(call("threads", { processId: 20 }), { name: "StateError" });
});

Deno.test("a process that nobody asked for is let go unseen", async () => {
  const { call, fake } = await attached([], [created(30, "app.exe"), created(31, "app.exe", { parentId: 30 })]);
  assert.deepEqual(await call("run", "go"), { kind: "ended" });
  assert.deepEqual(fake.log, ["run go", "detach 30", "run go", "detach 31", "run go"]);
});

Deno.test("a stranger's child that comes up while a launch is awaited is not what was launched", async () => {
  const fake = engine([created(30, "app.exe", { parentId: 4 }), created(5, "app.exe")]);
  const { call } = guard(fake, ["--allow-launch=app.exe"]);
  await call("launch", launch("app.exe"));
  assert.equal((await call("run", "go") as { event: EngineEvent }).event.processId, 5);
  assert.deepEqual(fake.log.slice(-3), ["run go", "detach 30", "run go"]);
  await assert.rejects(call("threads", { processId: 30 }), { name: "StateError", kind: "program-gone" });
  await call("terminate", 5);
});

Deno.test("events and stops of other processes do not reach the script", async () => {
  const load = { type: "unloadModule", processId: 8, threadId: 1, base: 1n, imageName: "secret.dll" } as const;
  const { call, guarded, fake } = await attached([], [
    { kind: "event", event: load },
    { kind: "initialBreak", processId: 8, threadId: 1 },
    { kind: "interrupt", processId: 8, threadId: 3 },
  ]);
  const notices: EngineEvent[] = [];
  guarded.onNotice = (event) => notices.push(event);
  fake.onNotice({ type: "output", processId: 8, threadId: 1, text: "secret" });
  fake.onNotice({ type: "output", processId: 7, threadId: 1, text: "own" });
  assert.deepEqual(notices.map(({ processId }) => processId), [7]);
  assert.deepEqual(await call("run", "go"), { kind: "interrupt", processId: 0, threadId: 0 });
});

Deno.test("a program that ended is out of reach once the others go on", async () => {
  const { call } = await attached([], [
    { kind: "event", event: { type: "exitProcess", processId: 7, threadId: 0, exitCode: 0 } },
    { kind: "expired" },
  ]);
  await call("run", "go");
  await call("modules", focus);
  await call("run", "go");
  await assert.rejects(call("modules", focus), { name: "StateError" });
});

Deno.test("a program that the engine had to let go is out of reach at once, and the script hears of no other", async () => {
  const { call } = await attached([], [{ kind: "left", processId: 8 }, { kind: "left", processId: 7 }]);
  assert.deepEqual(await call("run", "go"), { kind: "left", processId: 7 });
  await assert.rejects(call("modules", focus), { name: "StateError", kind: "program-gone" });
});

Deno.test("the debugger's own breaks are passed without the right to control", async () => {
  const { call } = await attached([], [
    { kind: "initialBreak", processId: 7, threadId: 1 },
    { kind: "interrupt", processId: 7, threadId: 1 },
    { kind: "expired" },
  ]);
  await call("run", "go");
  await call("run", "goHandled");
  await call("run", "goHandled");
});

for (const kind of ["interrupt", "break", "initialBreak"] as const) {
  for (
    const [rights, status, passed] of [
      [[], "goHandled", "goNotHandled"],
      [[], "go", "goNotHandled"],
      [[], "goNotHandled", "goNotHandled"],
      [["--allow-control"], "goHandled", "goHandled"],
    ] as const
  ) {
    Deno.test(`right behind an exception, ${status} at "${kind}" with ${rights.length} rights to control is ${passed}`, async () => {
      const ownBreak = { kind, processId: 7, threadId: 1 };
      const { call, fake } = await attached(rights, [exception, ownBreak, ownBreak, { kind: "expired" }, ownBreak]);
      await call("run", "go");
      await call("run", "goNotHandled");
      await call("run", status);
      await call("run", status);
      assert.deepEqual(fake.log.slice(-2), [`run ${passed}`, `run ${passed}`]);
      await call("run", "noChange"); // the programs ran on
      await call("run", "goHandled");
      assert.equal(fake.log.at(-1), "run goHandled");
    });
  }
}

Deno.test("at an exception, go is no way around the right to control", async () => {
  const { call, fake } = await attached([], [exception, { kind: "expired" }]);
  await call("run", "go");
  await call("run", "go");
  assert.equal(fake.log.at(-1), "run goNotHandled");
});

Deno.test("one program is opened after another", async () => {
  const { call } = guard(engine(), ["--allow-attach", "--allow-launch"]);
  await call("attach", attach(7));
  await assert.rejects(call("attach", attach(9)), { name: "StateError" });
  await assert.rejects(call("launch", launch("app.exe")), { name: "StateError" });
});

Deno.test("a script has so many programs and no more, and another when one is gone", async () => {
  const fake = engine(Array.from({ length: MAX_PROGRAMS + 1 }, (_, index) => created(100 + index, "app.exe")));
  const { call } = guard(fake, ["--allow-launch=app.exe", "--allow-attach"]);
  for (let count = 0; count < MAX_PROGRAMS; count++) {
    await call("launch", launch("app.exe"));
    await call("run", "go");
  }
  const refused = { name: "TypeError", message: /more than \d+ at a time/ };
  await assert.rejects(call("launch", launch("app.exe")), refused);
  await assert.rejects(call("attach", attach(8)), refused);
  await call("terminate", 100);
  await call("launch", launch("app.exe"));
});

Deno.test("an opening that fails makes room for the next", async () => {
  const fake = engine([new TypeError("x"), created(9, "app2.exe")], {});
  const { call } = guard(fake, ["--allow-attach"]);
  await call("attach", attach(7));
  await assert.rejects(call("run", "go"));
  await call("attach", attach(9));
  await call("run", "go");
});

Deno.test("a confined script serves nothing, opens no dump and chooses no engine", async () => {
  const { call, fake } = await attached(["--allow-connect", "--allow-symbols"]);
  await assert.rejects(call("startServer", "tcp:port=5005"), Deno.errors.NotCapable);
  await assert.rejects(call("serve", 1), Deno.errors.NotCapable);
  await assert.rejects(call("stopServer", "tcp:port=5005"), Deno.errors.NotCapable);
  await assert.rejects(call("openDump", "C:\\a.dmp", null), Deno.errors.NotCapable);
  await assert.rejects(call("open", { engine: "C:\\evil" }), Deno.errors.NotCapable);
  assert.deepEqual(fake.log, []);
});

Deno.test("a flood of calls is refused", async () => {
  const { call } = await attached([]);
  const calls = Array.from({ length: 300 }, () => call("threads", focus));
  const results = await Promise.allSettled(calls);
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 256);
  await call("threads", focus);
});

Deno.test("after its end no call reaches the engine", async () => {
  const { call, fake } = await attached([]);
  await call("close");
  await assert.rejects(call("threads", focus), { name: "StateError", kind: "closed" });
  assert.deepEqual(fake.log, ["close"]);
});
