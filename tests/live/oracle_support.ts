/** Two recordings of the same run: by the native client (tests/native) and by a session. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type DebugEvent, DebugSession, type EventHandler, type EventName, type Program } from "../../mod.ts";
import { debuggee, engineFolder, nativeClient, scratch } from "./support.ts";

/** One event as the client writes it, with process and thread ids by order of appearance. */
export type EventRecord = Readonly<Record<string, string | number | boolean | null>>;

/** A run as one of the two saw it. */
export interface Recording {
  readonly events: readonly EventRecord[];
  /** Exit code of the launched process. */
  readonly exitCode: number | undefined;
}

/** What is run. */
export interface Target {
  /** File name of the debuggee. */
  readonly program: string;
  readonly args: readonly string[];
  /** Whether its children are debugged too. */
  readonly children?: boolean;
}

/** Which events a session reports; `engineOutput` is the engine's own chatter, which is no event of the program. */
export const RECORDED: readonly EventName[] = [
  "createProcess",
  "exitProcess",
  "createThread",
  "exitThread",
  "loadModule",
  "unloadModule",
  "exception",
  "breakpoint",
  "systemError",
  "output",
];

/** Runs a target under the native client. */
export async function recordNative(target: Target): Promise<Recording> {
  using folder = scratch();
  const file = join(folder.path, "events.jsonl");
  const children = target.children ? ["--children"] : [];
  const args = ["events", file, ...children, "--", debuggee(target.program), ...target.args];
  const { success, stderr } = await nativeClient(args).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lines = (await Deno.readTextFile(file)).trim().split("\n").map((line) => JSON.parse(line));
  const end = lines.pop();
  assert.equal(end.type, "end");
  assert.equal(end.events, lines.length);
  return { events: withoutChance(lines), exitCode: end.exitCode };
}

/** Runs a target in a session that listens to everything. `look` is called in every handler that holds the program. */
export async function recordSession(
  target: Target,
  hosting: "worker" | "inline",
  look: (event: DebugEvent, index: number) => Promise<void>,
): Promise<Recording> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  const events: EventRecord[] = [];
  const handler = async (event: DebugEvent): Promise<void> => {
    const index = events.push(clientRecord(event)) - 1;
    assert.equal(event.program.processId, event.processId);
    if (event.type !== "output") await look(event, index);
  };
  for (const name of RECORDED) session.on(name, handler as EventHandler<EventName>);
  const program: Program = await session.launch([debuggee(target.program), ...target.args], {
    children: target.children ? "follow" : "ignore",
  });
  // The initial break, where the program is stopped now, is in neither recording: the client's engine swallows it (it does
  // not set DEBUG_ENGOPT_INITIAL_BREAK), and a session takes it for the end of the launch.
  assert.deepEqual(await session.wait(), { reason: "ended" });
  return { events: withoutChance(events), exitCode: program.end?.exitCode };
}

/** The fields that the client writes of an event, in its spelling. */
function clientRecord(event: DebugEvent): EventRecord {
  const head = { type: event.type, pid: event.processId, tid: event.threadId };
  switch (event.type) {
    case "createProcess":
    case "loadModule": {
      const { name, imageName, base, size } = event.module;
      // Of what Windows loads itself, programs and ntdll, the engine tells a mere name.
      const isBare = event.type === "createProcess" || /^C:\\windows\\system32\\ntdll\.dll$/i.test(imageName);
      const image = isBare ? imageName.replace(/^.*\\/, "") : imageName;
      return { ...head, name, image, base: hex(base), size };
    }
    case "unloadModule":
      return { ...head, image: event.imageName, base: hex(event.base) };
    case "createThread":
      return { ...head, startAddress: hex(event.startAddress) };
    case "exitThread":
    case "exitProcess":
      return { ...head, exitCode: event.exitCode };
    case "exception": {
      const { code, firstChance, address } = event;
      return { ...head, code: hex(code), firstChance, address: hex(address) };
    }
    case "breakpoint":
      return { ...head, id: event.id };
    case "systemError":
      return { ...head, error: event.error, level: event.level };
    case "output":
    case "engineOutput":
      return { ...head, text: event.text };
    default:
      return head;
  }
}

/** What another run of the same program has by chance is replaced by its order of appearance; all else stays. */
function withoutChance(events: readonly EventRecord[]): EventRecord[] {
  return withOrdinalBases(withOrdinalIds(events));
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/**
 * Windows gives other ids in each run: `p0` is the first process that an event names, `p0.t0` its first thread. An id is
 * forgotten with the event that ends its holder, since Windows gives it out again.
 */
function withOrdinalIds(events: readonly EventRecord[]): EventRecord[] {
  const processes = new Map<unknown, { name: string; threads: Map<unknown, string>; started: number }>();
  let started = 0;
  return events.map((event) => {
    const { pid, tid } = event;
    const process = processes.get(pid) ?? { name: `p${started++}`, threads: new Map(), started: 0 };
    processes.set(pid, process);
    const thread = process.threads.get(tid) ?? `${process.name}.t${process.started++}`;
    process.threads.set(tid, thread);
    if (event["type"] === "exitThread") process.threads.delete(tid);
    if (event["type"] === "exitProcess") processes.delete(pid);
    return { ...event, pid: process.name, tid: thread };
  });
}

/**
 * The place that plugin.dll wants is taken (by tzres.dll under Wine), so the system puts it where it finds room at that moment,
 * which differs from load to load: its base becomes the number of the load that it belongs to, and an unload must have the
 * base of a load. All other modules have the same bases in all runs.
 */
function withOrdinalBases(events: readonly EventRecord[]): EventRecord[] {
  const loaded = new Map<unknown, string>();
  let loads = 0;
  return events.map((event) => {
    const { type, base, image } = event;
    if (!String(image).endsWith("plugin.dll")) return event;
    if (type === "loadModule") loaded.set(base, `load ${loads++}`);
    const place = loaded.get(base) ?? `${base} of no load`;
    if (type === "unloadModule") loaded.delete(base);
    return { ...event, base: place };
  });
}
