/** Expressions, on an engine that knows none. */
import assert from "node:assert/strict";
import { HresultError } from "../../lib/com/hresult.ts";
import { evaluate } from "../../lib/dbgeng/thread/lookups.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";

const E_FAIL = 0x80004005 | 0;

Deno.test("an expression that fails is asked for once where no name in it was changed: it may do something", () => {
  const asked: string[] = [];
  const fail = (call: string) => (text: string): never => {
    if (call === "EvaluateWide") asked.push(text);
    throw new HresultError(call, E_FAIL);
  };
  const objects = {
    control: { EvaluateWide: fail("EvaluateWide") },
    symbols: { GetModuleByModuleNameWide: fail("GetModuleByModuleNameWide"), GetNumberModules: () => ({ Loaded: 0 }) },
  } as unknown as EngineObjects;
  for (const expression of ["@$t0 = 1; nothing", "nowhere!none", "no-where!none"]) {
    assert.throws(() => evaluate(objects, expression), { name: "EngineError", kind: "failed" });
    assert.deepEqual(asked.splice(0), [expression]);
  }
});
