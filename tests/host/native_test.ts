/** Sessions of a native Deno on Linux: the examples with `--allow-run` alone, what goes wrong, and several sessions at once. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { attach, AttachError, DebugSession, EngineError, launch } from "../../mod.ts";
import { prepareNative, type Result, run, script } from "./native_support.ts";
import { runsOn, scene } from "./scene_support.ts";

const { host, debuggee } = await prepareNative();

async function runWell(example: string, ...args: string[]): Promise<string> {
  const { code, text, errors } = await run(`examples/${example}`, args);
  assert.equal(errors, "");
  assert.equal(code, 0, text);
  return text;
}

Deno.test("launch.ts runs natively with --allow-run alone", async () => {
  const lines = (await runWell("launch.ts", debuggee("demo.exe"))).trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^process \d+ demo\.exe$/);
  assert.ok(lines.some((line) => /^[0-9a-f]{16} +\d+ \S*plugin\.dll$/.test(line)));
  assert.equal(lines.at(-1), "exit code 42");
});

Deno.test("demo.ts runs natively: engine, events, a stack with source lines, the exit code", async () => {
  const text = await runWell("demo.ts", debuggee("demo.exe"));
  assert.match(text, /^engine +[A-Z]:\\\S.* \(\w.*\)\n/);
  assert.match(text, /^ +demo!write_total +demo\.c:\d+$/m);
  assert.ok(text.endsWith("exit process    code 42\n"));
});

Deno.test("exception.ts runs natively and writes its dump into the script's folder", async () => {
  const cwd = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const { code, text, errors } = await run("examples/exception.ts", [debuggee("crash.exe")], { cwd });
    assert.equal(errors, "");
    assert.deepEqual(text.match(/^\w+ chance/gm), ["first chance", "second chance"]);
    const [, name = ""] = /^wrote (.+)$/m.exec(text) ?? [];
    assert.equal(new TextDecoder().decode((await Deno.readFile(`${cwd}/${name}`)).subarray(0, 4)), "MDMP");
    assert.equal(code, 0);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("two_programs.ts, children.ts and deadline.ts run natively", async () => {
  const two = await runWell("two_programs.ts", debuggee("demo.exe"), debuggee("modules.exe"));
  assert.match(two, /^demo\.exe \d+ exits 42$/m);
  assert.match(two, /^modules\.exe \d+ exits 7$/m);
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const tree = `${debuggee("tree.exe")} ${host.windowsPath(`${folder}/tree.txt`)} 1 2`;
    const all = await runWell("children.ts", tree);
    assert.equal(all.match(/^tree\.exe \(\d+\) started by tree\.exe \(\d+\)$/gm)?.length, 2, all);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const late = await runWell("deadline.ts", debuggee("spin.exe"), "300");
  assert.match(late, /spin!main {2}\S*spin\.c:\d+/);
});

Deno.test("serve.ts serves natively, and remote.ts natively lists and launches there", async () => {
  const options = `tcp:port=${freePort()}`;
  const server = script("examples/serve.ts", [options]).spawn();
  try {
    const errors = server.stderr.cancel();
    const first = await server.stdout.pipeThrough(new TextDecoderStream()).values().next();
    assert.match(first.value ?? "", /^serving tcp:port=/);
    const text = await runWell("remote.ts", options.replace("tcp:", "tcp:server=127.0.0.1,"), debuggee("demo.exe"));
    assert.match(text, /^ *\d+ deno\.exe$/m);
    assert.match(text, /^process \d+ ended with code 42$/m);
    await errors;
  } finally {
    server.kill("SIGINT");
    await server.status;
  }
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("attach.ts runs natively against a Wine process, and leaves it running on Ctrl-C", () =>
  scene(async ({ target, start }) => {
    await start();
    const child = script("examples/attach.ts", [target.name]).spawn();
    const errors = child.stderr.cancel();
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      const isWaiting = text.includes("events until Ctrl-C");
      text += part;
      if (!isWaiting && text.includes("events until Ctrl-C")) child.kill("SIGINT");
    }
    assert.match(text, new RegExp(`^${target.name.replace(".", "\\.")}, process \\d+$`, "m"));
    assert.match(text, /^ {2}[0-9a-f]{16} +\d+ \S*ntdll\.dll$/m);
    assert.match(text, /^ {2}thread \d+ in ntdll!\w+$/m);
    assert.equal((await child.status).code, 130);
    await errors;
    await runsOn(target);
  }));

/** What an example says when it cannot, in one line. */
function refusal({ code, text, errors }: Result): string {
  assert.equal(code, 1);
  assert.equal(text, "");
  assert.match(errors, /^[^\n]+\n$/);
  return errors.trimEnd();
}

