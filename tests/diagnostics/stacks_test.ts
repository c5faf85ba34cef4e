import assert from "node:assert/strict";
import { compare, type OwnFrame, type ThreadState } from "../../scripts/shared/stacks.ts";

/** A stack from its frames, innermost first: `app!…` is the program's own; a number behind `+` tells places apart. */
function stack(...frames: readonly string[]): OwnFrame[] {
  return frames.map((text, index) => {
    const [symbol = "", offset = "0"] = text.split("+");
    const [module = "", name] = symbol.split("!");
    const isOwn = module === "app";
    const isOutside = module === "made";
    return {
      ...{
        address: BigInt(1000 * symbol.length + Number(offset)),
        module,
        function: name ?? null,
        displacement: BigInt(offset),
      },
      ...{ file: isOwn ? "app.c" : null, line: isOwn ? Number(offset) : null, isOwn, isOutside },
      stackAddress: BigInt(0x1000 - 8 * (frames.length - index)),
    };
  });
}

function judge(...stacks: readonly (readonly OwnFrame[])[]): [ThreadState, string | null, number | null] {
  const [report] = compare(stacks.map((frames) => new Map([[7, frames]])));
  assert.ok(report);
  return [report.state, report.function, report.line];
}

const START = ["app!run+9", "kernel32!BaseThreadInitThunk", "ntdll!RtlUserThreadStart"];
const LOCKS = [
  ["ntdll!NtWaitForAlertByThreadId", "ntdll!RtlpWaitOnCriticalSection", "ntdll!RtlpEnterCriticalSectionContended"],
  ["ntdll!NtWaitForAlertByThreadId", "ntdll!RtlAcquireSRWLockExclusive"],
  ["ntdll!NtWaitForSingleObject", "ntdll!RtlpWaitOnCriticalSection", "ntdll!RtlEnterCriticalSection"],
];

Deno.test("a thread that waits for the same lock all the time is stuck in its own function", () => {
  for (const frames of LOCKS) {
    const one = stack(...frames, "app!take+5", ...START);
    assert.deepEqual(judge(one, one, one), ["lock", "take", 5]);
  }
});

Deno.test("a thread that waits for its lock in several steps of the system's is stuck", () => {
  const [first = [], , third = []] = LOCKS;
  const place = ["app!take+5", ...START];
  assert.deepEqual(judge(stack(...first, ...place), stack(...third, ...place)), ["lock", "take", 5]);
});

Deno.test("a thread that waits for locks at several places gets on", () => {
  const [frames = []] = LOCKS;
  assert.equal(judge(stack(...frames, "app!take+5", ...START), stack(...frames, "app!take+8", ...START))[0], "active");
  assert.equal(judge(stack(...frames, "app!take+5", ...START), stack("app!take+6", ...START))[0], "active");
});

Deno.test("a thread that computes all the time is busy in the innermost function that it did not leave", () => {
  const [one, other] = [stack("app!step+3", "app!loop+5", ...START), stack("app!loop+6", ...START)];
  assert.deepEqual(judge(one, other, one), ["busy", "loop", 5]);
  assert.deepEqual(judge(one, stack("msvcrt!memcpy", "app!loop+5", ...START)), ["busy", "loop", 5]);
  assert.equal(judge(one, stack("ntdll!NtDelayExecution", "app!loop+5", ...START))[0], "active");
});

Deno.test("threads that sleep, wait for messages, or wait inside of the system are idle", () => {
  const idle = [
    ["ntdll!NtDelayExecution", "kernelbase!Sleep", "app!beat+5", ...START],
    ["win32u!NtUserGetMessage", "user32!GetMessageW", "app!pump+5", ...START],
    ["ntdll!NtWaitForWorkViaWorkerFactory", "ntdll!TppWorkerThread", "kernel32!BaseThreadInitThunk"],
  ];
  for (const frames of idle) assert.equal(judge(stack(...frames), stack(...frames))[0], "idle", frames[0]);
  const wait = stack("ntdll!NtWaitForSingleObject", "kernelbase!WaitForSingleObjectEx", "app!take+5", ...START);
  assert.deepEqual(judge(wait, wait), ["wait", "take", 5]);
});

Deno.test("threads that come or go meanwhile are passed over", () => {
  const one = stack(...START);
  assert.deepEqual(compare([new Map([[1, one]]), new Map([[2, one]])]), []);
  assert.deepEqual(compare([new Map([[1, one]]), new Map([[1, []]])]), []);
});

Deno.test("a thread that computes in code of no module all the time is busy there, wherever its stack seems to lead", () => {
  const page = (...stacks: readonly (readonly OwnFrame[])[]): unknown[] => {
    const [report] = compare(stacks.map((frames) => new Map([[7, frames]])));
    return [report?.state, report?.function, report?.page];
  };
  const made = stack("made!+4096");
  assert.deepEqual(page(made, made), ["busy", null, 0x2000n]);
  assert.deepEqual(page(made, stack("made!+5", "made!+9")), ["busy", null, 0x1000n]);
  assert.deepEqual(page(stack("made!+5", "app!call+5", ...START), stack("made!+9", "app!call+5", ...START)), [
    ...["busy", "call", 0x1000n],
  ]);
  assert.deepEqual(page(made, stack("ntdll!NtDelayExecution", "app!beat+5", ...START)), ["active", null, null]);
});
