/** Hits of many threads at once: none is lost, none is told twice, as many as the program itself counts. */
import assert from "node:assert/strict";
import { DebugSession, type Program } from "../../mod.ts";
import { busyLoops } from "../busy.ts";
import { count, some } from "../count.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine } from "./support.ts";

keepEngine();

const RUNS = count(1, 20);
const SIZES: readonly (readonly [threads: number, calls: number])[] = [[2, 50], [4, 25], [8, 25], [16, 12]];

/** How a handler may take its time. */
const HANDLERS = {
  synchronous: () => {},
  "async": async (program: Program) => void await program.threads(),
  slow: () => new Promise<void>((resolve) => setTimeout(resolve, 3)),
};

for (const hosting of hostings) {
  const launch = async (...args: readonly (string | number)[]): Promise<[DebugSession, Program]> => {
    const session = new DebugSession({ hosting, engine: engineFolder() });
    return [session, await session.launch([debuggee("hit_threads.exe"), ...args.map(String)])];
  };

  for (const [name, handle] of Object.entries(HANDLERS)) {
    for (const loops of some([0, 4], name === "async" && hosting === "worker" ? 2 : 1)) {
      const beside = loops === 0 ? "" : ", beside four busy loops";
      Deno.test(`hits of many threads (${hosting}) all come to a handler that is ${name}${beside}`, async () => {
        await using _busy = busyLoops(loops);
        for (const [threads, calls] of some(SIZES, loops === 0 ? 2 : 1)) {
          for (let run = 0; run < RUNS; run++) {
            const [session, program] = await launch(threads, calls);
            await using _session = session;
            await program.execute("bp hit_threads!hit");
            const hits = new Map<number, number>();
            program.on("breakpoint", async ({ threadId }) => {
              hits.set(threadId, (hits.get(threadId) ?? 0) + 1);
              await handle(program);
              return "go" as const;
            });
            assert.deepEqual(await session.wait(), { reason: "ended" });
            assert.deepEqual([...hits.values()], Array.from({ length: threads }, () => calls));
            assert.equal(exitCode(program), threads * calls);
          }
        }
      });
    }
  }

  Deno.test(`hits of threads that begin meanwhile (${hosting}) are told of, too`, async () => {
    const [session, program] = await launch(count(12, 60), 10, "late");
    await using _session = session;
    await program.execute("bp hit_threads!hit");
    let hits = 0;
    let begun = 0;
    program.on("createThread", () => void begun++);
    program.on("breakpoint", () => {
      hits++;
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([hits, exitCode(program)], [count(120, 600), count(120, 600)]);
    assert.ok(begun >= count(12, 60));
  });

  Deno.test(`hits (${hosting}) that wait to be told of are not, once their breakpoint was taken away`, async () => {
    const [session, program] = await launch(8, 25);
    await using _session = session;
    let current = 0;
    await program.execute("bp0 hit_threads!hit");
    program.on("breakpoint", async ({ id }) => {
      assert.equal(id, current++);
      await program.execute(`bc *; bp${current} hit_threads!hit`);
      return "go" as const;
    });
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.ok(current > 0);
    assert.equal(exitCode(program), 200);
  });

  Deno.test(`each hit (${hosting}) stops the program where that thread is, also when others wait to be told of`, async () => {
    const [session, program] = await launch(6, 10);
    await using _session = session;
    await program.execute("bp hit_threads!hit");
    const address = await program.addressOf("hit_threads!hit");
    let hits = 0;
    for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
      assert.ok(stop.reason === "event" && stop.event.type === "breakpoint", stop.reason);
      assert.equal(await program.evaluate("@rip"), address);
      assert.equal(await program.evaluate("@$tid"), BigInt(stop.event.threadId));
      hits++;
    }
    assert.deepEqual([hits, exitCode(program)], [60, 60]);
  });
}

Deno.test("a program with 1,000 threads stays usable: each thread's hit is told of", async () => {
  const threads = count(30, 1_000);
  await using session = new DebugSession({ engine: engineFolder() });
  const program = await session.launch([debuggee("hit_threads.exe"), `${threads}`, "1"]);
  await program.execute("bp hit_threads!hit");
  let hits = 0;
  program.on("breakpoint", () => {
    hits++;
    return "go" as const;
  });
  const begin = performance.now();
  assert.deepEqual(await session.wait(), { reason: "ended" });
  console.log(`${threads} threads: ${((performance.now() - begin) / threads).toFixed(1)} ms a hit`);
  assert.deepEqual([hits, exitCode(program)], [threads, threads]);
});
