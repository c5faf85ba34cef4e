/** Which ends of programs the crash catcher calls crashes, and which not. */
import assert from "node:assert/strict";
import { catchCrash } from "../../scripts/crash.ts";
import { some } from "../count.ts";
import { lineOf, runDiagnostic, runJson, startReady } from "./diagnostic_support.ts";
import { debuggee, scratch } from "./support.ts";

const GUILTY = lineOf("ends.c", "the guilty line");
const ENDS = debuggee("ends.exe");

/** How it ends, and what is told: kind, exception, function, the code that it ends itself with. */
const CRASHES: readonly (readonly [how: string, kind: string, name: string | undefined, at: string, code?: number])[] =
  [
    ["except", "exception", "STATUS_ACCESS_VIOLATION", "write_stock", 9],
    ["filter", "exception", "STATUS_ACCESS_VIOLATION", "write_stock", 9],
    ["abort", "abort", undefined, "check_stock", 3],
    ["overflow", "exception", "STATUS_STACK_OVERFLOW", "deeper"],
    ["thread", "exception", "STATUS_ACCESS_VIOLATION", "write_stock", 9],
    ["thread-overflow", "exception", "STATUS_STACK_OVERFLOW", "deeper"],
    ["thread-abort", "abort", undefined, "check_stock", 3],
    ["divide", "exception", "STATUS_INTEGER_DIVIDE_BY_ZERO", "share", 9],
    ["terminate", "exception", "STATUS_ACCESS_VIOLATION", "write_stock", 9],
    ["signal", "exception", "STATUS_ACCESS_VIOLATION", "write_stock", 9],
    ["assert", "abort", undefined, "check_stock", 3],
  ];

for (const [how, kind, name, at, code] of some(CRASHES, 4)) {
  Deno.test(`the crash catcher calls it a crash, told once, with the guilty thread's stack: ${how}`, async () => {
    const { crashes } = await catchCrash({ launch: [ENDS, how] });
    assert.deepEqual(
      crashes.map((crash) => [crash.kind, crash.name, crash.module, crash.function, crash.exitCode]),
      [[kind, name, "ends", at, code]],
    );
    const [crash] = crashes;
    if (at === "write_stock") assert.equal(crash?.line, GUILTY);
    assert.ok(crash?.stack?.some((frame) => frame.function === at));
  });
}

Deno.test("the crash catcher tells how a program gives up that it attached to", async () => {
  await using target = await startReady("ends.exe", ["late-abort"], "ready");
  const { crashes } = await catchCrash({ attach: target.pid });
  assert.deepEqual(crashes.map((crash) => [crash.kind, crash.function, crash.exitCode]), [["abort", "check_stock", 3]]);
});

const NONE = [
  ...[["survive", 5], ["guarded", 5], ["corrected", 5], ["often", 0], ["raised-overflow", 0]] as const,
  ...[["code", 7], ["other-process", 0]] as const,
];

for (const [how, code] of some(NONE, 3)) {
  Deno.test(`the crash catcher does not call it a crash: ${how}`, async () => {
    const report = await catchCrash({ launch: [ENDS, how] });
    assert.deepEqual(report, { crashes: [], firstChances: [], exitCode: code });
  });
}

Deno.test("the crash catcher keeps the dump of the error itself, and of nothing that was handled", async () => {
  using folder = scratch();
  const { crashes: [crash] } = await catchCrash({ launch: [ENDS, "except"] }, { dump: folder.path });
  assert.match(crash?.dump ?? "", /ends\.exe\.\d+\.first-chance\.dmp$/);
  assert.ok(Deno.statSync(crash?.dump ?? "").size > 1_000);
  const { crashes: [abort] } = await catchCrash({ launch: [ENDS, "abort"] }, { dump: folder.path });
  assert.match(abort?.dump ?? "", /ends\.exe\.\d+\.dmp$/);
  assert.ok(Deno.statSync(abort?.dump ?? "").size > 1_000);
});

Deno.test("crash.ts tells with --exit-code of each end that is not 0, and says who ended it", async () => {
  using folder = scratch();
  const args = ["--exit-code", `--dump=${folder.path}`];
  const { code, findings } = await runJson("crash", [...args, ENDS, "guarded"]);
  const [crash = { type: "none" }] = findings as Readonly<Record<string, unknown>>[];
  assert.deepEqual([code, crash["kind"], crash["exitCode"], crash["function"]], [1, "exit-code", 5, "go_on"]);
  assert.ok(Deno.statSync(String(crash["dump"])).size > 1_000);
  const aborted = await runDiagnostic("crash", ["--exit-code", ENDS, "abort"]);
  assert.match(aborted.text, /^ends\.exe \(\d+\) gave up by abort in ends!check_stock \(ends\.c:\d+\), exit code 3$/m);
  const well = await runDiagnostic("crash", ["--exit-code", ENDS, "often"]);
  assert.deepEqual([well.code, well.text], [0, "no crash, exit code 0\n"]);
});

Deno.test("crash.ts tells of chosen first chances and dumps each, up to a limit", async () => {
  using folder = scratch();
  const args = [`--dump=${folder.path}`, "--first-chance=access_violation,C++ exception", "--limit=3"];
  const { code, lines } = await runJson("crash", [...args, ENDS, "often"]);
  const told = lines.filter(({ type }) => type === "firstChance");
  assert.deepEqual([code, told.map(({ name }) => name)], [0, Array(3).fill("STATUS_ACCESS_VIOLATION")]);
  const files = told.map(({ dump }) => String(dump));
  assert.deepEqual(files.map((file) => /\.\d+\.(\d)\.dmp$/.exec(file)?.[1]), ["1", "2", "3"]);
  for (const file of files) assert.ok(Deno.statSync(file).size > 1_000);
  const wrong = await runDiagnostic("crash", ["--first-chance=nothing", ENDS]);
  assert.match(wrong.errors, /^error: "nothing" is no exception; [^\n]+; see --help\n$/);
  const alone = await runDiagnostic("crash", ["--limit=3", "--first-chance", ENDS]);
  assert.deepEqual([wrong.code, alone.code], [2, 2]);
});
