import assert from "node:assert/strict";
import { endLeft, endMarked, MARK } from "../../scripts/dev/gates/processes.ts";
import {
  failureLines,
  readJunit,
  readTotals,
  resultLine,
  resultOf,
  sum,
  totalsLine,
} from "../../scripts/dev/gates/results.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="1" errors="1" time="0.153">
    <testsuite name=".\\tests\\a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="a &lt;failure&gt; &quot;" classname="a" time="0.250" line="1" col="6">
        </testcase>
        <testcase name="b" classname="a" time="1.500" line="2" col="6">
            <skipped/>
        </testcase>
        <testcase name="c" classname="a" time="0.250" line="3" col="6">
            <failure message="Uncaught Error: x">Error: x &lt;skipped/&gt;</failure>
        </testcase>
        <testcase name="d" classname="a" line="4" col="6">
        </testcase>
    </testsuite>
    <testsuite name="./tests/b_test.ts" tests="1" disabled="0" errors="1" failures="0">
        <testcase name="e" classname="b" time="0.000" line="2" col="6">
            <error message="Cancelled"/>
        </testcase>
    </testsuite>
</testsuites>
`;

Deno.test("readJunit() counts each file of a report", () => {
  assert.deepEqual(readJunit(REPORT), [
    { file: "tests/a_test.ts", seconds: 2, passed: 2, failed: 1, skipped: 1, failures: ["c\n    Error: x <skipped/>"] },
    { file: "tests/b_test.ts", seconds: 0, passed: 0, failed: 1, skipped: 0, failures: ["e\n    Cancelled"] },
  ]);
  assert.deepEqual(readJunit(""), []);
});

Deno.test("resultOf() takes a file without a report for one failed test", () => {
  assert.equal(resultOf("tests/a_test.ts", readJunit(REPORT)).passed, 2);
  assert.deepEqual(resultOf("tests/c_test.ts", readJunit(REPORT)), {
    ...{ file: "tests/c_test.ts", seconds: 0, passed: 0, failed: 1, skipped: 0 },
  });
});

Deno.test("totalsLine() says no more than what passed and failed, and is read again", () => {
  const line = totalsLine(sum(readJunit(REPORT)));
  assert.equal(line, "2 passed, 2 failed");
  assert.deepEqual(readTotals(`1 passed, 1 failed\nsomething\n${line}\n`), { passed: 2, failed: 2, skipped: 0 });
  for (const output of ["", "no line", `${line}\nand more`, `  0.1 s  a: ${line}`]) {
    assert.equal(readTotals(output), undefined, output);
  }
});

Deno.test("failureLines() repeats what failed, file by file", () => {
  const silent = { file: "tests/c_test.ts", seconds: 0, passed: 0, failed: 1, skipped: 0 };
  assert.deepEqual(failureLines([...readJunit(REPORT), { ...silent, failed: 0 }, silent]), [
    "FAILED tests/a_test.ts: c\n    Error: x <skipped/>",
    "FAILED tests/b_test.ts: e\n    Cancelled",
    "FAILED tests/c_test.ts",
  ]);
});

Deno.test("resultLine() names skipped tests where there are some", () => {
  const result = { file: "a", seconds: 1, passed: 3, failed: 0, skipped: 0 };
  assert.equal(resultLine(result), "    1.0 s  a: 3 passed, 0 failed");
  assert.equal(resultLine({ ...result, skipped: 2 }), "    1.0 s  a: 3 passed, 0 failed, 2 skipped");
});

Deno.test("endMarked() ends what carries the mark, orphans too, and nothing else", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const mark = crypto.randomUUID();
  const spawn = (code: string, value: string): Deno.ChildProcess =>
    new Deno.Command("sh", { args: ["-c", code], env: { [MARK]: value }, stdin: "null", stdout: "piped" }).spawn();
  const other = spawn("sleep 60", "other");
  // The inner shell leaves its child to init, as Wine's programs are.
  const runner = spawn("sh -c 'sleep 60 & echo $!'; exec sleep 60", mark);
  const reader = runner.stdout.getReader();
  const orphan = Number(new TextDecoder().decode((await reader.read()).value));
  assert.deepEqual(await endMarked(runner, mark), ["sleep 60"]);
  assert.equal((await runner.status).signal, "SIGKILL");
  while (isAlive(orphan)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(isAlive(other.pid));
  other.kill();
  await other.status;
  await Promise.all([reader.cancel(), other.stdout.cancel()]);
});

Deno.test("endLeft() waits for what is about to end, which is not left behind", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const mark = crypto.randomUUID();
  const args = ["-c", "sleep 0.5 & sleep 60 & echo"];
  const options = { env: { [MARK]: mark }, stdin: "null", stdout: "piped" } as const;
  const runner = new Deno.Command("sh", { args, ...options }).spawn();
  await runner.status;
  assert.deepEqual(await endLeft(runner, mark), ["sleep 60"]);
  await runner.stdout.cancel();
});

/** Nobody may wait for an orphan here: a zombie is as dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
