/** A session sees what a native client sees that debugs the same program through the same DLL, event for event. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DebugEvent } from "../../mod.ts";
import { count } from "../count.ts";
import { type EventRecord, type Recording, recordNative, recordSession, type Target } from "./oracle_support.ts";
import { hostings, scratch } from "./support.ts";

/** In how many events a handler also asks the engine where it is: one of so many, and all while there are few. */
const SAMPLE = 50;

interface Case extends Target {
  readonly title: string;
  /** How often each kind must be there at least: two recordings of nothing would be equal too. */
  readonly holds: Readonly<Record<string, number>>;
}

const MANY = count(100, 500);

const CASES: readonly Case[] = [
  {
    title: `${MANY} loads and unloads of a module`,
    program: "modules.exe",
    args: [`${MANY}`],
    holds: { createProcess: 1, loadModule: MANY, unloadModule: MANY, exitProcess: 1 },
  },
  {
    title: `${MANY} threads`,
    program: "threads.exe",
    args: [`${MANY}`],
    holds: { createThread: MANY, exitThread: MANY },
  },
  {
    title: `${2 * MANY} handled exceptions`,
    program: "exceptions.exe",
    args: [`${2 * MANY}`],
    holds: { exception: 2 * MANY },
  },
  { title: "debug strings", program: "talker.exe", args: [], holds: { output: 8 } },
  {
    title: `a mix of ${4 * MANY} events`,
    program: "events.exe",
    args: [`${4 * MANY}`],
    holds: { exception: 12 * MANY / 5, output: 4 * MANY / 5, createThread: MANY / 5, loadModule: MANY / 5 },
  },
];

for (const { title, holds, ...target } of CASES) {
  for (const hosting of hostings) {
    Deno.test(`launch (${hosting}) reports ${title} as a native client sees them`, async () => {
      const [native, own] = await recordBoth(target, hosting);
      assertHolds(native, holds);
      const events = own.events.map((event, index) => asHeard(event, native.events[index]));
      assert.deepStrictEqual({ ...own, events }, native);
    });
  }
}

/** Under Wine the native client hears the first half of each wide debug string; the whole is `debug_strings_test.ts`' matter. */
function asHeard(own: EventRecord, native: EventRecord | undefined): EventRecord {
  const text = native?.["text"];
  const isPart = typeof text === "string" && text !== "" && String(own["text"]).startsWith(text);
  return isPart ? { ...own, text } : own;
}

const CHILDREN = count(4, 10);

/** Shapes with their numbers of processes, the launched one included. */
const TREES = [
  { title: `${CHILDREN} children one after another`, shape: ["1", `${CHILDREN}`, "serial"], processes: CHILDREN + 1 },
  { title: "6 children on two levels, one after another", shape: ["2", "2", "serial"], processes: 7 },
  { title: `${CHILDREN} children at the same time`, shape: ["1", `${CHILDREN}`, "together"], processes: CHILDREN + 1 },
];

for (const { title, shape, processes } of TREES) {
  for (const hosting of hostings) {
    Deno.test(`launch (${hosting}) reports ${title} as a native client sees them`, async () => {
      using folder = scratch();
      const args = [join(folder.path, "tree.txt"), ...shape];
      const [native, own] = await recordBoth({ program: "tree.exe", args, children: true }, hosting);
      assertHolds(native, { createProcess: processes, exitProcess: processes });
      if (shape.includes("serial")) return assert.deepStrictEqual(own, native);
      // Processes that run at the same time take turns as the system likes, in each run: what is fixed is each one's own
      // sequence, and that they are started in order.
      assert.deepStrictEqual(byProcess(own), byProcess(native));
      assert.equal(own.exitCode, native.exitCode);
    });
  }
}

const natives = new Map<Target, Promise<Recording>>();

/** What the native client sees, recorded once for both hostings. */
function nativeOf(target: Target): Promise<Recording> {
  const recording = natives.get(target) ?? recordNative(target);
  natives.set(target, recording);
  return recording;
}

async function recordBoth(target: Target, hosting: "worker" | "inline"): Promise<[Recording, Recording]> {
  const native = await nativeOf(target);
  let looked = 0;
  const own = await recordSession(target, hosting, async (event, index) => {
    if (index % SAMPLE !== 0 && !event.type.endsWith("Process")) return;
    looked++;
    await assertEngineIsThere(event);
  });
  assert.ok(looked >= own.events.length / SAMPLE / 2, `looked only ${looked} times`);
  return [native, own];
}

/** The engine itself says that the last event was of the event's process and thread, and that they are the current ones. */
async function assertEngineIsThere(event: DebugEvent): Promise<void> {
  const { type, program, processId, threadId } = event;
  const last = await program.execute(".lastevent");
  const place = `${processId.toString(16)}.${threadId.toString(16)}`;
  assert.ok(last.startsWith(`Last event: ${place}: `), `${type} at ${place}: ${last}`);
  const thread = await program.execute("~.");
  assert.ok(thread.includes(`Id: ${place} `), `${type} at ${place}: ${thread}`);
  if (type === "exitProcess") return; // the engine evaluates nothing any more: the address space is gone
  assert.equal(await program.evaluate("@$tpid"), BigInt(processId), type);
  assert.equal(await program.evaluate("@$tid"), BigInt(threadId), type);
  if (event.type !== "loadModule") return;
  const listed = (await program.modules()).find(({ base }) => base === event.module.base);
  assert.deepEqual(listed, event.module);
}

function assertHolds({ events }: Recording, holds: Case["holds"]): void {
  for (const [type, least] of Object.entries(holds)) {
    const found = events.filter((event) => event["type"] === type).length;
    assert.ok(found >= least, `only ${found} events ${type}`);
  }
}

function byProcess({ events }: Recording): Record<string, EventRecord[]> {
  const sequences: Record<string, EventRecord[]> = {};
  for (const event of events) (sequences[String(event["pid"])] ??= []).push(event);
  return sequences;
}
