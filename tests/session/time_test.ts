/** Lengths of time: timers beyond JavaScript's own, and what is none. */
import assert from "node:assert/strict";
import { act } from "../../lib/cli/action.ts";
import { clockOf, endsWithin, pause } from "../../lib/cli/schedule/clock.ts";
import { runScript } from "../../lib/script/run_script.ts";
import { Handlers } from "../../lib/session/handlers.ts";
import { SessionManager } from "../../lib/session/session.ts";
import { after, requireTime, timeoutSignal } from "../../lib/session/time.ts";
import { type Call, limitOf } from "../../scripts/shared/diagnostic.ts";

const DAY = 86_400_000;
const LONGEST = 2 ** 31 - 1;

/** Times that JavaScript's own timers take for none. */
const LONG = [LONGEST + 1, 3e9, 35 * DAY, 2 ** 32 + 5, 365 * DAY, 5_000 * DAY];

/** Has an action set timers that are over at once; gives how long each was to wait. */
async function timersOf(action: (isOver: () => boolean) => Promise<unknown> | void): Promise<number[]> {
  const own = globalThis.setTimeout;
  const asked: number[] = [];
  let isOver = false;
  globalThis.setTimeout = ((then: () => void, milliseconds: number) => {
    asked.push(milliseconds);
    return own(then, 0);
  }) as typeof setTimeout;
  try {
    await action(() => isOver);
  } finally {
    isOver = true;
    globalThis.setTimeout = own;
  }
  return asked;
}

const sum = (times: readonly number[]): number => times.reduce((all, one) => all + one, 0);

/** All that waits for a time that somebody gives, and comes back when it is over. */
const WAITERS: Readonly<Record<string, (milliseconds: number) => Promise<unknown>>> = {
  "a timer": (milliseconds) => new Promise<void>((resolve) => after(milliseconds, resolve)),
  "a signal": (milliseconds) => aborted(timeoutSignal(milliseconds)),
  "the option --timeout": (milliseconds) => act({ timeout: milliseconds / 1000 }, ({ signal }) => aborted(signal)),
  "a pause of a schedule": (milliseconds) => pause(milliseconds),
  "a clock": (milliseconds) => clockOf().sleep(milliseconds, new AbortController().signal),
  "a deadline of a scheduled run": (milliseconds) => endsWithin(new Promise(() => {}), milliseconds),
  "a handler's deadline": async (milliseconds) => {
    const handlers = new Handlers(milliseconds);
    handlers.add("engineCreate", () => new Promise(() => {}));
    const { errors: [error] } = await handlers.dispatch({ type: "engineCreate", engineId: "x" });
    assert.ok(error?.timedOut);
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  const stay = setInterval(() => {}, 1_000); // its own timer keeps nobody here
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => {
      clearInterval(stay);
      resolve();
    }, { once: true })
  );
}

for (const [name, wait] of Object.entries(WAITERS)) {
  const sanitize = !name.includes("--timeout"); // a command watches signals up to its process's end
  const options = { name: `${name} waits for longer than 24 days, if it is told to`, sanitizeOps: sanitize };
  Deno.test({ ...options, sanitizeResources: sanitize }, async () => {
    for (const milliseconds of [1, 1_500, LONGEST, ...LONG]) {
      const asked = await timersOf(() => wait(milliseconds));
      assert.ok(Math.max(...asked) <= LONGEST, `${asked}`);
      assert.equal(sum(asked), milliseconds);
    }
  });
}

Deno.test("diagnostics refuse times beyond 24 days", () => {
  const limit = (seconds: number): unknown => limitOf({ options: { seconds: `${seconds}` } } as unknown as Call);
  for (const milliseconds of [...LONG, Infinity, NaN]) {
    assert.throws(() => limit(milliseconds / 1000), {
      message: /^--seconds=.* is no number from 0\.001 to 2147483\.647$/,
    });
  }
});

Deno.test("a timer that is stopped in one of its parts calls nobody", async () => {
  let called = 0;
  const asked = await timersOf(async () => {
    const stop = after(5 * LONGEST, () => called++);
    await new Promise((resolve) => queueMicrotask(() => resolve(stop())));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
  assert.deepEqual([called, asked], [0, [LONGEST, 0]]);
  assert.deepEqual(await timersOf(() => after(Infinity, () => called++)()), []);
});

const NO_TIMES: readonly (readonly [unknown, string])[] = [
  ...[NaN, 0, -0, -1, -1e9, -Infinity].map((value) => [value, "RangeError"] as const),
  ...["5", "", null, {}, [5], true, 5n, () => 5].map((value) => [value, "TypeError"] as const),
];

for (const [value, error] of NO_TIMES) {
  Deno.test(`${Object.is(value, -0) ? "-0" : String(value)} (${typeof value}) is no time: ${error}`, async () => {
    assert.throws(() => requireTime("deadline", value), { name: error, message: /^Cannot use / });
    const given = value as number;
    const suppliers = { engines: {}, ports: [], local: { address: "", engineId: "" } };
    assert.throws(() => new SessionManager({ handlerDeadline: given }, suppliers), { name: error });
    for (const options of [{ deadline: given }, { silence: given }, { memory: given }]) {
      await assert.rejects(runScript("no-such-script.ts", options), { name: error, message: /^Cannot use / });
    }
  });
}
