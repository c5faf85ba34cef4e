/** Break instructions and single steps, of 64-bit code and as 64-bit Windows tells those of 32-bit code: without an engine. */
import assert from "node:assert/strict";
import { exceptionName } from "../../lib/dbgeng/exception_names.ts";
import { BreakIns } from "../../lib/dbgeng/thread/break_ins.ts";
import { newSharedWords } from "../../lib/dbgeng/thread/lifeline.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { isX86Break, trapOf } from "../../lib/dbgeng/thread/traps.ts";

Deno.test("32-bit code's break instructions and single steps are such, whatever code Windows gives them", () => {
  for (
    const [name, trap, isX86] of [
      ["STATUS_BREAKPOINT", "break", false],
      ["STATUS_WX86_BREAKPOINT", "break", true],
      ["STATUS_SINGLE_STEP", "step", false],
      ["STATUS_WX86_SINGLE_STEP", "step", false],
      ["STATUS_ACCESS_VIOLATION", undefined, false],
    ] as const
  ) {
    const code = CODES[name];
    assert.equal(exceptionName(code), name);
    assert.deepEqual([trapOf(code), isX86Break(code)], [trap, isX86], name);
  }
});

const CODES = {
  STATUS_BREAKPOINT: 0x80000003,
  STATUS_WX86_BREAKPOINT: 0x4000001f,
  STATUS_SINGLE_STEP: 0x80000004,
  STATUS_WX86_SINGLE_STEP: 0x4000001e,
  STATUS_ACCESS_VIOLATION: 0xc0000005,
} as const;

Deno.test("the break of the 32-bit loader in a program that was launched is nobody's, and comes once", () => {
  const breakIns = new BreakIns({} as EngineObjects, newSharedWords(), 0x10n);
  const place = { processId: 7, threadId: 1 };
  breakIns.expectInitial(7, true);
  assert.equal(breakIns.take(place), "initialBreak");
  assert.equal(breakIns.take(place), undefined); // the program's own
  assert.equal(breakIns.take(place, true), "late");
  assert.equal(breakIns.take(place, true), undefined);
  breakIns.expectInitial(8);
  assert.equal(breakIns.take({ processId: 8, threadId: 2 }), "initialBreak");
  assert.equal(breakIns.take({ processId: 8, threadId: 2 }, true), undefined); // attached to: its loader is over
});
