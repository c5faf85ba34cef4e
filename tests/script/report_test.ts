/** A report for a confined script: each of its parts is judged as the call of its own. */
import assert from "node:assert/strict";
import type { ReportRequest } from "../../lib/session/engine.ts";
import { engine, guard } from "./guard_support.ts";
import { attach, created } from "./guard_support.ts";

const focus = { processId: 7, threadId: 1 };
const ALL = { frames: 64, registers: true, modules: true, threads: true };

/** What the script gets, and what the engine was asked for. */
async function ask(rights: readonly string[]): Promise<{ told: unknown; asked: readonly unknown[] }> {
  const asked: unknown[] = [];
  const report = (at: unknown, request: ReportRequest): unknown => {
    asked.push(at, request);
    const { registers } = request;
    return {
      stack: [],
      modules: [],
      ...(registers ? { registers: { rip: 1n } } : {}),
      failed: { threads: { name: "Error", message: "x" } },
    };
  };
  const fake = engine([created(7, "C:\\x\\app.exe")], { report });
  const { call } = guard(fake, ["--allow-attach=app.exe", ...rights]);
  await call("attach", attach(7));
  await call("run", "go");
  return { told: await call("report", focus, ALL), asked };
}

const threads = { name: "Error", message: "x" };

Deno.test("with the right to control, a report has registers", async () => {
  const { told, asked } = await ask(["--allow-control"]);
  assert.deepEqual(asked, [focus, ALL]);
  assert.deepEqual(told, { stack: [], modules: [], registers: { rip: 1n }, failed: { threads } });
});

for (const rights of [[], ["--allow-control", "--deny-control"]]) {
  Deno.test(`with ${rights.join(" ") || "no right to control"}, a report names the registers as refused, and has all else`, async () => {
    const { told, asked } = await ask(rights);
    assert.deepEqual(asked, [focus, { ...ALL, registers: false }]);
    const { failed, ...parts } = told as { readonly failed: Readonly<Record<string, { readonly message: string }>> };
    assert.deepEqual(parts, { stack: [], modules: [] });
    assert.deepEqual(failed["threads"], threads);
    assert.deepEqual(Object.keys(failed).sort(), ["registers", "threads"]);
    const { call } = guard(engine([created(7, "C:\\x\\app.exe")]), ["--allow-attach=app.exe", ...rights]);
    await call("attach", attach(7));
    await call("run", "go");
    const alone = await call("registers", focus).then(() => assert.fail(), (error: Error) => error);
    assert.ok(alone instanceof Deno.errors.NotCapable);
    assert.equal(failed["registers"]?.message, alone.message);
  });
}
