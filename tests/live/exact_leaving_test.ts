/** A program that is let go while its threads run into breakpoints goes on as if there had been none. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type Program } from "../../mod.ts";
import { count } from "../count.ts";
import { debuggee, engineFolder, hostings, keepEngine, scratch, until } from "./support.ts";

keepEngine();

const ROUNDS = count(2, 20);
const THREADS = 8;
const CALLS = 60_000_000;

for (const hosting of hostings) {
  for (
    const how of ["at a hit", "by a handler that took its time", "at an interrupt", "in the middle of a run"] as const
  ) {
    Deno.test(`a program (${hosting}) that is let go ${how}, with eight threads at a breakpoint, counts on`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await using session = new DebugSession({ hosting, engine: engineFolder() });
        await session.engine(); // loaded before the program begins, which does not wait
        const args = [`${THREADS}`, `${CALLS}`];
        const child = new Deno.Command(debuggee("hit_threads.exe"), { args }).spawn();
        const program = await session.attach(child.pid);
        await program.execute("bp hit_threads!hit");
        let hits = 0;
        const isAtHit = how === "at a hit" || how === "by a handler that took its time";
        const last = 5 + Math.floor(Math.random() * 30);
        program.on("breakpoint", async () => {
          if (++hits !== last || !isAtHit) return "go";
          if (how === "at a hit") return "break";
          await new Promise((resolve) => setTimeout(resolve, 50));
          await program.detach();
        });
        const stopped = session.wait().catch(() => undefined);
        if (isAtHit) await stopped;
        else {
          await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 100));
          if (how === "at an interrupt") session.interrupt();
          if (how === "at an interrupt") await stopped;
        }
        if (!program.end) await program.detach();
        assert.equal((await child.status).code, THREADS * CALLS, `round ${round}`);
      }
    });
  }
}

for (const hosting of hostings) {
  Deno.test(`a program (${hosting}) that is let go where a thread begins, with a breakpoint that each hits, runs to its end`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const file = await Deno.makeTempFile();
      await using session = new DebugSession({ hosting, engine: engineFolder() });
      await session.engine();
      const args = [file, "10", "--seconds", "3", "--threads"];
      const child = new Deno.Command(debuggee("heartbeat.exe"), { args }).spawn();
      const program = await session.attach(child.pid);
      await program.execute("bp heartbeat!end_at_once");
      program.on("createThread", () => "break");
      assert.equal((await session.wait()).reason, "event");
      await program.detach();
      assert.equal((await child.status).code, 0, `round ${round}`);
      await Deno.remove(file);
    }
  });
}

const [THREAD_TERMINATE, SYNCHRONIZE] = [0x1, 0x100000];

/** Ends a thread from outside, as no program of its own accord does. */
function terminateThread(threadId: number): void {
  const kernel = Deno.dlopen("kernel32.dll", {
    OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
    TerminateThread: { parameters: ["usize", "u32"], result: "i32" },
    WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32" },
    CloseHandle: { parameters: ["usize"], result: "i32" },
  });
  const handle = kernel.symbols.OpenThread(SYNCHRONIZE | THREAD_TERMINATE, 0, threadId);
  assert.notEqual(kernel.symbols.TerminateThread(handle, 7), 0);
  assert.equal(kernel.symbols.WaitForSingleObject(handle, 10_000), 0, "it is gone");
  kernel.symbols.CloseHandle(handle);
  kernel.close();
}

for (const hosting of hostings) {
  // The second one runs for some time when the engine has let it go.
  for (const [calls, after] of [[25, "go"], [5_000_000, "bc *"]] as const) {
    Deno.test(`a program (${hosting}) of which somebody ends a thread that stands at a hit runs to its end (${after})`, async () => {
      for (let round = 0; round < 3 * ROUNDS; round++) {
        await using session = new DebugSession({ hosting, engine: engineFolder() });
        const program = await session.launch([debuggee("hit_threads.exe"), "4", `${calls}`]);
        await program.execute("bp hit_threads!hit");
        const threads: number[] = [];
        program.on("breakpoint", async ({ threadId }) => {
          if (threads.push(threadId) !== 10) return "go" as const;
          terminateThread(threads.findLast((other) => other !== threadId) ?? threadId);
          if (after !== "go") await program.execute(after);
          return "go" as const;
        });
        assert.deepEqual(await session.wait({ signal: AbortSignal.timeout(30_000) }), { reason: "ended" });
        const end = program.end?.exitCode ?? NaN; // how often hit() was called
        assert.ok(end >= 3 * calls && end <= 4 * calls, `round ${round}: ${end}`);
      }
    });
  }
}

for (const hosting of hostings) {
  Deno.test(`a program (${hosting}) of which somebody ends the thread at a hit, and that lives on, is let go; another is debugged on`, async () => {
    using folder = scratch();
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const launch = (name: string): Promise<Program> =>
      session.launch([debuggee("heartbeat.exe"), join(folder.path, name), "10", "--seconds", "60", "--threads"]);
    const other = await launch("other");
    const program = await launch("program");
    await program.execute("bp heartbeat!end_at_once");
    terminateThread((await program.next("breakpoint")).threadId);
    const stop = session.wait({ signal: AbortSignal.timeout(30_000) });
    await Promise.race([program.ended, stop]);
    assert.equal(program.end?.reason, "detached");
    assert.match(program.end.cause ?? "", /thread .* was ended/);
    const beats = (): string => Deno.readTextFileSync(join(folder.path, "program"));
    const before = beats();
    await until(() => beats() !== before, "it lives on");
    Deno.kill(program.processId);
    session.interrupt();
    assert.equal((await stop).reason, "interrupt");
    assert.deepEqual([...session.programs.values()], [other]);
    assert.ok((await other.threads()).length > 1);
  });
}