Deno.test("without --allow-run, or without a host, the script is told in one line what to do", async () => {
  const args = [debuggee("demo.exe")];
  assert.equal(
    refusal(await run("examples/launch.ts", args, { rights: [] })),
    'Cannot start the Wine host: it requires run access to "sh", run again with --allow-run',
  );
  const missing = refusal(await run("examples/launch.ts", args, { env: { LATCH_HOST: "/no/such/host" } }));
  assert.match(missing, /^Cannot use the Wine host: .*no Wine host at \/no\/such\/host; make one with /);
  const cache = await Deno.makeTempDir({ prefix: "latch-" });
  try {
    const env = { LATCH_HOST: "", LATCH_CACHE: cache };
    assert.match(
      refusal(await run("examples/launch.ts", args, { env })),
      new RegExp(`no Wine host at ${cache}/windows-deno;`),
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("what goes wrong at the host is the same error as where the engine is here", async () => {
  await assert.rejects(
    attach("nowhere.exe"),
    (error) => error instanceof AttachError && error.kind === "no-such-process",
  );
  await assert.rejects(launch(["nowhere.exe"]), (error) => error instanceof AttachError && error.kind === "not-found");
});

const HOST = fileURLToPath(new URL("../../lib/remote/host.ts", import.meta.url));

Deno.test("a host's own command serves as well", async () => {
  const command = [host.deno, "run", "--allow-ffi", "--no-check", host.windowsPath(HOST)];
  const codes: number[] = [];
  const on = { exitProcess: (event: { readonly exitCode: number }): void => void codes.push(event.exitCode) };
  await using program = await launch([debuggee("modules.exe")], { host: command, on });
  await program.wait();
  assert.deepEqual(codes, [7]);
});

const BAD_HOSTS: readonly [title: string, command: readonly string[], kind: string, message: RegExp][] = [
  [
    "a program that is not there",
    ["/no/such/program"],
    "not-found",
    /there is no program "\/no\/such\/program"; install/,
  ],
  ["a shell's command that is not there", ["sh", "-c", "no-such-program"], "not-found", /code 127: .*no-such-program/],
  [
    "a program that ends at once",
    ["sh", "-c", "echo no such machine >&2; exit 3"],
    "failed",
    /code 3: no such machine/,
  ],
  ["one that prints something else and ends", ["echo", "Welcome to lab7"], "failed", /code 0: Welcome to lab7/],
  ["garbage in a frame", ["sh", "-c", "printf '\\000garbage\\n'; exec sleep 60"], "failed", /no message of Latch's/],
  [
    "another version of the protocol",
    ["sh", "-c", `printf '\\000{"hello":"latch","version":999}\\n'; exec sleep 60`],
    "failed",
    /it speaks version 999 of the protocol, this side \d+: use one release of Latch on both/,
  ],
  [
    "this system's Deno",
    [Deno.execPath(), "run", "--allow-ffi", "--no-check", HOST],
    "platform",
    /must be a Windows machine/,
  ],
  [
    "no right to FFI",
    [host.deno, "run", "--no-check", host.windowsPath(HOST)],
    "permission",
    /start it with --allow-ffi/,
  ],
];

for (const [title, command, kind, message] of BAD_HOSTS) {
  Deno.test(`a host that is no host is told within seconds: ${title}`, async () => {
    const start = performance.now();
    const error = await attach(4242, { host: command }).then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof EngineError, String(error));
    assert.match(error.message, message);
    assert.match(error.message, /^Cannot [^\n]+$/);
    assert.equal(error.kind, kind);
    assert.ok(performance.now() - start < 4_500);
  });
}

Deno.test("a host that never answers is given up when the signal aborts, or the session is disposed of", async () => {
  const silent = { host: ["sleep", "60"] };
  const start = performance.now();
  await assert.rejects(attach(4242, { ...silent, signal: AbortSignal.timeout(200) }), { name: "TimeoutError" });
  await assert.rejects(launch(["x.exe"], { ...silent, signal: AbortSignal.timeout(200) }), { name: "TimeoutError" });
  const session = new DebugSession(silent);
  const opened = session.engine();
  await Promise.all([assert.rejects(opened, EngineError), session[Symbol.asyncDispose]()]);
  assert.ok(performance.now() - start < 15_000);
});

Deno.test("a script has two sessions at once, each with a host of its own", () =>
  scene((one) =>
    scene(async (other) => {
      await Promise.all([one.start(), other.start()]);
      const programs = await Promise.all([attach(one.target.name), attach(other.target.name)]);
      try {
        const modules = await Promise.all(programs.map((program) => program.modules()));
        assert.deepEqual(modules.map((list) => list.some(({ imageName }) => /ntdll/.test(imageName))), [true, true]);
        assert.notEqual(programs[0]?.pid, programs[1]?.pid);
      } finally {
        for (const program of programs) await program[Symbol.asyncDispose]();
      }
      await Promise.all([runsOn(one.target), runsOn(other.target)]);
    })
  ));
