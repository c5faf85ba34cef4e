import assert from "node:assert/strict";
import type { DebugEngine } from "../../lib/session/contract.ts";
import { LifecycleGuard } from "../../lib/session/lifecycle.ts";
import { created, loaded, outputOf } from "./fake_contract.ts";

Deno.test("what an engine tells of a program that was closed comes too late", () => {
  const guard = new LifecycleGuard(() => "user");
  guard.check({ type: "engineCreate", engine: {} as DebugEngine });
  for (const id of ["a", "b"]) {
    for (const report of [created(id, 7), loaded(id), outputOf(id, "x")]) assert.equal(guard.check(report), undefined);
  }
  guard.close("a");
  assert.equal(guard.check(outputOf("a", "late")), "it came after programDestroy");
  assert.equal(guard.check(outputOf("b", "another's")), undefined);
});
