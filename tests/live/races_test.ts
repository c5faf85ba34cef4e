/** Openings that something comes in the way of: each run of the same race has the same typed outcome. */
import assert from "node:assert/strict";
import { AttachError, type AttachErrorKind, DebugSession, type EventHandlers } from "../../mod.ts";
import { count } from "../count.ts";
import { grows, type Heartbeat, heartbeatImage, startHeartbeat } from "./heartbeat_support.ts";
import { recordNative } from "./oracle_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, until } from "./support.ts";
import { processesNamed } from "./toolhelp_support.ts";

keepEngine();

/** The quick races, and those whose runs each start a process that takes a while: every way comes up in both. */
const RUNS = count(14, 25);
const SLOW_RUNS = count(5, 25);
/** Ten moments, one after another. */
const ENDS = count(10, 25);
/** Fails when something takes as long as only a hang does. */
async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It hangs: ${what}`)), 60_000);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Does something once, when the program's nth module is reported; 0 is its create-process event. */
function atModule(nth: number, action: () => unknown): EventHandlers {
  let seen = 0;
  return {
    createProcess: async () => void (nth === 0 && await action()),
    loadModule: async () => void (++seen === nth && await action()),
  };
}

/** That the session still is of use. */
async function launchesWell(session: DebugSession): Promise<void> {
  assert.equal(session.programs.size, 0);
  const program = await session.launch([debuggee("modules.exe"), "1"]);
  assert.deepEqual(await session.wait(), { reason: "ended" });
  assert.deepEqual(program.end, { reason: "exited", exitCode: 7 });
}

type Ending = (session: DebugSession, beat: Heartbeat) => Promise<unknown>;

/** The ways in which a process comes to its end in the middle of an attach, and the kind of error that each gives. */
const ENDINGS: readonly (readonly [kind: AttachErrorKind, ending: Ending])[] = [
  ["no-such-process", async (session, beat) => {
    await beat.kill();
    await session.attach(beat.pid);
  }],
  ["exited", (session, beat) => session.attach(beat.pid, { on: atModule(0, beat.kill) })],
  ["exited", (session, beat) => session.attach(beat.pid, { on: atModule(1, beat.kill) })],
  ["exited", (session, beat) => session.attach(beat.pid, { on: atModule(2, () => void beat.kill()) })],
  ["exited", (session, beat) => session.attach(beat.pid, { on: atModule(3, beat.kill) })],
];

/** The moments at which an opening is given up, by its signal. Each gives the controller's handlers. */
const MOMENTS: readonly ((abort: () => void) => EventHandlers)[] = [
  (abort) => (abort(), {}),
  (abort) => (queueMicrotask(abort), {}),
  (abort) => (setTimeout(abort), {}),
  (abort) => atModule(0, abort),
  (abort) => atModule(1, abort),
  (abort) => atModule(3, abort),
  (abort) => atModule(2, () => (setTimeout(abort, 5), pause(20))),
];

/** Gives an opening up at the nth moment. */
async function giveUp(
  nth: number,
  open: (options: { signal: AbortSignal; on: EventHandlers }) => Promise<unknown>,
): Promise<void> {
  const reason = new Error(`given up the ${nth}th way`);
  const controller = new AbortController();
  const on = MOMENTS[nth % MOMENTS.length]?.(() => controller.abort(reason)) ?? {};
  const opened = within(open({ signal: controller.signal, on }), reason.message);
  await assert.rejects(opened, reason, reason.message);
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`the first modules of ${SLOW_RUNS} launched programs (${hosting}) are those that a native client sees`, async () => {
    const { events } = await recordNative({ program: "modules.exe", args: ["1"] });
    const native = events.filter(({ type }) => type === "loadModule").map((
      { image, base, size },
    ) => [image, base, size]);
    await using session = newSession();
    for (let run = 0; run < SLOW_RUNS; run++) {
      const seen: unknown[] = []; // of ntdll the engine tells a mere name
      const loadModule: EventHandlers["loadModule"] = ({ module: { imageName, base, size } }) =>
        void seen.push([imageName.replace(/^.*\\(?=ntdll\.dll$)/i, ""), `0x${base.toString(16)}`, size]);
      const program = await session.launch([debuggee("modules.exe"), "1"], {
        on: { loadModule },
        initialBreak: run % 2 === 0,
      });
      if (run % 2 === 0) await program.terminate();
      else await session.wait();
      assert.ok(seen.length > 3);
      assert.deepEqual(seen.slice(0, 4), native.slice(0, 4), `run ${run}`);
    }
  });

  Deno.test(`${SLOW_RUNS} programs that end while they are attached to (${hosting}) give the same error`, async () => {
    await using session = newSession();
    for (let run = 0; run < SLOW_RUNS; run++) {
      await using beat = startHeartbeat();
      await grows(beat);
      const [kind, ending] = ENDINGS[run % ENDINGS.length] ?? assert.fail();
      await assert.rejects(within(ending(session, beat), `the attach of run ${run}`), (error) => {
        assert.ok(error instanceof AttachError, String(error));
        assert.equal(error.kind, kind, error.message);
        return true;
      });
      await until(() => processesNamed(beat.name).length === 0, "the program is gone");
    }
    await launchesWell(session);
  });

  Deno.test(`${ENDS} programs that end by themselves around an attach (${hosting})`, async () => {
    await using session = newSession();
    for (let run = 0; run < ENDS; run++) {
      await using beat = startHeartbeat("--seconds", `${(run % 10 + 1) / 50}`);
      await until(() => beat.count() > 0, "the heartbeat begins");
      await pause(run % 10 * 5);
      try {
        await within(session.attach(beat.pid, { initialBreak: run % 2 === 0 }), "the attach");
        assert.deepEqual(await within(session.wait(), "the end"), { reason: "ended" });
      } catch (error) {
        assert.ok(error instanceof AttachError && ["exited", "no-such-process"].includes(error.kind), String(error));
      }
      await until(() => processesNamed(beat.name).length === 0, "the program is gone");
    }
    await launchesWell(session);
  });

  Deno.test(`${RUNS} attachments that are given up (${hosting}) leave the program running`, async () => {
    await using beat = startHeartbeat();
    await grows(beat);
    await using session = newSession();
    for (let run = 0; run < RUNS; run++) {
      await giveUp(run, (options) => session.attach(beat.pid, options));
      assert.equal(session.programs.size, 0);
      await grows(beat);
    }
    const program = await session.attach(beat.pid);
    await program.detach();
    await grows(beat);
  });

  Deno.test(`${RUNS} launches that are given up (${hosting}) leave no process`, async () => {
    using image = heartbeatImage();
    await using session = newSession();
    for (let run = 0; run < RUNS; run++) {
      await giveUp(run, (options) => session.launch(image.command, options));
      assert.equal(session.programs.size, 0);
      await until(() => processesNamed(image.name).length === 0, "the program is gone");
    }
    await launchesWell(session);
  });
}
