/** A program that is let go while its threads run into breakpoints goes on as if there had been none. */
import assert from "node:assert/strict";
import { DebugSession } from "../../mod.ts";
import { count } from "../count.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const ROUNDS = count(2, 20);
const THREADS = 8;
const CALLS = 60_000_000;

for (const hosting of hostings) {
  for (const how of ["at a hit", "at an interrupt", "in the middle of a run"] as const) {
    Deno.test(`a program (${hosting}) that is let go ${how}, with eight threads at a breakpoint, counts on`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await using session = new DebugSession({ hosting, engine: engineFolder() });
        await session.engine(); // loaded before the program begins, which does not wait
        const args = [`${THREADS}`, `${CALLS}`];
        const child = new Deno.Command(debuggee("hit_threads.exe"), { args }).spawn();
        const program = await session.attach(child.pid);
        await program.execute("bp hit_threads!hit");
        let hits = 0;
        const last = 5 + Math.floor(Math.random() * 30);
        program.on("breakpoint", () => ++hits === last && how === "at a hit" ? "break" : "go");
        const stopped = session.wait().catch(() => undefined);
        if (how === "at a hit") await stopped;
        else {
          await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 100));
          if (how === "at an interrupt") session.interrupt();
          if (how === "at an interrupt") await stopped;
        }
        await program.detach();
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

/** Ends a thread from outside, as no program of its own accord does. */
function terminateThread(threadId: number): void {
  const kernel = Deno.dlopen("kernel32.dll", {
    OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
    TerminateThread: { parameters: ["usize", "u32"], result: "i32" },
    CloseHandle: { parameters: ["usize"], result: "i32" },
  });
  const handle = kernel.symbols.OpenThread(1, 0, threadId);
  assert.notEqual(kernel.symbols.TerminateThread(handle, 7), 0);
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
