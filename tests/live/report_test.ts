/** A report gives in one request what the calls of its parts give, failures included. */
import assert from "node:assert/strict";
import { DebugSession, EngineError, type Program, type ThreadReport } from "../../lib/api/mod.ts";
import { InlineConnection } from "../../lib/dbgeng/inline_connection.ts";
import { WorkerConnection } from "../../lib/dbgeng/worker_connection.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

let requests = 0;

/** What both connections have. */
interface Caller {
  call(name: string, ...values: unknown[]): Promise<unknown>;
}

for (const { prototype } of [InlineConnection, WorkerConnection] as unknown as { readonly prototype: Caller }[]) {
  const { call } = prototype;
  prototype.call = function (this: Caller, name: string, ...values: unknown[]): Promise<unknown> {
    requests++;
    return call.call(this, name, ...values);
  };
}

const ALL = { frames: 5, registers: true, modules: true, threads: true };

/** The same, part by part. */
async function partByPart(program: Program, threadId: number): Promise<ThreadReport> {
  const thread = program.thread(threadId);
  const failed: Record<string, Error> = {};
  const part = <T>(name: string, value: Promise<T>): Promise<T | undefined> =>
    value.catch((error: Error) => void (failed[name] = error));
  const parts = {
    stack: await part("stack", thread.stack(ALL.frames)),
    registers: await part("registers", thread.registers()),
    modules: await part("modules", program.modules()),
    threads: await part("threads", program.threads()),
  };
  const threads = parts.threads?.map(({ threadId, name }) => name === undefined ? { threadId } : { threadId, name });
  const had = Object.entries({ ...parts, threads }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(had), failed };
}

for (const hosting of hostings) {
  Deno.test(`a report (${hosting}) is one request, and has what its parts' own calls give`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("crash.exe")]);
    const { threadId, code } = await program.next("exception");
    assert.equal(code, 0xc0000005);
    const before = requests;
    const report = await program.thread(threadId).report(ALL);
    assert.equal(requests - before, 1);
    assert.deepEqual(report, await partByPart(program, threadId));
    assert.equal(report.stack?.[0]?.symbol, "crash!write_through");
    assert.deepEqual(Object.keys(report).sort(), ["failed", "modules", "registers", "stack", "threads"]);
    assert.deepEqual(await program.thread(threadId).report({ modules: true }), { modules: report.modules, failed: {} });
  });

  Deno.test(`a report (${hosting}) on a thread that is not there has the program's parts, and says what failed`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("crash.exe")]);
    await program.next("exception");
    const report = await program.thread(0x7ffffff0).report(ALL);
    assert.deepEqual(report, await partByPart(program, 0x7ffffff0));
    assert.deepEqual(Object.keys(report.failed).sort(), ["registers", "stack"]);
    assert.ok(report.failed.stack instanceof EngineError, `${report.failed.stack}`);
    assert.ok((report.modules?.length ?? 0) > 2);
  });
}
