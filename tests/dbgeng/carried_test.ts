/** Threads at hits whose breakpoint is in nobody's way any more, before programs go on and before they are let go: without an engine. */
import assert from "node:assert/strict";
import { ComCallback } from "../../lib/com/com_callback.ts";
import { E_NOTIMPL } from "../../lib/com/hresult.ts";
import { addressOf } from "../../lib/com/memory.ts";
import { StructView } from "../../lib/com/struct_view.ts";
import { DEBUG_VALUE_INT64 } from "../../lib/dbgeng/generated/constants.ts";
import { IDebugBreakpoint2 } from "../../lib/dbgeng/generated/debug_breakpoint.ts";
import { DEBUG_VALUE } from "../../lib/dbgeng/generated/structs.ts";
import type { EventReceiver } from "../../lib/dbgeng/thread/events.ts";
import { Hits } from "../../lib/dbgeng/thread/hits.ts";
import { Lifeline, newSharedWords } from "../../lib/dbgeng/thread/lifeline.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { RunLoop } from "../../lib/dbgeng/thread/run.ts";

// The library that memory is reached by is loaded at the first use, and stays.
addressOf(new Uint8Array(1));

const PLACE = { processId: 7, threadId: 1 };
const TRAP = 0x100n;

/**
 * A stopped program whose threads 1 and 2 were at a hit; its breakpoint is disabled, and they have been told to trap, for a step. The time of
 * the last run is over.
 */
function scene(isAsked = false): { loop: RunLoop; hits: Hits; flags(): bigint } & AsyncDisposable {
  const disabled = new ComCallback(IDebugBreakpoint2, { GetFlags: () => 0, GetOffset: () => 0x10n }, {
    defaultResult: E_NOTIMPL,
  });
  let flags = 0x202n | TRAP;
  const objects = {
    control: { GetNumberBreakpoints: () => 1, GetBreakpointByIndex2: () => disabled.pointer },
    system: { GetNumberThreads: () => 2 },
    registers: {
      GetInstructionOffset: () => 0x10n,
      GetStackOffset: () => 0x100n,
      GetIndexByNameWide: () => 0,
      GetValue: (_index: number, value: Uint8Array) =>
        value.set(new StructView(DEBUG_VALUE).set("Type", DEBUG_VALUE_INT64).set("I64", flags).bytes),
      SetValue: (_index: number, value: Uint8Array) => void (flags = new DataView(value.buffer).getBigUint64(0, true)),
    },
    currentProcess: () => PLACE.processId,
    isAtOwnEvent: () => true,
    focus: () => {},
    focusEvent: () => {},
    tryFocus: () => true,
  } as unknown as EngineObjects;
  const hits = new Hits(objects);
  for (const threadId of [1, 2]) hits.enter({ ...PLACE, threadId, instruction: 0x10n, stack: 0x100n });
  const answers = { waiting: 0, end: 0, stopWith: () => {} };
  const processes = new Set([PLACE.processId]);
  const parts = { hits, answers, processes, breakIns: { isAsked }, steps: {} };
  const events = { ...parts, place: () => PLACE } as unknown as EventReceiver;
  const loop = new RunLoop(objects, events, new Lifeline(newSharedWords(), () => 0));
  const dispose = async (): Promise<void> => {
    disabled[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 0)); // its callbacks are closed in a turn of their own
  };
  return { loop, hits, flags: () => flags, [Symbol.asyncDispose]: dispose };
}

for (const isAsked of [false, true]) {
  Deno.test(`a program is let go when all its threads are behind their hits${isAsked ? ", though an interrupt was asked for" : ""}`, async () => {
    await using all = scene(isAsked);
    all.loop.drain(PLACE.processId);
    assert.deepEqual(all.hits.visits, []);
    assert.equal(all.flags(), 0x202n, "none traps for a step that was given up");
  });
}
