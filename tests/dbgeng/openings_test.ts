/** What is left of an attach or a launch whose wait fails: without an engine, which does not fail when it is to. */
import assert from "node:assert/strict";
import { HresultError } from "../../lib/com/hresult.ts";
import { DEBUG_STATUS_BREAK } from "../../lib/dbgeng/generated/constants.ts";
import type { EventReceiver } from "../../lib/dbgeng/thread/events.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { Openings } from "../../lib/dbgeng/thread/openings.ts";

const E_FAIL = 0x80004005;

function failing(): never {
  throw new HresultError("GetCurrentProcessHandle", E_FAIL);
}

/** An engine that holds these processes; what is done to them is written down. */
function engineWith(processIds: readonly number[], log: string[]): EngineObjects {
  let current = 0;
  return {
    systemIds: () => [0],
    control: { GetExecutionStatus: () => DEBUG_STATUS_BREAK },
    system: {
      SetCurrentSystemId: () => {},
      GetNumberProcesses: () => processIds.length,
      GetProcessIdsByIndex: (_from: number, _count: number, ids: Uint32Array) => ids.set(processIds.map((_, id) => id)),
      SetCurrentProcessId: (id: number) => current = processIds[id] ?? 0,
      GetCurrentProcessSystemId: () => current,
      GetCurrentProcessHandle: failing, // whether it has ended cannot be told
    },
    client: {
      TerminateCurrentProcess: () => log.push(`terminate ${current}`),
      DetachCurrentProcess: () => log.push(`detach ${current}`),
      GetRunningProcessSystemIds: (_server: bigint, ids: Uint32Array) => (ids.set(processIds), processIds.length),
    },
  } as unknown as EngineObjects;
}

/** What is done when a wait fails after something was asked for, with a process that was there before. */
function afterFailure(request: { keepOnExit: boolean; attach?: object }): string[] {
  const log: string[] = [];
  const events = {
    processes: new Set([7]),
    arrivals: { expect: () => {}, expectNone: () => log.push("expect none") },
    unannounced: { expect: () => {} },
    forget: (processId: number) => log.push(`forget ${processId}`),
  } as unknown as EventReceiver;
  const openings = new Openings(engineWith([7, 8], log), events);
  const { keepOnExit, ...pending } = request;
  openings.expect({ server: 0n, children: [], initialBreak: true, keepOnExit }, pending as never);
  assert.throws(() => openings.failed(new HresultError("WaitForEvent", E_FAIL)), {
    name: "AttachError",
    kind: "failed",
  });
  assert.equal(openings.isOpen, false);
  return log;
}

Deno.test("a launch whose wait fails leaves nothing behind, and what was there before alone", () => {
  const log = afterFailure({ keepOnExit: false });
  assert.deepEqual(log, ["expect none", "terminate 8", "detach 8", "forget 8"]);
});

Deno.test("an attach whose wait fails lets its program go, alive", () => {
  const log = afterFailure({ keepOnExit: true, attach: { server: 0n, processId: 8 } });
  assert.deepEqual(log, ["expect none", "detach 8", "forget 8"]);
});
