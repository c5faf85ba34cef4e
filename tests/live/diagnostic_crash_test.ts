import assert from "node:assert/strict";
import { catchCrash, type CrashReport, rights } from "../../scripts/crash.ts";
import { some } from "../count.ts";
import { checkUsage, type JsonLine, lineOf, runDiagnostic, runJson, startReady } from "./diagnostic_support.ts";
import { debuggee, hostings, scratch } from "./support.ts";

const LINE = lineOf("crash.c", "*target = value;");

function check({ crashes, exitCode }: CrashReport): void {
  assert.equal(crashes.length, 1);
  const [crash] = crashes;
  assert.ok(crash?.stack);
  assert.deepEqual(
    [crash.kind, crash.name, crash.details, crash.faultModule, crash.module, crash.function, crash.line],
    ["exception", "STATUS_ACCESS_VIOLATION", "writing to 0x0", "crash", "crash", "write_through", LINE],
  );
  assert.match(crash.file ?? "", /crash\.c$/);
  const functions = crash.stack.slice(0, 4).map((frame) => frame.function);
  assert.deepEqual(functions, ["write_through", "inner", "outer", "main"]);
  assert.equal((exitCode ?? 0) >>> 0, 0xc0000005);
}

for (const hosting of some(hostings, 1)) {
  Deno.test(`the crash catcher (${hosting}) names function and source line of a crash`, async () => {
    check(await catchCrash({ launch: [debuggee("crash.exe")] }, { session: { hosting } }));
  });

  Deno.test(`the crash catcher (${hosting}) gives no false alarm where exceptions are handled`, async () => {
    const report = await catchCrash({ launch: [debuggee("crash.exe"), "--handled"] }, { session: { hosting } });
    assert.deepEqual(report, { crashes: [], firstChances: [], exitCode: 3 });
    const launch = [debuggee("exceptions.exe"), "50"];
    const own = await catchCrash({ launch }, { session: { hosting }, firstChance: "errors" });
    assert.deepEqual([own.crashes, own.exitCode], [[], 0]);
    assert.deepEqual(own.firstChances.map(({ code }) => code), [0xe0001234]);
  });
}

Deno.test("the crash catcher tells of a crash in a child, or of the exit code that comes of it", async () => {
  const launch = ["cmd.exe", "/c", debuggee("crash.exe")];
  check(await catchCrash({ launch }, { children: true }));
  const { crashes } = await catchCrash({ launch });
  assert.deepEqual(crashes.map(({ kind, program, code }) => [kind, program, code]), [[
    "exit-code",
    "cmd.exe",
    0xc0000005,
  ]]);
});

Deno.test("the crash catcher tells of a crash of a program that ran already", async () => {
  await using target = await startReady("crash.exe", ["--when-debugged"], "ready");
  check(await catchCrash({ attach: target.pid }));
});

Deno.test("the crash catcher leaves a program that runs on when its signal comes", async () => {
  const report = await catchCrash({ launch: [debuggee("spin.exe")] }, { signal: AbortSignal.timeout(3000) });
  assert.deepEqual(report, { crashes: [], firstChances: [], exitCode: undefined });
});

Deno.test("crash.ts as a program ends with 1 after a crash, tells where it was, and writes a dump", async () => {
  using folder = scratch();
  const { code, text, errors } = await runDiagnostic("crash", [`--dump=${folder.path}`, debuggee("crash.exe")]);
  assert.deepEqual([code, errors], [1, ""]);
  const title = /^crash\.exe \((\d+)\) crashed of \w+, writing to 0x0, in crash!write_through \(crash.c:(\d+)\)$/m;
  const [, pid = "", line] = title.exec(text) ?? [];
  assert.equal(Number(line), LINE, text);
  const dump = `${folder.path}\\crash.exe.${pid}.dmp`;
  assert.ok(text.includes(`dump: ${dump}\n`), text);
  const signature = new TextDecoder().decode(Deno.readFileSync(dump).subarray(0, 4));
  assert.equal(signature, "MDMP");
});

Deno.test("crash.ts as a program refuses a folder for dumps that is not there before anything starts", async () => {
  for (const rights of [[], ["--allow-read"], ["--allow-read", "--allow-write"]]) {
    const { code, text, errors } = await runDiagnostic(
      "crash",
      ["--dump=C:\\no such folder", debuggee("crash.exe")],
      rights,
    );
    const advice = "make it, or name another one";
    assert.equal(errors, `error: Cannot write dumps: there is no folder C:\\no such folder; ${advice}\n`);
    assert.deepEqual([code, text], [2, ""]);
  }
});

Deno.test("crash.ts as a program prints its findings as JSON", async () => {
  const args = ["--first-chance", "--", debuggee("crash.exe")];
  const { code, lines, findings } = await runJson("crash", args);
  assert.equal(code, 1);
  assert.deepEqual(lines.map(({ type }) => type), ["finding", "firstChance", "end"]);
  const [crash = { type: "none" }] = findings;
  const { diagnostic, function: name, line, code: exception }: Partial<JsonLine> = crash;
  assert.deepEqual([diagnostic, name, line, exception], ["crash", "write_through", LINE, 0xc0000005]);
  assert.match(String(crash["address"]), /^0x[0-9a-f]+$/);
});

Deno.test("crash.ts as a program ends as the program does when that does not crash", async () => {
  const { code, text } = await runDiagnostic("crash", [debuggee("crash.exe"), "--handled"]);
  assert.deepEqual([code, text], [3, "no crash, exit code 3\n"]);
  const ignored = await runDiagnostic("crash", ["--ignore-exit-code", debuggee("crash.exe"), "--handled"]);
  assert.deepEqual([ignored.code, ignored.text], [0, text]);
  const quiet = await runJson("crash", [debuggee("crash.exe"), "--handled"]);
  assert.deepEqual(quiet.lines, [{ type: "end", exitCode: 3, crashes: 0 }]);
});

Deno.test("crash.ts as a program says how it is used", async () => {
  await checkUsage("crash", rights);
  const { code, errors } = await runDiagnostic("crash", ["nowhere.exe"]);
  assert.equal(code, 2);
  assert.match(errors, /^error: Cannot launch nowhere\.exe: [^\n]+\n$/);
});
