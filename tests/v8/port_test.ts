import assert from "node:assert/strict";
import { splitCommandLine } from "../../lib/v8/command_line.ts";
import { InspectorPortSupplier } from "../../lib/v8/supplier.ts";
import {
  attach,
  command,
  end,
  freeAddress,
  host,
  inspected,
  programPath,
  Recording,
  runtimes,
  runTo,
  sizeOf,
  start,
  until,
  untilListening,
} from "./support.ts";

const supplier = new InspectorPortSupplier();

Deno.test("the supplier knows its addresses", () => {
  const good = [
    "v8",
    "localhost:9229",
    "127.0.0.1:9",
    "[::1]:9229",
    "http://host.example:9229",
    "ws://127.0.0.1:9229/x",
  ];
  for (const address of good) assert(supplier.accepts(address), address);
  const bad = ["", "tcp:server=host,port=1", "npipe:pipe=x,server=y", "v9", "host", "http://host", "app.exe", "1234"];
  for (const address of bad) assert(!supplier.accepts(address), address);
});

Deno.test("an address at which nobody answers is unreachable", async () => {
  const address = freeAddress();
  const expected = { name: "AttachError", kind: "server-unreachable", message: /start the program with --inspect$/ };
  for (const text of [address, `http://${address}`, `ws://${address}/x`]) {
    await assert.rejects(supplier.addPort(text, host), expected);
  }
});

Deno.test("connecting can be aborted, before and while nobody answers", async () => {
  const aborted = AbortSignal.abort(new Error("no more"));
  await assert.rejects(supplier.addPort("v8", host, aborted), { message: "no more" });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  for (const text of [address, `ws://${address}/x`]) {
    const controller = new AbortController();
    const accepted = listener.accept();
    const pending = supplier.addPort(text, host, controller.signal);
    const connection = await accepted;
    controller.abort(new Error("no more"));
    await assert.rejects(pending, { message: "no more" });
    connection.close();
  }
});

Deno.test("what takes the connection and says nothing is unreachable in its time", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  for (const address of [`127.0.0.1:${port}`, `ws://127.0.0.1:${port}/x`]) {
    const expected = { name: "AttachError", kind: "server-unreachable", message: /no answer came within 200 ms/ };
    await assert.rejects(supplier.addPort(address, host, undefined, 200), expected);
  }
});

Deno.test("what answers but is no inspector is unreachable", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("hello"));
  const expected = { name: "AttachError", kind: "server-unreachable" };
  await assert.rejects(supplier.addPort(`127.0.0.1:${server.addr.port}`, host), expected);
});

Deno.test("processes that are not there, are no runtime or are ourselves are refused", async () => {
  const port = await supplier.addPort("v8", host);
  await assert.rejects(port.program(4_000_000), { name: "AttachError", kind: "no-such-process" });
  await assert.rejects(port.program(Deno.pid), { name: "AttachError", kind: "self" });
  const child = start(["sleep", "30"]);
  await assert.rejects(port.program(child.pid), { name: "AttachError", kind: "not-supported" });
  await end(child);
});

