/** The script's thread is never kept from its other tasks for long, however many calls it sleeps for. */
import assert from "node:assert/strict";
import { Turns } from "../../lib/dbgeng/turns.ts";

/** The promise: the longest that other tasks wait for a turn, in milliseconds. */
const PROMISED = 20;

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Makes calls that take as long as they may, one after another, and gives the longest that it slept while a timer was due. */
async function longest(turns: Turns, calls: number, isRun: (call: number) => boolean): Promise<number> {
  let slept = 0;
  let most = 0;
  const timer = setInterval(() => slept = 0, 1);
  for (let call = 0; call < calls; call++) {
    const patience = turns.patienceOf(isRun(call));
    Atomics.wait(nobody, 0, 0, patience);
    turns.slept(patience);
    turns.ran(0.1);
    slept += patience;
    most = Math.max(most, slept);
    await turns.give();
  }
  clearInterval(timer);
  return most;
}

Deno.test("other tasks have a turn before the thread has slept for as long as is promised", async () => {
  for (const isRun of [() => false, () => true, (call: number) => call % 3 === 0]) {
    const most = await longest(new Turns(), 200, isRun);
    assert.ok(most > 0 && most <= PROMISED, `${most}`);
  }
});

Deno.test("nobody sleeps for programs that run, but where the last run was over soon", () => {
  const turns = new Turns();
  assert.equal(turns.patienceOf(true), 0);
  assert.ok(turns.patienceOf(false) > 0);
  turns.ran(0.1);
  assert.ok(turns.patienceOf(true) > 0);
  turns.ran(100);
  assert.equal(turns.patienceOf(true), 0);
});

Deno.test("calls that come to their ends while other tasks have a turn do not overtake the one before it", async () => {
  const turns = new Turns();
  const ends: number[] = [];
  const end = async (call: number): Promise<void> => {
    await turns.give();
    ends.push(call);
  };
  turns.slept(PROMISED);
  const calls = [end(0), end(1)];
  await new Promise((resolve) => setTimeout(resolve, 0));
  turns.slept(PROMISED); // a second one is due while the first is not over
  await Promise.all([...calls, end(2), end(3)]);
  assert.deepEqual(ends, [0, 1, 2, 3]);
});
