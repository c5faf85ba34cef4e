/** Many events in one session, 100,000 in a long run: nothing is missed, and memory stays where it is. */
import assert from "node:assert/strict";
import { type DebugEvent, DebugSession, type EventHandler, type EventName } from "../../mod.ts";
import { count } from "../count.ts";
import { RECORDED } from "./oracle_support.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";

/** How many events each hosting takes: the whole number where the engine has its thread, fewer where it does the same without. */
const TOTALS = { worker: count(10_000, 100_000), inline: count(6_000, 20_000) };
/** events.exe makes them in rounds of 20. */
const ROUND = 20;
/** After how many events the memory is looked at. */
const SAMPLE = count(2_000, 10_000);
const ALLOWED_GROWTH = 0.1;

const OWN_CODE = 0xe0001234;

/** Whether an event is one of those that events.exe makes on purpose; the rest is its start and its end. */
function isMade(event: DebugEvent): boolean {
  switch (event.type) {
    case "exception":
      return event.code === OWN_CODE && event.firstChance;
    case "loadModule":
      return event.module.imageName.endsWith("plugin.dll");
    case "unloadModule":
      return event.imageName.endsWith("plugin.dll");
    default:
      return event.type === "output" || event.type === "createThread" || event.type === "exitThread";
  }
}

/** Counts what comes, looks at the order of the debug strings, and samples the memory of this process. */
class Watch {
  readonly counts: Partial<Record<EventName, number>> = {};
  /** Events that events.exe did not make. */
  readonly others: string[] = [];
  /** Resident size in bytes, each time it was looked at. */
  readonly sizes: number[] = [];
  /** The first debug string that was not the next one. */
  disorder: string | undefined;
  #made = 0;

  see(event: DebugEvent): void {
    if (!isMade(event)) return void this.others.push(event.type);
    const before = this.counts[event.type] ?? 0;
    this.counts[event.type] = before + 1;
    if (event.type === "output" && event.text !== `round ${before >> 2} line ${before & 3}\n`) {
      this.disorder ??= `${event.text} came as number ${before}`;
    }
    if (++this.#made % SAMPLE === 0) this.sizes.push(Deno.memoryUsage().rss);
  }
}

for (const hosting of hostings) {
  const total = TOTALS[hosting];
  Deno.test(`a session (${hosting}) takes ${total} events without a loss and without growing`, async () => {
    const watch = new Watch();
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const handler = (event: DebugEvent): void => watch.see(event);
    for (const kind of RECORDED) session.on(kind, handler as EventHandler<EventName>);
    const program = await session.launch([debuggee("events.exe"), `${total}`]);
    const start = performance.now();
    assert.deepEqual(await session.wait(), { reason: "ended" });
    const seconds = (performance.now() - start) / 1000;
    console.log(`${hosting}: ${Math.round(total / seconds)} events per second; MB: ${watch.sizes.map(inMegabytes)}`);
    assert.deepEqual(program.end, { reason: "exited", exitCode: 0 });
    assertComplete(watch, total / ROUND);
    assert.equal(watch.sizes.length, total / SAMPLE);
    assertFlat(watch.sizes);
  });
}

function assertComplete({ counts, others, disorder }: Watch, rounds: number): void {
  assert.deepEqual(counts, {
    exception: 12 * rounds,
    output: 4 * rounds,
    createThread: rounds,
    exitThread: rounds,
    loadModule: rounds,
    unloadModule: rounds,
  });
  assert.equal(disorder, undefined);
  assert.equal(others[0], "createProcess");
  assert.equal(others.at(-1), "exitProcess");
  assert.ok(others.slice(1, -1).every((type) => type.endsWith("Module")), others.join());
}

/** The first events fill caches; after them nothing may grow. */
function assertFlat([first = 0, ...later]: readonly number[]): void {
  for (const size of later) {
    const growth = (size - first) / first;
    assert.ok(growth <= ALLOWED_GROWTH, `grew by ${(100 * growth).toFixed(1)} % after the first ${SAMPLE} events`);
  }
}

function inMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
