import assert from "node:assert/strict";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { addressAt, programName } from "../../lib/v8/scripts.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import { attach, command, host, launch, launchRequest, Recording, runtimes, runTo, sizeOf } from "./support.ts";

const supplier = new InspectorPortSupplier();

for (const runtime of runtimes) {
  Deno.test(`${runtime}: a launched program tells its life in order, with one id`, async () => {
    const recording = new Recording();
    const program = await launch(command(runtime, "events.mjs"), recording);
    assert.deepEqual(recording.types, ["engineCreate"]);
    assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
    const { types } = recording;
    assert.deepEqual(types.slice(0, 3), ["engineCreate", "createProcess", "programCreate"]);
    const complete = types.indexOf("loadComplete");
    assert(types.slice(3, complete).length >= 2);
    assert(types.slice(3, complete).every((type) => type === "loadModule"), types.join());
    assert.equal(types[complete + 1], "entryPoint");
    assert.deepEqual(types.slice(-2), ["exitProcess", "programDestroy"]);
    assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "exited", exitCode: 7 });
    assert.equal(recording.of("exitProcess")[0]?.exitCode, 7);
    for (const report of recording.reports) {
      if (report.type !== "engineCreate") assert.equal(report.programId, program.id);
    }
    assert.equal(recording.of("createProcess")[0]?.processId, program.node.hostPid);
    assert.match(recording.of("createProcess")[0]?.module.imageName ?? "", /events\.mjs$/);
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: modules, output, exceptions and debugger statements are told`, async () => {
    const recording = new Recording();
    await launch(command(runtime, "events.mjs"), recording);
    await recording.engine.run("go");
    const names = recording.of("loadModule").map(({ module }) => module.name);
    for (const name of ["events.mjs", "imported.mjs", "late.mjs"]) assert(names.includes(name), names.join());
    assert(recording.of("loadModule").every(({ module }) => !/^(node|ext):/.test(module.imageName)));
    const texts = recording.of("output").map(({ text }) => text);
    assert.deepEqual(texts, ['start 1 { a: 1 } [ 1, "two" ]', "late 2", "end"]);
    const [exception] = recording.of("exception");
    assert.equal(exception?.name, "TypeError");
    assert.equal(exception?.code, 0);
    assert.equal(exception?.firstChance, true);
    assert.equal(recording.of("breakpoint").length, 1);
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: a script that comes later is told before it runs`, async () => {
    const recording = new Recording();
    const program = await launch(command(runtime, "events.mjs"), recording);
    let seen: unknown;
    recording.answer = async (report): Promise<ExecutionStatus> => {
      if (report.type !== "loadModule" || report.module.name !== "late.mjs") return "go";
      seen = (await recording.engine.request(program.id, 1, "stack", 10))[0]?.file;
      return "go";
    };
    await recording.engine.run("go");
    assert.match(String(seen), /late\.mjs$/);
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: a launched program's code has not run before loadComplete was answered`, async () => {
    const file = await Deno.makeTempFile();
    const recording = new Recording();
    await launch(command(runtime, "writes.mjs", file), recording);
    let answered = 0;
    recording.answer = async (report): Promise<ExecutionStatus> => {
      if (report.type !== "loadComplete" && report.type !== "entryPoint") return "go";
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(sizeOf(file), 0);
      answered = Date.now();
      return "go";
    };
    await recording.engine.run("go");
    assert(Number(await Deno.readTextFile(file)) >= answered);
    await recording.engine.dispose();
    await Deno.remove(file);
  });

  Deno.test(`${runtime}: held at a debugger statement, a program answers questions`, async () => {
    const recording = new Recording();
    const program = await launch(command(runtime, "events.mjs"), recording);
    assert.deepEqual(await runTo(recording, "breakpoint"), { kind: "held" });
    const { engine } = recording;
    const stack = await engine.request(program.id, undefined, "stack", 2);
    assert.equal(stack.length, 2);
    assert.equal(stack[0]?.symbol, "inner");
    assert.match(stack[0]?.file ?? "", /events\.mjs$/);
    assert.equal(stack[0]?.line, 12);
    assert.equal(stack[0]?.returnAddress, stack[1]?.address);
    assert.equal(recording.of("breakpoint")[0]?.address, stack[0]?.address);
    const ask = (text: string): Promise<unknown> => engine.request(program.id, 1, "evaluate", text);
    assert.equal(await ask("secret + 1"), 42);
    assert.deepEqual(await ask("({ a: [1, { b: 'x' }], c: null })"), { a: [1, { b: "x" }], c: null });
    assert.equal(await ask("12345678901234567890n"), 12345678901234567890n);
    assert(Number.isNaN(await ask("0 / 0")));
    assert(Object.is(await ask("-0"), -0));
    assert.equal(await ask("undefined"), undefined);
    assert.match(String(await ask("(function inner() {})")), /^function inner/);
    assert.equal(await ask("debugger; 5"), 5);
    await assert.rejects(ask("nowhere.at.all"), {
      name: "EngineError",
      kind: "failed",
      message: /nowhere is not defined/,
    });
    await assert.rejects(ask("globalThis"), { name: "EngineError", kind: "failed" });
    assert.deepEqual(await engine.request(program.id, 1, "execute", "({ a: 1 })"), { text: "{ a: 1 }", moved: false });
    assert.deepEqual(await engine.request(program.id, 1, "threads"), [{ threadId: 1 }]);
    const modules = await engine.request(program.id, 1, "modules");
    assert(modules.some(({ name, base }) => name === "late.mjs" && base > 0n));
    assert(modules.every(({ name }) => name.endsWith(".mjs")), modules.map(({ name }) => name).join());
    await assert.rejects(engine.request(program.id, 1, "registers"), { name: "EngineError", kind: "not-supported" });
    const wanted = { frames: 1, registers: true, modules: false, threads: true };
    const report = await engine.request(program.id, 1, "report", wanted);
    assert.deepEqual([report.stack?.length, report.threads, report.modules], [1, [{ threadId: 1 }], undefined]);
    assert.deepEqual([Object.keys(report.failed), report.failed.registers?.kind], [["registers"], "not-supported"]);
    await assert.rejects(engine.request(program.id, 1, "read", 0n, 1), { name: "EngineError", kind: "not-supported" });
    await assert.rejects(engine.release(program.id, "abandon"), { name: "EngineError", kind: "not-supported" });
    assert.deepEqual(await engine.run("go"), { kind: "ended" });
    await engine.dispose();
  });

  Deno.test(`${runtime}: steps come back as breaks`, async () => {
    const recording = new Recording();
    const program = await launch(command(runtime, "events.mjs"), recording);
    await runTo(recording, "breakpoint");
    const line = async (): Promise<number | null | undefined> =>
      (await recording.engine.request(program.id, 1, "stack", 1))[0]?.line;
    assert.equal(await line(), 12);
    assert.deepEqual(await recording.engine.run("stepOver"), { kind: "break", programId: program.id, threadId: 1 });
    assert.equal(await line(), 13);
    await recording.engine.run("go");
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: an exception that nobody takes comes twice, then the program's end`, async () => {
    const recording = new Recording();
    await launch(command(runtime, "uncaught.mjs"), recording);
    assert.deepEqual(await runTo(recording, "exception"), { kind: "held" });
    assert.deepEqual(await recording.engine.run("goNotHandled"), { kind: "ended" });
    const chances = recording.of("exception").map(({ name, firstChance }) => [name, firstChance]);
    assert.deepEqual(chances, [["OwnError", true], ["OwnError", false]]);
    assert.deepEqual(recording.of("programDestroy")[0]?.end, { reason: "exited", exitCode: 1 });
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: a program can be held at each of its first and last events`, async () => {
    const held = ["createProcess", "programCreate", "loadComplete", "entryPoint", "exitProcess"];
    const recording = new Recording();
    recording.events = [];
    await launch(command(runtime, "imported.mjs"), recording);
    recording.answer = ({ type }) => held.includes(type) ? "break" : "go";
    for (const type of held) {
      assert.deepEqual(await recording.engine.run("go"), { kind: "held" });
      assert.equal(recording.types.at(-1), type);
    }
    assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
    assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
    assert.deepEqual(recording.types, ["engineCreate", ...held, "programDestroy"]);
    await recording.engine.dispose();
  });

  Deno.test(`${runtime}: a program with a syntax error ends without having been complete`, async () => {
    const recording = new Recording();
    const port = await supplier.addPort("v8", host);
    const file = await Deno.makeTempFile({ suffix: ".mjs" });
    await Deno.writeTextFile(file, "const = 1;");
    const words = command(runtime, "").slice(0, -1);
    const program = await port.launch(launchRequest([...words, file]));
    let refused = false;
    try {
      await attach(program, recording);
    } catch (error) {
      // Deno reads the script before its inspector is there.
      assert.equal((error as { kind?: string }).kind, "exited");
      refused = true;
    }
    if (!refused) {
      assert.deepEqual(await recording.engine.run("go"), { kind: "ended" });
      assert(!recording.types.includes("loadComplete"), recording.types.join());
      assert.equal(recording.of("programDestroy")[0]?.end.exitCode, 1);
      await recording.engine.dispose();
    }
    await Deno.remove(file);
  });
}

Deno.test("classic scripts are modules too, and a command can be a text", async () => {
  const recording = new Recording();
  const port = await supplier.addPort("v8", host);
  const { command: words } = launchRequest(command("node", "classic.js"));
  const program = await port.launch(launchRequest(`node "${words[1]}"`));
  await attach(program, recording);
  await recording.engine.run("go");
  const names = recording.of("loadModule").map(({ module }) => module.name);
  assert.deepEqual(names, ["classic.js", "classic_part.js"]);
  assert.deepEqual(recording.of("output").map(({ text }) => text), ["1"]);
  await recording.engine.dispose();
});

Deno.test("launches that cannot be are refused", async () => {
  const port = await supplier.addPort("v8", host);
  await assert.rejects(port.launch(launchRequest("cmd.exe /c dir")), { name: "AttachError", kind: "not-supported" });
  const missing = await port.launch(launchRequest(["/nowhere/node", "x.mjs"]));
  await assert.rejects(attach(missing, new Recording()), { name: "AttachError", kind: "not-found" });
  const folder = await port.launch(launchRequest(["node", "x.mjs"], { directory: "/nowhere" }));
  await assert.rejects(attach(folder, new Recording()), { name: "AttachError", kind: "not-found" });
  const option = await port.launch(launchRequest(["node", "--no-such-option", "x.mjs"]));
  await assert.rejects(attach(option, new Recording()), { name: "AttachError", kind: "exited" });
  const plain = await port.launch(launchRequest(command("node", "late.mjs")));
  const follow = [{ pattern: "*", policy: "follow" }] as const;
  await assert.rejects(attach(plain, new Recording(), { children: follow }), { kind: "not-supported" });
  await assert.rejects(attach(plain, new Recording(), { noninvasive: true }), { kind: "not-supported" });
});

Deno.test("a program is named by its script, or without one by its runtime", async () => {
  const names: Record<string, readonly string[]> = {
    node: ["node", "-e", "1"],
    deno: [Deno.execPath(), "eval", "1"],
    "classic.js": command("node", "classic.js"),
  };
  for (const [name, words] of Object.entries(names)) {
    const recording = new Recording();
    await launch(words, recording);
    await recording.engine.run("go");
    assert.deepEqual(recording.of("programCreate").map(({ name, image }) => [name, image.name]), [[name, name]]);
    await recording.engine.dispose();
  }
  const file = "file:///C:/a%20b/app.js?x";
  assert.equal(programName({ url: file, title: "app.js[1]" }), "app.js");
  assert.equal(programName({ url: "file://", title: "C:\\Program Files\\node.exe[12]" }), "node");
  assert.equal(programName({ url: "data:text/javascript,1/2", title: "deno - main [pid: 1]" }), "deno");
  assert.equal(programName({ url: "", title: "ws://127.0.0.1:9229/x" }), "ws://127.0.0.1:9229/x");
});

Deno.test("addresses hold script, line and column", () => {
  assert.equal(addressAt({ scriptId: "2", lineNumber: 1, columnNumber: 3 }), (2n << 40n) | (1n << 20n) | 3n);
});
