/** The crash catcher as a program, confined, with an engine in memory. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { runScript, type ScriptResult } from "../../lib/script/run_script.ts";
import { type Answer, FakeConnection } from "../remote/channel_support.ts";
import { created, exception } from "../script/guard_support.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/crash.ts", import.meta.url));
const CREATED = created(7, "app.exe");
const UP: readonly EngineStop[] = [CREATED, { kind: "initialBreak", processId: 7, threadId: 1 }];

/** What it needs to look at ends. */
const EXECUTE = "--allow-execute=bp ntdll!NtTerminateProcess,bp ntdll!NtTerminateThread,r,.fnent,dd,s,da";

/** The program ends with a code. */
function exits(exitCode: number): EngineStop {
  return { kind: "event", event: { type: "exitProcess", processId: 7, threadId: 1, exitCode } };
}

interface Outcome extends ScriptResult {
  readonly stdout: string;
  readonly stderr: string;
  /** What was asked of dumps. */
  readonly dumps: readonly (readonly unknown[])[];
  /** All calls of the engine. */
  readonly log: readonly string[];
}

/** Has it launch a program, for which the engine does as it is told: stops in turn, or for ever on its way. */
async function catchCrash(
  options: readonly string[],
  stops: readonly EngineStop[],
  waits = false,
  up = UP,
  more: readonly string[] = [EXECUTE],
): Promise<Outcome> {
  const rest = [...up, ...stops];
  const dumps: unknown[][] = [];
  let interrupt: (stop: EngineStop) => void = () => {};
  const run = (): EngineStop | Promise<EngineStop> => {
    const next = rest.shift();
    if (next || !waits) return next ?? { kind: "ended" };
    return new Promise((resolve) => interrupt = resolve);
  };
  const answers: Readonly<Record<string, Answer>> = {
    ...{
      run,
      stack: () => [],
      modules: () => [],
      threads: () => [],
      report: () => ({ stack: [], modules: [], threads: [], failed: {} }),
      processes: () => [],
      execute: () => "",
      addressOf: () => 1n,
    },
    writeDump: (...values: unknown[]) => void dumps.push(values),
  };
  const fake = new FakeConnection(answers, () => interrupt({ kind: "interrupt", processId: 7, threadId: 1 }));
  const out = { stdout: "", stderr: "" };
  const output = {
    stdout: (text: string) => void (out.stdout += text),
    stderr: (text: string) => void (out.stderr += text),
  };
  const rights = ["--allow-launch=app.exe", "--allow-dump", ...more];
  const args = [...options, "app.exe"];
  return {
    ...await runScript(SCRIPT, { rights, args, output, connect: () => fake, deadline: 15_000 }),
    ...out,
    dumps,
    log: fake.log,
  };
}

Deno.test("crash.ts: a program that could not be loaded has one account, with the code's name and the cause", async () => {
  const event = {
    type: "exitProcess",
    processId: 7,
    threadId: 1,
    exitCode: 0xc0000135,
    cause: "it lacks x.dll",
  } as const;
  const { code, stdout, stderr } = await catchCrash([], [{ kind: "event", event }], false, [CREATED]);
  assert.deepEqual([code, stdout], [2, ""], stderr);
  assert.match(
    stderr,
    /^error: Cannot launch app\.exe: it ended with code 0xC0000135 \(STATUS_DLL_NOT_FOUND\) before it was complete; it lacks x\.dll\n$/,
  );
});

Deno.test("crash.ts: an end with an error's code is a crash, one by Ctrl-C is none", async () => {
  const crashed = await catchCrash([], [exits(0xc0000005)]);
  assert.equal(crashed.code, 1, crashed.stderr);
  assert.match(crashed.stdout, /app\.exe ended with code 0xC0000005, which is an error's/);
  const left = await catchCrash(["--ignore-exit-code"], [exits(0xc000013a)]);
  assert.deepEqual([left.code, left.stdout], [0, "no crash, exit code 3221225786\n"], left.stderr);
});

Deno.test("crash.ts: without the right to look at ends, it says that it does not know of one that is not 0", async () => {
  const run = (code: number): Promise<Outcome> => catchCrash([], [exits(code)], false, UP, []);
  const [failed, well] = [await run(3), await run(0)];
  assert.equal(failed.code, 3);
  assert.match(failed.stdout, /^exit code 3; whether it gave up is not known: Requires execute access to "r rcx,rdx"/);
  assert.deepEqual([well.code, well.stdout], [0, "no crash, exit code 0\n"]);
});

Deno.test(
  "crash.ts: an exit code that is none here does not become 0",
  { ignore: Deno.build.os === "windows" },
  async () => {
    for (const [exitCode, expected] of [[0, 0], [3, 3], [0x100, 1], [0x20000, 2], [0x1_00_03, 3]] as const) {
      const { code, stderr } = await catchCrash([], [exits(exitCode)]);
      assert.equal(code, expected, `${exitCode}: ${stderr}`);
    }
  },
);

Deno.test("crash.ts: when its seconds are over it leaves, and ends what it has launched", async () => {
  const begin = performance.now();
  const { code, reason, stdout, stderr, log } = await catchCrash(["--seconds=1.5"], [], true);
  assert.deepEqual([code, reason, stdout], [0, "exited", "no crash so far\n"], stderr);
  assert.ok(performance.now() - begin >= 1_500);
  assert.ok(log.includes("terminate 7"), log.join());
});

Deno.test("crash.ts: a dump is of the type that is asked for", async () => {
  assert(exception.kind === "event");
  const second = { ...exception, event: { ...exception.event, firstChance: false } } as EngineStop;
  for (const type of ["mini", "full"]) {
    const options = ["--dump=C:\\d", `--dump-type=${type}`];
    const { code, dumps, stdout, stderr } = await catchCrash(options, [second, exits(0xc0000005)]);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /app\.exe \(7\) crashed of STATUS_ACCESS_VIOLATION/);
    assert.ok(dumps.length === 1 && JSON.stringify(dumps).includes(`"${type}"`), JSON.stringify(dumps) + stdout);
  }
});
