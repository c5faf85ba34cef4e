/** Breakpoints and steps at instructions that take several rounds, wait in the kernel or are breakpoints themselves; in several processes, and elsewhere. */
import assert from "node:assert/strict";
import { type DebugEventMap, DebugSession, type DebugSessionOptions, type Program } from "../../mod.ts";
import { exitCode } from "./hit_support.ts";
import { needsDebugRegisters } from "./machine_support.ts";
import { serve } from "./server_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, nativeClient } from "./support.ts";

keepEngine();

/** Rounds of each of the repeated instructions, of which copy() has three. */
const ROUNDS = 7;

/** So long a run may take, in milliseconds: a fault could have it go on for ever. */
const MOST = 30_000;

function newSession(options: DebugSessionOptions = {}): DebugSession {
  return new DebugSession({ engine: engineFolder(), ...options });
}

async function toTheEnd(session: DebugSession): Promise<void> {
  assert.deepEqual(await session.wait({ signal: AbortSignal.timeout(MOST) }), { reason: "ended" });
}

type Hit = DebugEventMap["breakpoint"];

const byAddress = ({ address }: Hit): bigint => address;
const byProcess = ({ processId }: Hit): number => processId;

/** Counts hits by their addresses, or their processes. */
function countHits<K>(session: DebugSession, by: (hit: Hit) => K): Map<K, number> {
  const hits = new Map<K, number>();
  session.on("breakpoint", (hit) => {
    hits.set(by(hit), (hits.get(by(hit)) ?? 0) + 1);
    return "go";
  });
  return hits;
}

/** Where steps of the engine by itself lead from a symbol on. */
async function expected(
  symbol: string,
  kind: "into" | "over",
  steps: number,
  command: readonly string[],
): Promise<string[]> {
  const args = ["steps", symbol, kind, `${steps}`, "--", ...command];
  const { code, stdout, stderr } = await nativeClient(args).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split(/\s+/);
}

/** `loop` to itself: counts `rcx` down, and leads on at its end. */
const LOOP = [0xe2, 0xfe];

/** Has a program stand before an instruction that is written into it, with a count in `rcx`. */
async function standAt(
  session: DebugSession,
  code: readonly number[],
  count: number,
): Promise<{ program: Program; place: string }> {
  const program = await session.launch([debuggee("instructions.exe"), "copy", "1"]);
  await program.execute("bp instructions!copy");
  assert.equal((await session.wait()).reason, "event");
  const address = await program.evaluate<bigint>("@rip") + 16n;
  const place = `0x${address.toString(16)}`;
  await program.memory.write(address, Uint8Array.of(...code, 0x90, 0x90));
  await program.execute(`bc *; r rip=${place}; r rcx=0n${count}`);
  return { program, place };
}

