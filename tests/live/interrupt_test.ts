/** Stopping programs that run: interrupts, waits that are given up, and whether the script's thread stays free. */
import assert from "node:assert/strict";
import { DebugSession, type Program, type Stop } from "../../mod.ts";
import { count } from "../count.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";
import { RemoteThreads } from "./interrupt_support.ts";

keepEngine();

type Hosting = (typeof hostings)[number];

/** How many interrupts race with a program's end, each a millisecond later than the one before. */
const RACES = count(12, 20);
/** Required of the script's event loop while a worker's engine waits. */
const MAX_GAP = 20;
const GIVEN_UP = new Error("given up");

function openSession(hosting: Hosting): DebugSession {
  return new DebugSession({ hosting, engine: engineFolder() });
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function counterOf(program: Program): Promise<bigint> {
  return BigInt(await program.evaluate("poi(spin!g_counter)"));
}

/** Waits, interrupts when the programs have run for some time, and tells how long the stop took to come. */
async function interruptAfter(session: DebugSession, milliseconds: number): Promise<{ stop: Stop; took: number }> {
  const waiting = session.wait();
  await until(() => session.running, "the program runs");
  await delay(milliseconds);
  const begin = performance.now();
  session.interrupt();
  const stop = await waiting;
  return { stop, took: performance.now() - begin };
}

/** Interrupts some milliseconds after the first exception of a program that lives a few milliseconds longer. */
async function interruptAfterException(session: DebugSession, milliseconds: number): Promise<void> {
  const first = new AbortController();
  await new Promise<void>((resolve) => {
    session.on("exception", () => {
      first.abort();
      resolve();
    }, { signal: first.signal });
  });
  await delay(milliseconds);
  session.interrupt();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function assertRunsOn(session: DebugSession, program: Program): Promise<void> {
  const before = await counterOf(program);
  const { stop } = await interruptAfter(session, 20);
  assert.equal(stop.reason, "interrupt");
  assert.ok(await counterOf(program) > before, "the program did not run");
}

for (const hosting of hostings) {
  Deno.test(`interrupt() (${hosting}) on a launched program's first steps stops it, and does it no harm`, async () => {
    await using session = openSession(hosting);
    for (let round = 0; round < count(12, 30); round++) {
      const program = await session.launch([debuggee("spin.exe")]);
      const waiting = session.wait();
      if (round % 4 > 0) await delay(round % 4);
      session.interrupt();
      assert.equal((await waiting).reason, "interrupt");
      assert.equal(program.end, undefined);
      await program.terminate();
    }
  });

  Deno.test(`interrupt() (${hosting}) stops a running program each time`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    const times: number[] = [];
    let before = await counterOf(program);
    for (let round = 0; round < count(20, 40); round++) {
      const { stop, took } = await interruptAfter(session, 5 + 7 * (round % 20));
      times.push(took);
      assert.ok(stop.reason === "interrupt" && stop.program === program, stop.reason);
      const now = await counterOf(program);
      assert.ok(now > before, `the program did not run before interrupt ${round}`);
      before = now;
    }
    console.log(`${hosting}: median ${median(times).toFixed(1)} ms, most ${Math.max(...times).toFixed(1)} ms`);
  });

  Deno.test(`interrupt() (${hosting}) several times in a row is one stop`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    const waiting = session.wait();
    await until(() => session.running, "the program runs");
    for (let count = 0; count < 5; count++) session.interrupt();
    assert.equal((await waiting).reason, "interrupt");
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      const next = session.wait({ signal: controller.signal });
      setTimeout(() => controller.abort(GIVEN_UP), 100);
      await assert.rejects(next, GIVEN_UP); // and not a stop for one of the other four
    }
    await assertRunsOn(session, program);
  });

  Deno.test(`interrupt() (${hosting}) right after wait() is not lost`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    await assertRunsOn(session, program);
    for (let round = 0; round < 10; round++) {
      session.on("exitThread", () => {}, { signal: AbortSignal.timeout(1) }); // the engine is told of it first
      const waiting = session.wait();
      for (let turn = 0; turn < round; turn++) await Promise.resolve();
      session.interrupt();
      assert.equal((await waiting).reason, "interrupt");
    }
    await assertRunsOn(session, program);
  });

  Deno.test(`wait() (${hosting}) that is aborted leaves the program stopped and the session usable`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    for (let round = 0; round < 5; round++) {
      const before = await counterOf(program);
      const controller = new AbortController();
      const waiting = session.wait({ signal: controller.signal });
      setTimeout(() => controller.abort(GIVEN_UP), 30);
      await assert.rejects(waiting, GIVEN_UP);
      assert.equal(program.state, "stopped");
      const after = await counterOf(program);
      assert.ok(after > before, "the program did not run during the wait");
      assert.equal(await counterOf(program), after, "the program runs though the wait was given up");
      await assert.rejects(session.wait({ signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
      await assert.rejects(session.wait({ signal: AbortSignal.abort(GIVEN_UP) }), GIVEN_UP);
    }
    await assertRunsOn(session, program);
    await program.terminate();
    assert.equal(program.end?.reason, "terminated");
  });

  Deno.test(`wait() (${hosting}) that is aborted leaves another wait waiting`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    const controller = new AbortController();
    const aborted = session.wait({ signal: controller.signal });
    let stopped = false;
    const other = session.wait().finally(() => stopped = true);
    await until(() => session.running, "the program runs");
    controller.abort(GIVEN_UP);
    await assert.rejects(aborted, GIVEN_UP);
    await until(() => session.running, "the program runs on for the other wait");
    assert.equal(stopped, false);
    session.interrupt();
    assert.equal((await other).reason, "interrupt");
    assert.ok(await counterOf(program) > 0n);
  });

  Deno.test(`interrupt() (${hosting}) while a handler runs stops after it`, async () => {
    await using session = openSession(hosting);
    let calls = 0;
    session.on("exception", async () => {
      if (++calls !== 3) return;
      session.interrupt();
      await delay(30);
    });
    const program = await session.launch([debuggee("exceptions.exe"), "1000"]);
    assert.equal((await session.wait()).reason, "interrupt");
    assert.equal(calls, 3);
    assert.equal(program.state, "stopped");
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.equal(calls, 1000);
    assert.equal(program.end?.exitCode, 0);
  });

  Deno.test(`interrupt() (${hosting}) that races with the end of the program loses neither`, async () => {
    await using session = openSession(hosting);
    for (let round = 0; round < RACES; round++) {
      const program = await session.launch([debuggee("exceptions.exe"), "20"]);
      const interrupted = interruptAfterException(session, round);
      for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
        assert.equal(stop.reason, "interrupt"); // how many come in time is chance: both are brought about in the tests after this
      }
      await interrupted;
      assert.deepEqual(program.end, { reason: "exited", exitCode: 0 });
    }
    // Whatever came too late is forgotten: it must not stop the next program.
    const program = await session.launch([debuggee("exceptions.exe"), "200"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.equal(program.end?.exitCode, 0);
  });

  for (const [moment, expected] of [["exception", ["interrupt", "ended"]], ["exitProcess", ["ended"]]] as const) {
    Deno.test(`interrupt() (${hosting}) in a handler of ${moment} gives ${expected.join(", then ")}`, async () => {
      await using session = openSession(hosting);
      for (let round = 0; round < 3; round++) {
        const program = await session.launch([debuggee("exceptions.exe"), "1"]);
        program.on(moment, () => session.interrupt());
        const reasons = [(await session.wait()).reason];
        while (reasons.at(-1) !== "ended") reasons.push((await session.wait()).reason);
        assert.deepEqual([reasons, program.end], [expected, { reason: "exited", exitCode: 0 }]);
      }
    });
  }

  Deno.test(`interrupt() (${hosting}) arrives when the last event was the end of a thread`, async () => {
    await using session = openSession(hosting);
    const program = await session.launch([debuggee("spin.exe")]);
    using threads = new RemoteThreads(program.processId);
    for (let round = 0; round < 12; round++) {
      const waiting = session.wait();
      await until(() => session.running, "the program runs");
      await delay(10); // the wait's short first slice is over: what follows happens within one wait of the engine
      await threads.runOne(1 + round);
      await delay(round % 4 * 5);
      const begin = performance.now();
      session.interrupt();
      assert.equal((await waiting).reason, "interrupt");
      const took = performance.now() - begin;
      assert.ok(took < 1000, `took ${took} ms in round ${round}`);
    }
    await assertRunsOn(session, program);
  });

  for (const listens of [false, true]) {
    const who = listens ? "somebody" : "nobody";
    Deno.test(`wait() (${hosting}) can be aborted while events come to ${who}`, async () => {
      await using session = openSession(hosting);
      let calls = 0;
      if (listens) session.on("exception", () => void calls++);
      const program = await session.launch([debuggee("exceptions.exe"), "1000000"]);
      for (let round = 0; round < 8; round++) {
        const before = await handledBy(program);
        const begin = performance.now();
        await assert.rejects(session.wait({ signal: AbortSignal.timeout(50 + round) }), { name: "TimeoutError" });
        const took = performance.now() - begin;
        assert.ok(took < 1000, `took ${took} ms in round ${round}`);
        assert.ok(await handledBy(program) > before, "the program did not run");
      }
      assert.equal(calls > 0, listens);
      const { stop } = await interruptAfter(session, 20);
      assert.equal(stop.reason, "interrupt");
    });
  }

  Deno.test(`disposal (${hosting}) between two events of a busy program ends it`, async () => {
    await using session = openSession(hosting);
    session.on("exception", () => {
      throw GIVEN_UP;
    });
    const program = await session.launch([debuggee("exceptions.exe"), "1000000"]);
    await assert.rejects(session.wait(), { name: "HandlerError" });
    await session[Symbol.asyncDispose]();
    assert.equal(program.end?.reason, "terminated");
  });
}

async function handledBy(program: Program): Promise<bigint> {
  return BigInt(await program.evaluate("poi(exceptions!g_handled)")) & 0xffff_ffffn;
}

/** The longest time between two turns of a timer that wants one every millisecond, while `action` is under way. */
async function longestGap(action: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await action();
  clearInterval(timer);
  return longest;
}

Deno.test(`wait() (worker) on a quiet program never blocks the event loop for ${MAX_GAP} ms`, async () => {
  await using session = openSession("worker");
  await session.launch([debuggee("spin.exe")]);
  const gaps: number[] = [];
  // A machine that is busy with other things makes gaps too, but not in each round; a wait that blocks would.
  while (gaps.length < 24 && Math.min(...gaps) >= MAX_GAP || gaps.length < 3) {
    gaps.push(
      await longestGap(() =>
        assert.rejects(session.wait({ signal: AbortSignal.timeout(500) }), { name: "TimeoutError" })
      ),
    );
  }
  console.log(`quiet: longest gaps ${gaps.map((gap) => gap.toFixed(1)).join(", ")} ms`);
  assert.ok(Math.min(...gaps) < MAX_GAP, gaps.join());
});

for (const listens of [false, true]) {
  Deno.test(`wait() (worker) on a busy program leaves the event loop free, ${listens ? "a" : "no"} listener`, async () => {
    await using session = openSession("worker");
    let calls = 0;
    if (listens) session.on("exception", () => void calls++);
    await session.launch([debuggee("exceptions.exe"), "1000000"]);
    const gaps: number[] = [];
    while (gaps.length < 24 && Math.min(...gaps) >= MAX_GAP || gaps.length < 3) {
      gaps.push(
        await longestGap(() =>
          assert.rejects(session.wait({ signal: AbortSignal.timeout(500) }), { name: "TimeoutError" })
        ),
      );
    }
    const rate = listens ? `, ${Math.round(calls / gaps.length * 2)} events per second` : "";
    console.log(`busy: longest gaps ${gaps.map((gap) => gap.toFixed(1)).join(", ")} ms${rate}`);
    assert.ok(Math.min(...gaps) < MAX_GAP, gaps.join());
  });
}
