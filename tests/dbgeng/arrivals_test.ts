/** Which process is what was launched, and which a child of another program: without an engine. */
import assert from "node:assert/strict";
import { HresultError } from "../../lib/com/hresult.ts";
import { Arrivals } from "../../lib/dbgeng/thread/children.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";

const MODULE = { name: "app", imageName: "app.exe", base: 0n, size: 0, checksum: 0, timestamp: 0 };
const SERVER = 5n;
const PEB = 0x1000n;
const PARAMETERS = 0x2000n;
const TEXT = 0x100;

/** The objects of an engine whose current process was started with a command line; without one nothing can be read there. */
function engineAt(commandLine: () => string | undefined, isNormal = true): EngineObjects {
  const memory = (): DataView => {
    const text = commandLine();
    if (text === undefined) throw new HresultError("ReadVirtual", 0x8007001e);
    const view = new DataView(new ArrayBuffer(0x1000));
    view.setUint32(8, isNormal ? 1 : 0, true);
    view.setUint16(0x70, 2 * text.length, true);
    view.setBigUint64(0x78, (isNormal ? PARAMETERS : 0n) + BigInt(TEXT), true);
    for (let index = 0; index < text.length; index++) view.setUint16(TEXT + 2 * index, text.charCodeAt(index), true);
    return view;
  };
  const read = (address: bigint, bytes: Uint8Array, length: number): void => {
    const view = address === PEB + 0x20n ? new DataView(BigUint64Array.of(PARAMETERS).buffer) : memory();
    const at = address === PEB + 0x20n ? 0 : Number(address - PARAMETERS);
    bytes.set(new Uint8Array(view.buffer, at, length));
  };
  const failing = (): never => {
    throw new HresultError("GetRunningProcessDescriptionWide", 0x80004005);
  };
  return {
    system: { GetCurrentSystemId: () => 1, GetCurrentProcessPeb: () => PEB },
    spaces: { ReadVirtual: read },
    client: { GetRunningProcessDescriptionWide: failing },
  } as unknown as EngineObjects;
}

function program(values: object): Parameters<Arrivals["expect"]>[0] {
  return {
    server: SERVER,
    children: [{ pattern: "*", policy: "follow" }],
    initialBreak: true,
    keepOnExit: false,
    ...values,
  } as never;
}

for (const isNormal of [true, false]) {
  Deno.test(`at a process server a child that comes up before what was launched is a child (normal parameters: ${isNormal})`, () => {
    let current: string | undefined = "parent.exe";
    const arrivals = new Arrivals(engineAt(() => current, isNormal));
    arrivals.expect(program({ processId: 7 }));
    assert.equal(arrivals.arrive(7, MODULE).parentId, undefined);
    arrivals.expect(program({ commandLine: "app.exe --grüße" }));
    current = "child.exe";
    assert.equal(arrivals.arrive(8, MODULE).parentId, 7);
    current = "app.exe --grüße";
    assert.equal(arrivals.arrive(9, MODULE).parentId, undefined);
    assert.equal(arrivals.arrive(10, MODULE).parentId, 9, "it has come already: the same again is a child of it");
  });
}

Deno.test("at a process server a process that cannot be read is what was launched", () => {
  let current: string | undefined = "parent.exe";
  const arrivals = new Arrivals(engineAt(() => current));
  arrivals.expect(program({ processId: 7 }));
  arrivals.arrive(7, MODULE);
  arrivals.expect(program({ commandLine: "app.exe" }));
  current = undefined;
  assert.equal(arrivals.arrive(8, MODULE).parentId, undefined);
});

Deno.test("at a process server a child is one of the program that was opened last, and has that one's policy", () => {
  const arrivals = new Arrivals(engineAt(() => "child.exe"));
  for (const [processId, policy] of [[7, "detach"], [8, "follow"]] as const) {
    arrivals.expect(program({ processId, children: [{ pattern: "*", policy }] }));
    arrivals.arrive(processId, MODULE);
  }
  arrivals.expect(program({ processId: 9, children: [] })); // it wants to know of none
  arrivals.arrive(9, MODULE);
  const { parentId, policy } = arrivals.arrive(10, MODULE);
  assert.deepEqual([parentId, policy], [8, "follow"]);
});
