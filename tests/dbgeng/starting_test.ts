/** Which programs have not come to their first stop: without an engine. */
import assert from "node:assert/strict";
import type { EngineAttach, EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { Starting } from "../../lib/dbgeng/thread/starting.ts";

const event = (type: string, processId: number): EngineStop => ({ kind: "event", event: { type, processId } } as never);
const existing = (processId: number): EngineAttach => ({ processId, existing: true } as never);

/** A program came up, and was let go before its first stop. */
function withStale(processId: number): Starting {
  const starting = new Starting();
  starting.expect(undefined);
  starting.stopped(event("createProcess", processId));
  starting.stopped(event("loadModule", processId));
  assert.equal(starting.has(processId), true);
  return starting;
}

Deno.test("one that is taken up from another debugger has come further, whatever was there before it", () => {
  const starting = withStale(7);
  starting.expect(existing(7));
  starting.stopped(event("createProcess", 7));
  assert.equal(starting.has(7), false);
});

Deno.test("one that is taken up says nothing of others, nor of a later one with its number", () => {
  const starting = withStale(8);
  starting.expect(existing(7));
  starting.stopped(event("createProcess", 7));
  assert.equal(starting.has(8), true);
  starting.stopped(event("exitProcess", 7));
  starting.stopped(event("createProcess", 7)); // a child
  assert.equal(starting.has(7), true);
});

Deno.test("the first stop of its own ends a program's beginning, and an interrupt that of all", () => {
  for (const stop of [event("exception", 7), { kind: "initialBreak", processId: 7, threadId: 1 } as EngineStop]) {
    const starting = withStale(7);
    starting.stopped(event("createProcess", 8));
    starting.stopped(stop);
    assert.deepEqual([starting.has(7), starting.has(8)], [false, true]);
  }
  const starting = withStale(7);
  starting.stopped({ kind: "interrupt", processId: 8, threadId: 1 } as EngineStop);
  assert.equal(starting.has(7), false);
});
