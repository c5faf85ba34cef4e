/** How programs are let go that nobody lets go. */
import assert from "node:assert/strict";
import { Custody } from "../../lib/dbgeng/custody.ts";
import type { EngineAttach, EngineLaunch, EngineStop } from "../../lib/dbgeng/engine_api.ts";

const attach = (processId: number, server = 0n) =>
  ["attach", [{ server, processId } as EngineAttach], undefined] as const;
const launch = (server = 0n) => ["launch", [{ server } as EngineLaunch], undefined] as const;

/** A process has come up. */
function came(processId: number, parentId?: number): readonly ["run", readonly unknown[], EngineStop] {
  const event = { type: "createProcess", processId, ...(parentId === undefined ? {} : { parentId }) };
  return ["run", [], { kind: "event", event } as unknown as EngineStop];
}

/** How they are let go after some calls: `7 detach`. */
function after(...calls: readonly Readonly<Parameters<Custody["note"]>>[]): { departures: string[]; local: string[] } {
  const custody = new Custody();
  for (const call of calls) custody.note(...call);
  const told = (list: Custody["departures"]): string[] => list.map(({ processId, how }) => `${processId} ${how}`);
  return { departures: told(custody.departures), local: told(custody.local) };
}

Deno.test("an attached program runs on although a launch is awaited when it comes up", () => {
  const { departures } = after(attach(7), launch(), came(7), came(8));
  assert.deepEqual(departures, ["7 detach", "8 terminate"]);
});

Deno.test("children go as their parents, those of strangers as they came", () => {
  const { departures } = after(
    attach(7),
    came(7),
    launch(),
    came(8),
    came(9, 7),
    came(10, 8),
    came(11, 9),
    came(12, 4),
  );
  assert.deepEqual(departures, ["7 detach", "8 terminate", "9 detach", "10 terminate", "11 detach", "12 detach"]);
});

Deno.test("programs on a process server are none of this machine, nor are their children", () => {
  const { departures, local } = after(attach(7, 1n), came(7), came(9, 7), launch(2n), came(8), launch(), came(10));
  assert.deepEqual(departures, ["7 detach", "9 detach", "8 terminate", "10 terminate"]);
  assert.deepEqual(local, ["10 terminate"]);
});

Deno.test("what the engine had to let go is not let go again, and does not end", () => {
  const { departures } = after(launch(), came(7), launch(), came(8), ["run", [], { kind: "left", processId: 7 }]);
  assert.deepEqual(departures, ["8 terminate"]);
});
