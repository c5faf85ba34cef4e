/** Paths in what the crash catcher prints: as users of this machine write them, but for those of another host's. */
import assert from "node:assert/strict";
import { Watch } from "../../scripts/shared/crash_watch.ts";
import type { DebugSession } from "../../mod.ts";

type Handler = (event: unknown) => unknown;

for (const host of [undefined, ["ssh", "lab7"]]) {
  Deno.test(`why there is no dump is told with the paths of ${host ? "the host" : "this machine"}`, async () => {
    const handlers: Handler[] = [];
    const on = (name: string, handler: Handler): void => void (name === "exception" && handlers.push(handler));
    const printed: string[] = [];
    new Watch({ on, programs: new Map() } as unknown as DebugSession, {
      firstChance: [7],
      dump: "Z:\\dumps",
      print: (line) => void printed.push(line),
      ...(host ? { session: { host } } : {}),
    });
    const writeDump = (path: string): Promise<void> => Promise.reject(new Error(`Cannot write ${path}: it is full`));
    const thread = () => ({ report: () => Promise.resolve({ failed: {} }) });
    const program = { name: "app.exe", pid: 7, thread, writeDump };
    const event = { program, processId: 7, threadId: 1, code: 7, name: "seven", address: 1n, firstChance: true };
    for (const handler of handlers) await handler({ ...event, parameters: [] });
    const path = host || Deno.build.os === "windows" ? "Z:\\dumps\\app.exe.7.1.dmp" : "/dumps/app.exe.7.1.dmp";
    assert.equal(printed.at(-1), `no dump: Cannot write ${path}: it is full`);
  });
}
