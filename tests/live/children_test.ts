/** Children of debugged programs: a policy per image name, each child a program of its own, each event with its own place. */
import assert from "node:assert/strict";
import { type DebugEvent, DebugSession, type EventHandler, type Program } from "../../mod.ts";
import { Family, member, type Relative } from "./family_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";
import { join } from "node:path";

keepEngine();

const EXCEPTIONS = 100;
const OWN_CODE = 0xE0004321;

/** What becomes of each name; the option says the same with patterns. */
const FATES = { "worker.exe": "follow", "quiet.exe": "ignore", "brief.exe": "detach" } as const;
const POLICIES = { "QUIET*": "ignore", "b?ief.exe": "detach", "*": "follow" } as const;

const worker = member("worker");
const quiet = member("quiet");
const brief = member("brief");
/** 20 processes on three levels below the root. */
const TREE = member(
  "root",
  member("worker", member("worker", worker, quiet), quiet, brief),
  member("worker", member("worker", brief, worker), worker),
  member("quiet", member("worker", worker), quiet),
  member("brief", worker, quiet),
  member("worker", quiet),
);

const NAMES = [
  ...["createProcess", "exitProcess", "createThread", "exitThread"],
  ...["loadModule", "unloadModule", "exception", "output"],
] as const;

/** Every event of a session by its process id, each of them checked for the program that it names. */
function record(session: DebugSession): Map<number, DebugEvent[]> {
  const events = new Map<number, DebugEvent[]>();
  const handler = (event: DebugEvent): void => {
    assert.equal(event.program.processId, event.processId);
    const own = events.get(event.processId) ?? [];
    events.set(event.processId, own);
    own.push(event);
  };
  for (const name of NAMES) session.on(name as "exception", handler as EventHandler<"exception">);
  return events;
}

/** The events of a process that is followed: its own thread, its parent, its exceptions, its end. */
function assertFollowed({ label, name, report }: Relative, events: readonly DebugEvent[]): void {
  const [first] = events;
  const last = events.at(-1);
  assert.ok(first?.type === "createProcess" && last?.type === "exitProcess", label);
  assert.deepEqual([first.threadId, first.parentId, first.letGo, first.module.imageName.split("\\").at(-1)], [
    report.tid,
    label === "0" ? undefined : report.parent,
    undefined,
    name,
  ], label);
  assert.equal(last.exitCode, report.exitCode, label);
  assert.deepEqual(first.program.end, { reason: "exited", exitCode: report.exitCode }, label);
  assert.ok(events.every(({ program }) => program === first.program), label);
  const own = events.filter((event) => event.type === "exception" && event.code === OWN_CODE);
  assert.deepEqual(own.map(({ threadId }) => threadId), Array(EXCEPTIONS).fill(report.tid), label);
  assertThreads(label, events);
}

/** Each event happened in a thread that the process had at that moment. */
function assertThreads(label: string, events: readonly DebugEvent[]): void {
  const alive = new Set<number>();
  for (const { type, threadId } of events) {
    if (type === "createProcess" || type === "createThread") alive.add(threadId);
    assert.ok(alive.has(threadId) || type === "exitProcess", `${label}: ${type} in thread ${threadId}`);
    if (type === "exitThread") alive.delete(threadId);
  }
}

function assertDetached({ label, name, report }: Relative, events: readonly DebugEvent[]): void {
  const [first, ...others] = events;
  assert.ok(first?.type === "createProcess", label);
  assert.deepEqual(others.map(({ type }) => type), [], label);
  assert.deepEqual([first.threadId, first.parentId, first.letGo, first.program.name], [
    report.tid,
    report.parent,
    true,
    name,
  ], label);
  assert.deepEqual(first.program.end, { reason: "detached" }, label);
}

/** Processes that are not debugged run at full speed: each exception of the others stops for the debugger. */
function assertFullSpeed(relatives: readonly Relative[]): void {
  const times = (isDebugged: boolean): number[] =>
    relatives.filter(({ fate }) => (fate === "follow") === isDebugged)
      .map(({ report }) => report.microseconds).sort((a, b) => a - b);
  const free = times(false);
  const typical = free[free.length >> 1] ?? Infinity;
  const [fastest = 0] = times(true);
  assert.ok(5 * typical < fastest, `not debugged ${typical} us, debugged ${fastest} us`);
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  Deno.test(`each of 20 children (${hosting}) is followed, ignored or detached by its name, and named by its own events`, async () => {
    using family = new Family(TREE, EXCEPTIONS);
    await using session = newSession();
    const events = record(session);
    const root = await session.launch(family.command, { children: POLICIES });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    const relatives = family.relatives(FATES);
    assert.equal(relatives.length, 21);
    assert.equal(new Set(relatives.map(({ report }) => report.pid)).size, 21);
    assert.equal(root.pid, relatives[0]?.report.pid);
    const expected = new Set<number>();
    for (const relative of relatives) {
      const own = events.get(relative.report.pid) ?? [];
      if (relative.fate === "follow") assertFollowed(relative, own);
      else if (relative.fate === "detach") assertDetached(relative, own);
      else assert.deepEqual(own, [], relative.label);
      if (own.length > 0) expected.add(relative.report.pid);
    }
    assert.deepEqual(new Set(events.keys()), expected, "events of other processes");
    assertFullSpeed(relatives);
  });

  Deno.test(`a launch (${hosting}) among children that start is told from them`, async () => {
    using family = new Family(member("root", ...Array(6).fill(worker)), 1);
    await using session = newSession();
    const children: Program[] = [];
    session.on("createProcess", ({ program, parentId }) => {
      if (parentId === undefined) return;
      assert.equal(parentId, root.pid);
      return children.push(program) === 1 ? "break" : "go";
    });
    const root = await session.launch(family.command, { children: "follow" });
    const stop = await session.wait();
    assert.ok(stop.reason === "event" && stop.program === children[0]);
    const launched = await session.launch([debuggee("stubborn.exe")], { initialBreak: false, children: "follow" });
    assert.deepEqual([launched.name, launched.reason], ["stubborn.exe", "launch"]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual(launched.end, { reason: "exited", exitCode: 5 });
    assert.deepEqual(children.map(({ name, reason }) => [name, reason]), Array(6).fill(["worker.exe", "auto"]));
    assert.deepEqual(
      new Set(children.map(({ pid, end }) => `${pid} ${end?.exitCode}`)),
      new Set(family.relatives(FATES).slice(1).map(({ report }) => `${report.pid} ${report.exitCode}`)),
    );
  });

  Deno.test(`attach() (${hosting}) under Wine refuses to follow children, and touches nothing`, async () => {
    using folder = scratch();
    const beats = join(folder.path, "beats");
    await using beating = new Deno.Command(debuggee("heartbeat.exe"), { args: [beats, "10"] }).spawn();
    await until(() => Deno.readTextFile(beats).then((text) => text !== "", () => false), "the program beats");
    await using session = newSession();
    await assert.rejects(session.attach(beating.pid, { children: "follow" }), {
      name: "AttachError",
      kind: "not-supported",
      message: `Cannot follow the children of process ${beating.pid}: ` +
        "Wine cannot debug children of a running process; launch it instead",
    });
    await assert.rejects(session.attach(beating.pid, { children: "detach", noninvasive: true }), {
      kind: "invalid-flags",
    });
    assert.equal(session.programs.size, 0);
    const program = await session.attach(beating.pid, { children: "ignore" });
    await program.terminate();
  });
}