for (const runtime of runtimes) {
  Deno.test(`${runtime}: a program is reached by the address of its one target`, async () => {
    const address = freeAddress();
    const child = start(inspected(runtime, `--inspect=${address}`, "quiet.mjs"));
    await untilListening(address);
    const [target] = await (await fetch(`http://${address}/json/list`)).json();
    const port = await supplier.addPort(target.webSocketDebuggerUrl, host);
    // A runtime cannot say its process id in its first moments.
    const isKnown = async (): Promise<boolean> => (await port.processes()).some(({ processId }) => processId !== 0);
    while (!await isKnown()) await new Promise((resolve) => setTimeout(resolve, 20));
    const program = await port.program(0);
    assert.equal(program.node.hostPid, child.pid);
    assert.equal(program.node.programName, target.title);
    const recording = new Recording();
    await attach(program, recording);
    await runTo(recording, "loadComplete");
    const info = await recording.engine.info();
    assert.match(info.version, runtime === "node" ? /^node\.js\/v\d/ : /^Deno\/\d/);
    assert.match(info.architecture, /./);
    await recording.engine.dispose();
    await end(child);
  });

  Deno.test(`${runtime}: a plain program is reached by its process id, from its first moments`, async () => {
    await until("the inspector's usual port is free", async () => !await isTaken());
    const file = await Deno.makeTempFile();
    const child = start(command(runtime, "idle.mjs", file));
    const port = await supplier.addPort("v8", host);
    const program = await port.program(child.pid);
    assert.equal(program.node.hostPid, child.pid);
    const recording = new Recording();
    await attach(program, recording);
    await runTo(recording, "loadComplete");
    assert.equal(recording.of("createProcess")[0]?.processId, child.pid);
    assert.deepEqual((await port.processes()).map(({ processId }) => processId), [child.pid]);

    const other = start(command(runtime, "idle.mjs", file));
    await assert.rejects(port.program(other.pid), { name: "AttachError", kind: "address-in-use" });
    await end(other);

    await recording.engine.release(program.id, "detach");
    await recording.engine.dispose();
    const size = sizeOf(file);
    await until("it goes on", () => sizeOf(file) > size);
    await end(child);
    await Deno.remove(file);
  });
}

async function isTaken(): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port: 9229 })).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("missing permissions are named", async () => {
  const script = `
    import { InspectorPortSupplier } from ${JSON.stringify(new URL("../../lib/v8/supplier.ts", import.meta.url).href)};
    import { attach, host, launchRequest, Recording } from ${JSON.stringify(import.meta.resolve("./support.ts"))};
    const supplier = new InspectorPortSupplier();
    const say = (error) => console.log(error.name, error.kind, /--allow-\\w+/.exec(error.message)?.[0]);
    await supplier.addPort("127.0.0.1:12345", host).catch(say);
    await supplier.addPort("ws://127.0.0.1:12345/x", host).catch(say);
    const port = await supplier.addPort("v8", host);
    await attach(await port.launch(launchRequest(["node", "x.mjs"])), new Recording()).catch(say);
  `;
  const file = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(file, script);
  const run = async (...flags: string[]): Promise<string[]> => {
    const args = ["run", "--no-prompt", "--no-config", "--quiet", "--allow-import", ...flags, file];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
    return new TextDecoder().decode(stdout).trim().split("\n");
  };
  const refused = (flag: string): string => `EngineError permission ${flag}`;
  assert.deepEqual(await run(), [refused("--allow-net"), refused("--allow-net"), refused("--allow-net")]);
  assert.equal((await run("--allow-net")).at(-1), refused("--allow-run"));
  await Deno.remove(file);
});

Deno.test("a program goes on when its debugger is killed", async () => {
  const file = await Deno.makeTempFile();
  const address = freeAddress();
  const child = start(inspected("node", `--inspect=${address}`, "idle.mjs", file));
  await untilListening(address);
  await until("it writes", () => sizeOf(file) > 0);
  const script = `
    import { InspectorPortSupplier } from ${JSON.stringify(new URL("../../lib/v8/supplier.ts", import.meta.url).href)};
    import { attach, host, Recording, runTo } from ${JSON.stringify(import.meta.resolve("./support.ts"))};
    const port = await new InspectorPortSupplier().addPort("${address}", host);
    const recording = new Recording();
    await attach(await port.program(0), recording);
    await runTo(recording, "loadComplete");
    console.log("held");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  `;
  const path = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(path, script);
  const args = ["run", "-A", "--no-config", "--quiet", path];
  const killed = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = killed.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /held/);
  killed.kill("SIGKILL");
  await killed.status;
  await reader.cancel();
  const size = sizeOf(file);
  await until("it goes on", () => sizeOf(file) > size);
  await end(child);
  await Deno.remove(path);
  await Deno.remove(file);
});

Deno.test("command lines fall into words", () => {
  assert.deepEqual(splitCommandLine(`node "a b.js"  --x="c d" 1`), ["node", "a b.js", "--x=c d", "1"]);
  assert.deepEqual(splitCommandLine(`C:\\bin\\node.exe "" x`), ["C:\\bin\\node.exe", "", "x"]);
  assert(programPath("idle.mjs").endsWith("idle.mjs"));
});
