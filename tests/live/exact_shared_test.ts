/**
 * Hits in a real program whose threads share a function: Windows' own Deno, whose workers allocate on the process's heap, as all of
 * its other threads do at the same time. The program knows how often its workers do; and each call goes past two breakpoints.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DebugSession, type Program } from "../../mod.ts";
import { count, some } from "../count.ts";
import { engineFolder, hostings, keepEngine, scratch } from "./support.ts";

keepEngine();

const RUNS = count(1, 20);
const WORKERS = 4;
const CALLS = count(5, 100);
/** No other allocation of the program has this size. */
const SIZE = 0xbee5;

/** Its workers begin when it has called MulDiv once, and are done when it does so again. */
const PROGRAM = `
  const { symbols: { GetProcessHeap, MulDiv } } = Deno.dlopen("kernel32.dll", {
    GetProcessHeap: { parameters: [], result: "usize" },
    MulDiv: { parameters: ["i32", "i32", "i32"], result: "i32" },
  });
  const work = \`
    const { symbols: { RtlAllocateHeap, RtlFreeHeap } } = Deno.dlopen("ntdll.dll", {
      RtlAllocateHeap: { parameters: ["usize", "u32", "usize"], result: "usize" },
      RtlFreeHeap: { parameters: ["usize", "u32", "usize"], result: "u8" },
    });
    onmessage = ({ data: { heap, words } }) => {
      postMessage("ready");
      Atomics.wait(words, 0, 0);
      for (let i = 0; i < ${CALLS}; i++) {
        const address = RtlAllocateHeap(heap, 0, ${SIZE}n);
        if (address !== 0n) Atomics.add(words, 1, RtlFreeHeap(heap, 0, address));
      }
      Atomics.add(words, 2, 1);
      Atomics.notify(words, 2);
    };
  \`;
  const words = new Int32Array(new SharedArrayBuffer(12));
  const workers = Array.from({ length: ${WORKERS} }, () =>
    new Worker("data:text/javascript," + encodeURIComponent(work), { type: "module" }));
  await Promise.all(workers.map((worker) => new Promise((next) => {
    worker.onmessage = next;
    worker.postMessage({ heap: GetProcessHeap(), words });
  })));
  MulDiv(1, 1, 1);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  for (let done = 0; done < workers.length; done = Atomics.load(words, 2)) Atomics.wait(words, 2, done);
  MulDiv(1, 1, 1);
  Deno.exit(words[1]);
`;

/** The addresses of a function's first two instructions: every call of it comes past both. */
async function instructionsOf(program: Program, name: string): Promise<readonly bigint[]> {
  const text = await program.execute(`u ${name} L2`);
  return [...text.matchAll(/^([0-9a-f]{8})`([0-9a-f]{8}) /gm)].map(([, high, low]) => BigInt(`0x${high}${low}`));
}

for (const hosting of some(hostings, 1)) {
  Deno.test(`hits of a function that all threads of a real program share (${hosting}) are all told of, each once`, async () => {
    using folder = scratch();
    const script = join(folder.path, "program.js");
    Deno.writeTextFileSync(script, PROGRAM);
    for (let run = 0; run < RUNS; run++) {
      await using session = new DebugSession({ hosting, engine: engineFolder() });
      const program = await session.launch([Deno.execPath(), "run", "-A", "--no-config", script]);
      const [first = 0n, second = 0n] = await instructionsOf(program, "ntdll!RtlAllocateHeap");
      assert.ok(first < second && second < first + 16n, `${first} ${second}`);
      await program.execute("bp kernel32!MulDiv");
      /** Of each thread, the instructions that it was told of at. */
      const hits = new Map<number, bigint[]>();
      let marked = 0;
      /** When its workers began and were done. */
      const limits: number[] = [];
      program.on("breakpoint", async ({ address, threadId }) => {
        if (address !== first && address !== second) {
          await program.execute(
            limits.push(performance.now()) === 1 ? `bp ${first.toString(16)}; bp ${second.toString(16)}` : "bc *",
          );
          return "go" as const;
        }
        if (address === first && await program.evaluate("@r8") === BigInt(SIZE)) marked++;
        hits.set(threadId, [...hits.get(threadId) ?? [], address]);
        return "go" as const;
      });
      assert.deepEqual(await session.wait(), { reason: "ended" });
      const [begun = 0, done = 0] = limits;
      console.log(`${[...hits.values()].flat().length} hits of ${hits.size} threads: ${Math.round(done - begun)} ms`);
      assert.deepEqual([limits.length, marked, program.end?.exitCode], [2, WORKERS * CALLS, WORKERS * CALLS]);
      for (const [threadId, addresses] of hits) {
        const twice = addresses.findIndex((address, index) => address === addresses[index + 1]);
        assert.equal(
          twice,
          -1,
          `thread ${threadId}: ${addresses.map((address) => address === first ? 1 : 2).join("")}`,
        );
      }
    }
  });
}
