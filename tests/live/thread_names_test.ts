/** Threads have the names that the program gave them, in the new way and in the old one. */
import assert from "node:assert/strict";
import { readDump } from "../../lib/dbgeng/dump.ts";
import { DebugSession, type Program } from "../../mod.ts";
import { catchCrash } from "../../scripts/crash.ts";
import { findHangs } from "../../scripts/hang.ts";
import { runDiagnostic, startReady } from "./diagnostic_support.ts";
import { debuggee, engineFolder, hostings, scratch } from "./support.ts";

const SESSION = { engine: engineFolder() };

const LINES = 'two "quoted" lines\n   5  Id: 1.2 Suspend: 1 Teb: 00000000`00000000 Unfrozen "and more"';
const LONG = Array.from({ length: 300 }, (_, index) => String.fromCharCode(97 + index % 26)).join("");
/** In the order in which the program says the ids. */
const DESCRIBED = ["main loop", "disk writer", undefined, undefined, undefined, LINES, LONG, "Grüße 世界", "new name"];
const NAMED = DESCRIBED.with(2, "network");

/** Names by the ids that the program said. */
function named(said: string, names: readonly (string | undefined)[]): Map<number, string | undefined> {
  const ids = said.trim().split(" ").slice(1).map(Number);
  assert.equal(ids.length, names.length, said);
  return new Map(ids.map((id, index) => [id, names[index]]));
}

/** Launches it and stops where it has named its threads; gives what it said. */
async function launchToBreak(session: DebugSession): Promise<{ program: Program; said: string }> {
  let said = "";
  session.on("output", ({ text }) => void (said = text));
  const program = await session.launch([debuggee("thread_names.exe"), "break"]);
  session.on("exception", ({ code }) => code === 0x80000003 ? "break" : undefined);
  const stop = await session.wait();
  assert.equal(stop.reason, "event");
  return { program, said };
}

async function namesOf(program: Program): Promise<Map<number, string | undefined>> {
  return new Map((await program.threads()).map(({ threadId, name }) => [threadId, name]));
}

for (const hosting of hostings) {
  const options = { hosting, engine: engineFolder() } as const;

  Deno.test(`threads (${hosting}) have their names, also those that an exception told, and keep them in dumps`, async () => {
    using folder = scratch();
    let said = "";
    {
      await using session = new DebugSession(options);
      const launched = await launchToBreak(session);
      said = launched.said;
      assert.deepEqual(await namesOf(launched.program), named(said, NAMED));
      for (const type of ["mini", "full"] as const) {
        await launched.program.writeDump(`${folder.path}\\${type}.dmp`, { type });
      }
    }
    const kept = named(said, DESCRIBED); // the engine writes the names that Windows knows
    for (const type of ["mini", "full"]) {
      const { threads } = readDump(`${folder.path}\\${type}.dmp`, { engine: engineFolder() });
      assert.deepEqual(new Map(threads.map(({ threadId, name }) => [threadId, name])), kept, type);
    }
  });

  Deno.test(`threads (${hosting}) of a program that ran before have the names that Windows knows`, async () => {
    await using target = await startReady("thread_names.exe", [], "threads");
    for (const noninvasive of [true, false]) {
      await using session = new DebugSession(options);
      const program = await session.attach(target.pid, noninvasive ? { noninvasive } : {});
      const names = [...(await namesOf(program)).values()].filter((name) => name !== undefined).sort();
      assert.deepEqual(names, DESCRIBED.filter((name) => name !== undefined).sort());
      await program.detach();
    }
  });
}

Deno.test("the crash catcher tells the name of the thread that crashed", async () => {
  const { crashes: [crash] } = await catchCrash({ launch: [debuggee("thread_names.exe"), "crash"] }, {
    session: SESSION,
  });
  assert.equal(crash?.threadName, "disk writer");
  assert.match(crash?.title ?? "", new RegExp(`, thread ${crash?.threadId} \\(disk writer\\)$`));
});

Deno.test("the hang finder tells the names of threads", async () => {
  await using target = await startReady("thread_names.exe", ["spin"], "threads");
  const { hangs, threads } = await findHangs(target.pid, { samples: 2, interval: 200, session: SESSION });
  assert.deepEqual(hangs.map((hang) => [hang.threadName, hang.function]), [["disk writer", "spin_for_ever"]]);
  assert.deepEqual(
    threads.map(({ threadName }) => threadName ?? undefined).sort(),
    [...DESCRIBED].sort(),
  );
  const { text } = await runDiagnostic("hang", ["--samples=2", "--interval=200", `--attach=${target.pid}`]);
  assert.match(text, /^thread_names\.exe: thread \d+ \(disk writer\) is busy in thread_names!spin_for_ever/m);
});
