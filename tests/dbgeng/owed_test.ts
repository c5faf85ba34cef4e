/** What came behind a hit is answered as it was decided, once that hit was told: without an engine. */
import assert from "node:assert/strict";
import { addressOf } from "../../lib/com/memory.ts";
import {
  DEBUG_EVENT_BREAKPOINT,
  DEBUG_EVENT_EXCEPTION,
  DEBUG_STATUS_BREAK,
  DEBUG_STATUS_GO,
  DEBUG_STATUS_GO_NOT_HANDLED,
} from "../../lib/dbgeng/generated/constants.ts";
import { Answers } from "../../lib/dbgeng/thread/answers.ts";
import type { BreakIns } from "../../lib/dbgeng/thread/break_ins.ts";
import type { EventReceiver } from "../../lib/dbgeng/thread/events.ts";
import { Hits } from "../../lib/dbgeng/thread/hits.ts";
import { Lifeline, newSharedWords } from "../../lib/dbgeng/thread/lifeline.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { RunLoop } from "../../lib/dbgeng/thread/run.ts";

// The library that memory is reached by is loaded at the first use, and stays.
addressOf(new Uint8Array(1));

const PLACE = { processId: 7, threadId: 1 };
const HIT = { kind: "event", event: { type: "breakpoint", ...PLACE, id: 0, address: 0x10n } } as const;

/** A program whose every wait brings what is next in the script; gives what the engine was told. */
function scene(script: ((answers: Answers) => number)[]): { loop: RunLoop; statuses: number[] } {
  const statuses: number[] = [];
  const breakIns = { isAsked: false, isSettling: false, forgetAsked: () => {} } as unknown as BreakIns;
  const answers = new Answers(breakIns);
  let type = 0;
  const control = {
    lastHresult: 0,
    GetExecutionStatus: () => DEBUG_STATUS_BREAK,
    GetNumberBreakpoints: () => 0,
    SetExecutionStatus: (status: number) => statuses.push(status),
    WaitForEvent: () => type = script.shift()?.(answers) ?? 0,
  };
  const objects = {
    ...{ control, system: { GetNumberThreads: () => 2 } },
    registers: { GetInstructionOffset: () => 0x20n, GetStackOffset: () => 0x100n },
    ...{ focus: () => {}, focusEvent: () => {}, tryFocus: () => true, isAtOwnEvent: () => true },
    currentProcess: () => PLACE.processId,
    lastEventType: () => type,
  } as unknown as EngineObjects;
  const events = {
    ...{ answers, breakIns, hits: new Hits(objects), processes: new Set([PLACE.processId]), steps: {} },
    ...{ arrivals: { settle: (stop: unknown) => stop }, arrival: () => undefined, machines: { beforeRun: () => {} } },
    ...{ isTrap: false, newWait: () => {}, place: () => PLACE },
  } as unknown as EventReceiver;
  return { loop: new RunLoop(objects, events, new Lifeline(newSharedWords(), () => 0)), statuses };
}

Deno.test("an exception behind a hit that is told first goes to its program, as if there had been no hit", () => {
  const { loop, statuses } = scene([
    (answers) => {
      answers.hold(HIT); // of another thread
      answers.decide(DEBUG_STATUS_GO_NOT_HANDLED);
      return DEBUG_EVENT_EXCEPTION;
    },
    (answers) => {
      answers.hold(HIT);
      return DEBUG_EVENT_BREAKPOINT;
    },
    (answers) => {
      answers.hold(HIT);
      return DEBUG_EVENT_BREAKPOINT;
    },
  ]);
  for (let hit = 0; hit < 3; hit++) assert.deepEqual(loop.run("go"), HIT);
  assert.deepEqual(statuses.slice(-2), [DEBUG_STATUS_GO_NOT_HANDLED, DEBUG_STATUS_GO]);
});
