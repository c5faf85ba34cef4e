/** How long a connection to a process server may take, as the engine's thread and the watchdog count it: without an engine. */
import assert from "node:assert/strict";
import { HresultError } from "../../lib/com/hresult.ts";
import { Lifeline, newSharedWords } from "../../lib/dbgeng/thread/lifeline.ts";
import type { EngineObjects } from "../../lib/dbgeng/thread/objects.ts";
import { connectServer } from "../../lib/dbgeng/thread/opening.ts";

/** A clock that goes by hand. */
let time = 0;

/** Does something at a time of that clock, whatever the day's is set to meanwhile. */
function at<T>(moment: number, action: () => T): T {
  const { now } = Date;
  time = moment;
  Date.now = () => 3_600_000 * Math.random();
  try {
    return action();
  } finally {
    Date.now = now;
  }
}

Deno.test("both count from the moment at which the request begins", () => {
  const words = newSharedWords();
  const [engine, watchdog] = [new Lifeline(words, () => time), new Lifeline(words, () => time)];
  const wrap = 2 ** 32;
  for (const begin of [0, 1_764_500_000_000, wrap - 10, wrap * 411 + 2 ** 31 - 10]) {
    at(begin - 5_000, () => engine.enter()); // the engine's start, whatever else the call does before
    at(begin, () => engine.beginConnect(5005, [4, 8], 7, 1_000));
    assert.deepEqual([watchdog.connecting, watchdog.patience, watchdog.isNew(8), watchdog.isNew(12)], [
      5005,
      1_000,
      false,
      true,
    ]);
    assert.deepEqual(at(begin + 999, () => watchdog.connectingFor), 999);
    const { pulse } = watchdog;
    at(begin + 999, () => engine.endConnect(0));
    assert.deepEqual([watchdog.connecting, watchdog.patience], [0, 0]);
    assert.notEqual(watchdog.pulse, pulse, "the engine's thread has got on");
  }
});

Deno.test("what fails before its time hangs up, and what fails after it has not answered", () => {
  const client = {
    ConnectProcessServerWide(): bigint {
      throw new HresultError("ConnectProcessServerWide", 0x80010007);
    },
  };
  const objects = { client } as unknown as EngineObjects;
  const fail = (connectingFor: number) => (): bigint =>
    connectServer(objects, "tcp:server=lab7,port=5005", 1_000, { connectingFor });
  assert.throws(fail(999), { kind: "server-unreachable", message: /what answers there hangs up/ });
  assert.throws(fail(1_000), { kind: "server-unreachable", message: /: no answer came within 1 s; / });
});