for (const hosting of hostings) {
  for (const [command, kind, steps] of [["t", "into", 3 * ROUNDS + 12], ["p", "over", 14]] as const) {
    Deno.test(`steps ${kind} (${hosting}) at repeated instructions lead where those of a native client lead`, async () => {
      await using session = newSession({ hosting });
      const launched = [debuggee("instructions.exe"), "copy", "1"];
      const program = await session.launch(launched);
      await program.execute("bp instructions!copy");
      assert.equal((await session.wait()).reason, "event");
      await program.execute("bc *");
      const addresses: string[] = [];
      for (let step = 0; step < steps; step++) {
        await program.execute(command);
        addresses.push((await program.evaluate("@rip")).toString(16));
      }
      assert.deepEqual(addresses, await expected("instructions!copy", kind, steps, launched));
    });
  }

  Deno.test(`a step into (${hosting}) from a breakpoint at a repeated instruction is one round of it`, async () => {
    await using session = newSession({ hosting });
    const program = await session.launch([debuggee("instructions.exe"), "copy", "1"]);
    await program.execute("bp instructions!copy_bytes");
    assert.equal((await session.wait()).reason, "event");
    const begin = await program.evaluate("@rip");
    const left: number[] = [];
    for (let rounds = 0; rounds < ROUNDS; rounds++) {
      assert.equal(await program.evaluate("@rip"), begin);
      left.push(Number(await program.evaluate("@rcx")));
      await program.execute("t");
    }
    assert.deepEqual(left, Array.from({ length: ROUNDS }, (_, round) => ROUNDS - round));
    assert.ok(await program.evaluate("@rip") > begin);
    await toTheEnd(session);
    assert.equal(exitCode(program), 1);
  });

  Deno.test(`a breakpoint at a repeated instruction (${hosting}) is hit once for all of its rounds`, async () => {
    await using session = newSession({ hosting });
    const program = await session.launch([debuggee("instructions.exe"), "copy", "20"]);
    await program.execute("bp instructions!copy_bytes; bp instructions!copy_words; bp instructions!copy_quads");
    const hits = countHits(session, byAddress);
    await toTheEnd(session);
    assert.deepEqual([[...hits.values()], exitCode(program)], [[20, 20, 20], 20]);
  });

  Deno.test(`a breakpoint at an instruction that leads to itself (${hosting}) is hit each time`, async () => {
    await using session = newSession({ hosting });
    const { program, place } = await standAt(session, LOOP, ROUNDS);
    await program.execute(`bp ${place}; bp ${place}+${LOOP.length}`);
    const hits = countHits(session, byAddress);
    session.on("breakpoint", ({ address }) => address === BigInt(place) ? undefined : "break");
    assert.equal((await session.wait({ signal: AbortSignal.timeout(MOST) })).reason, "event");
    // It was put there, which is no hit; and the last time leads on.
    assert.deepEqual([...hits.values(), await program.evaluate("@rcx")], [ROUNDS - 1, 1, 0n]);
  });

  Deno.test(`steps into an instruction that leads to itself (${hosting}), with and without a breakpoint at it, are one each`, async () => {
    for (const command of ["bc *", "bp @rip"]) {
      await using session = newSession({ hosting });
      const { program } = await standAt(session, LOOP, ROUNDS);
      await program.execute(command);
      for (let left = ROUNDS - 1; left > 0; left--) {
        await program.execute("t");
        assert.equal(Number(await program.evaluate("@rcx")), left, command);
      }
    }
  });

  for (
    const [name, code, breakpoint] of [
      ["an instruction that leads to itself for ever", [0xeb, 0xfe], "bp @rip 0n10000000"],
      ["an instruction that is repeated very often", [0xf3, 0xac], "bp @rip"],
    ] as const
  ) {
    Deno.test(`an interrupt and a signal stop ${name} (${hosting}) under its breakpoint`, async () => {
      await using session = newSession({ hosting });
      const { program, place } = await standAt(session, code, 100_000);
      await program.execute(`r rsi=instructions; ${breakpoint}`);
      const stop = session.wait({ signal: AbortSignal.timeout(MOST) });
      await new Promise((resolve) => setTimeout(resolve, 100));
      session.interrupt();
      assert.equal((await stop).reason, "interrupt");
      await assert.rejects(session.wait({ signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
      await program.execute(`~*e r; bc *`);
      assert.match(await program.execute("~*e r rip"), new RegExp(place.slice(2), "i"));
    });
  }

  Deno.test(`a breakpoint where a thread waits in the kernel for another one (${hosting}) is hit once, and holds up neither`, async () => {
    await using session = newSession({ hosting });
    const program = await session.launch([debuggee("instructions.exe"), "wait", "4"]);
    const text = await program.execute("u ntdll!NtWaitForSingleObject L10");
    // Wine goes into its kernel by a call, or by an instruction as Windows does: the function has both, and a way back behind each.
    const all = text.matchAll(/^([0-9a-f]{8})`([0-9a-f]{8}) .*\b(?:syscall|call|ret)\b/gm);
    const places = [...all].map(([, high, low]) => `bp ${high}${low}`);
    assert.ok(places.length > 1, text);
    await program.execute("bp instructions!wait_often");
    assert.equal((await session.wait()).reason, "event");
    await program.execute(`bc *; ${places.join("; ")}; bp ntdll!NtReleaseSemaphore`);
    const hits = countHits(session, byAddress);
    await toTheEnd(session);
    assert.deepEqual([[...hits.values()], exitCode(program)], [[4, 4, 4], 4]);
  });

  Deno.test(`a program's own int 3 (${hosting}) is its own, also where a breakpoint was`, async () => {
    await using session = newSession({ hosting });
    const program = await session.launch([debuggee("instructions.exe"), "break", "5"]);
    await program.execute("bp instructions!break_often; bp instructions!own_break");
    assert.equal((await session.wait()).reason, "event");
    await program.execute("bc *");
    const codes: number[] = [];
    session.on("exception", ({ code }) => void codes.push(code));
    const hits = countHits(session, byAddress);
    await toTheEnd(session);
    assert.deepEqual([codes, hits.size, exitCode(program)], [Array(5).fill(0x80000003), 0, 5]);
  });

  for (
    const [breakpoints, ...expected] of [
      ["bp instructions!copy"],
      ["ba w4 instructions!g_breaks"],
      ["ba w4 instructions!g_traps", 5],
      ["bp instructions!own_trap_at", 5],
      ["bp instructions!own_trap_pop", 5],
      [
        "bp instructions!own_trap; bp instructions!own_trap_or; bp instructions!own_trap_pop; bp instructions!own_trap_at",
        ...[5, 5, 5, 5],
      ],
    ] as const
  ) {
    for (const isHeard of [true, false]) {
      const options = breakpoints.startsWith("ba ") ? needsDebugRegisters : {};
      Deno.test(
        `a program's own single steps (${hosting}) are its own, with ${breakpoints}, heard: ${isHeard}`,
        options,
        async () => {
          await using session = newSession({ hosting });
          const program = await session.launch([debuggee("instructions.exe"), "trap", "5"]);
          await program.execute("bp instructions!trap_often");
          assert.equal((await session.wait()).reason, "event");
          await program.execute(`bc *; ${breakpoints}`);
          const codes: number[] = [];
          if (isHeard) session.on("exception", ({ code }) => void codes.push(code));
          const hits = countHits(session, byAddress);
          await toTheEnd(session);
          assert.deepEqual([...hits.values()], expected);
          assert.deepEqual(codes, Array(isHeard ? 5 : 0).fill(0x80000004));
          assert.equal(exitCode(program), 5);
        },
      );
    }
  }

  Deno.test(`a program's own int 3 (${hosting}) that nobody listens to is its own, also where an interrupt comes with it`, async () => {
    await using session = newSession({ hosting });
    const program = await session.launch([debuggee("instructions.exe"), "break", "500"]);
    for (let rounds = 0;; rounds++) {
      const stop = session.wait();
      await new Promise((resolve) => setTimeout(resolve, rounds % 8));
      session.interrupt();
      if ((await stop).reason === "ended") break;
    }
    assert.equal(exitCode(program), 500);
  });

  Deno.test(`pass counts at one address of several processes (${hosting}) pass over so many hits of each and no more`, async () => {
    await using session = newSession({ hosting });
    const hits = countHits(session, byProcess);
    const programs: Program[] = [];
    for (const more of [[], ["late"]]) {
      const program = await session.launch([debuggee("hit_threads.exe"), "4", "60", ...more]);
      await program.execute("bp hit_threads!hit 0n200"); // most of the time hits come up that nobody is told of
      programs.push(program);
    }
    await toTheEnd(session);
    assert.deepEqual([programs.map(({ pid }) => hits.get(pid)), programs.map(exitCode)], [[41, 41], [240, 240]]);
  });

  Deno.test(`breakpoints at one address of several processes (${hosting}) are each process's own`, async () => {
    await using session = newSession({ hosting });
    const hits = countHits(session, byProcess);
    const programs: Program[] = [];
    for (const calls of [["60"], ["20", "late"]]) { // the first runs while the second comes up
      const program = await session.launch([debuggee("hit_threads.exe"), "4", ...calls]);
      await program.execute("bp hit_threads!hit 0n3");
      programs.push(program);
    }
    await toTheEnd(session);
    assert.deepEqual([programs.map(({ pid }) => hits.get(pid)), programs.map(exitCode)], [[238, 78], [240, 80]]);
  });
}

Deno.test("breakpoints through a process server are hit as often as the function is called, by all threads", async () => {
  using server = await serve();
  await using session = newSession({ symbolPath: debuggee("").replace(/\\$/, "") });
  const port = await session.connect(server.address);
  const program = await session.launch([debuggee("hit_threads.exe"), "4", "10"], { port });
  await program.execute("bp hit_threads!hit");
  const hits = countHits(session, byAddress);
  await toTheEnd(session);
  assert.deepEqual([[...hits.values()], exitCode(program)], [[40], 40]);
});
