/** The script's thread is never kept from its other tasks for long, however many calls it sleeps for. */
import assert from "node:assert/strict";
import { Turns } from "../../lib/dbgeng/turns.ts";

/** The promise: the longest that other tasks wait for a turn, in milliseconds. */
const PROMISED = 20;

/** Makes calls that take as long as they may, one after another, and gives the longest time without a turn. */
async function longest(turns: Turns, calls: number, isRun: (call: number) => boolean): Promise<number> {
  let slept = 0;
  let most = 0;
  let given = 0;
  for (let call = 0; call < calls; call++) {
    const before = given;
    const timer = setTimeout(() => given++, 0);
    const patience = turns.patienceOf(isRun(call));
    turns.slept(patience);
    turns.ran(0.1);
    slept += patience;
    most = Math.max(most, slept);
    await turns.give();
    if (given > before) slept = 0;
    clearTimeout(timer);
  }
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
