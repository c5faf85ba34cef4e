/** Scripts in a process of their own that reach an engine in memory: through the guard, and what becomes of what they hold. */
import assert from "node:assert/strict";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { Output } from "../../lib/script/output.ts";
import type { FakeConnection } from "../remote/channel_support.ts";
import { created, engine } from "./guard_support.ts";
import { connect, run } from "./run_support.ts";

const ROOT = new URL("../../", import.meta.url).href;

/** The program stands where it was broken into. */
const broken: EngineStop = { kind: "initialBreak", processId: 7, threadId: 1 };

Deno.test("a script's session reaches the engine through the guard, one session after another", async () => {
  const source = `
    import { attach } from "@latch/latch";
    import { AttachError } from "${ROOT}mod.ts";
    for (const target of ["app.exe", "app.exe", "lsass.exe"]) {
      try {
        await using program = await attach(target);
        console.log("attached to", program.name);
      } catch (error) {
        console.log(error instanceof Deno.errors.NotCapable, error.message);
      }
    }`;
  const engines: FakeConnection[] = [];
  const { stdout, code, stderr } = await run(source, {
    rights: ["--allow-attach=app.exe"],
    connect: () => {
      const fake = engine([created(7, "app.exe"), broken]);
      engines.push(fake);
      return fake;
    },
  });
  assert.equal(
    stdout,
    "attached to app.exe\nattached to app.exe\n" +
      'true Requires attach access to "lsass.exe", run again with --allow-attach=lsass.exe\n',
    stderr,
  );
  assert.equal(code, 0);
  assert.equal(engines.length, 3);
  for (const { log } of engines.slice(0, 2)) assert.ok(log.includes("detach 7"), log.join("; "));
  for (const { log } of engines) assert.equal(log.at(-1), "dispose");
});

Deno.test("what a script leaves behind is let go as it came when its process ends", async () => {
  const fake = engine([created(7, "app.exe"), broken]);
  const { code } = await run(
    `import { attach } from "@latch/latch"; await attach("app.exe"); Deno.exit(3);`,
    { rights: ["--allow-attach=app.exe"], connect: connect(fake) },
  );
  assert.equal(code, 3);
  assert.ok(fake.log.includes("detach 7"), fake.log.join("; "));
});

Deno.test("a process that was replaced between check and attach is an error at once, and the session goes on", async () => {
  const fake = engine([created(7, "lsass.exe"), created(9, "app2.exe"), { ...broken, processId: 9 }]);
  const { stdout, stderr } = await run(
    `import { DebugSession } from "@latch/latch";
     await using session = new DebugSession();
     await session.attach(7).catch((error) => console.log(error instanceof Deno.errors.NotCapable, error.message));
     console.log((await session.attach(9)).name, session.programs.size);`,
    { rights: ["--allow-attach=app*"], connect: connect(fake) },
  );
  assert.equal(
    stdout,
    'true Requires attach access to "lsass.exe", run again with --allow-attach=lsass.exe\napp2.exe 1\n',
    stderr,
  );
  assert.deepEqual(fake.log.filter((line) => line.startsWith("detach")), ["detach 7", "detach 9"]);
});

/** Attaches, and goes on as told. */
const holding = (rest: string): string =>
  `import { attach } from "@latch/latch"; const program = await attach("app.exe"); console.log("held"); ${rest}`;

Deno.test("a script that holds a program and gives no sign of life is ended, and the program let go", async () => {
  const fake = engine([created(7, "app.exe"), broken]);
  const options = { rights: ["--allow-attach=app.exe"], connect: connect(fake), silence: 700 };
  const { code, reason, stdout } = await run(holding("for (;;);"), options);
  assert.deepEqual([code, reason, stdout], [137, "silent", "held\n"]);
  assert.ok(fake.log.includes("detach 7"), fake.log.join());
});

Deno.test("a script may be silent while it holds nothing, or while nobody takes what it prints", async () => {
  const busy = "for (const end = performance.now() + 1500; performance.now() < end;);";
  const fake = engine([created(7, "app.exe"), broken]);
  const options = { rights: ["--allow-attach=app.exe"], connect: connect(fake), silence: 700 };
  const gate = new Output();
  const release = gate.hold();
  setTimeout(release, 3_000);
  const [one, other] = await Promise.all([
    run(holding(`await program[Symbol.asyncDispose](); ${busy} console.log("done");`), options),
    run(holding(`console.log("more"); await program[Symbol.asyncDispose]();`), {
      ...options,
      connect: connect(engine([created(7, "app.exe"), broken])),
      gate,
    }),
  ]);
  assert.deepEqual([one.code, one.reason, one.stdout], [0, "exited", "held\ndone\n"]);
  assert.deepEqual([other.code, other.reason, other.stdout], [0, "exited", "held\nmore\n"]);
});
