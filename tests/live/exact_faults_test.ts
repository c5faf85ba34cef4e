/** Steps at instructions that raise an exception, which the program or a handler takes. */
import assert from "node:assert/strict";
import { DebugSession, type ExecutionStatus, type Program } from "../../mod.ts";
import { exitCode } from "./hit_support.ts";
import { debuggee, engineFolder, hostings, keepEngine, nativeClient } from "./support.ts";

keepEngine();

const STEPS = 4;
const CALLS = 5;
const WAYS = ["skip", "again", "guard", "away", "illegal"] as const;
type Way = typeof WAYS[number] | "frame";

const EXPECTED = new Map<Way, readonly string[]>();

function symbolOf(way: Way): string {
  return way === "illegal" ? "faults!illegal" : "faults!fault";
}

/** Where the native client's steps lead. At most exceptions that engine stops, too, where the thread is yet: Latch asks who listens. */
async function expected(way: Way): Promise<readonly string[]> {
  const known = EXPECTED.get(way);
  if (known) return known;
  const command = [debuggee("faults.exe"), way, `${CALLS}`];
  const args = ["steps", symbolOf(way), "into", `${STEPS + 1}`, "--", ...command];
  const { code, stdout, stderr } = await nativeClient(args).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const all = new TextDecoder().decode(stdout).trim().split(/\s+/);
  const addresses = way === "illegal" ? all.slice(0, STEPS) : all.slice(1);
  EXPECTED.set(way, addresses);
  return addresses;
}

async function rip(program: Program): Promise<string> {
  return (await program.evaluate("@rip")).toString(16);
}

for (const hosting of hostings) {
  const launch = async (way: Way): Promise<[DebugSession, Program]> => {
    const session = new DebugSession({ hosting, engine: engineFolder() });
    const program = await session.launch([debuggee("faults.exe"), way, `${CALLS}`]);
    await program.execute(`bp ${symbolOf(way)}`);
    return [session, program];
  };

  for (const way of WAYS) {
    Deno.test(`steps into an instruction that raises an exception (${hosting}) lead where those of a native client lead: ${way}`, async () => {
      const want = await expected(way);
      // Whether somebody listens, and whether there is a breakpoint at the instruction.
      const cases = [["", "bc *"], [undefined, "bc *"], ["goNotHandled", "bc *"], ["", ""]] as const;
      for (const [answer, before] of way === "skip" ? cases : cases.slice(0, 1)) {
        const [session, program] = await launch(way);
        await using _session = session;
        assert.equal((await session.wait()).reason, "event");
        if (before) await program.execute(before);
        if (answer !== "") program.on("exception", () => answer);
        const addresses: string[] = [];
        for (let step = 0; step < STEPS; step++) {
          await program.execute("t");
          addresses.push(await rip(program));
        }
        assert.deepEqual(addresses, want, `${answer} ${before}`);
        await program.execute("bc *");
        assert.deepEqual(await session.wait(), { reason: "ended" });
        assert.equal(exitCode(program), CALLS);
      }
    });
  }

  for (const answer of ["stepInto", "stepOver"] as const) {
    Deno.test(`a handler that answers ${answer} where an exception is raised (${hosting}) has each step told`, async () => {
      for (const way of WAYS) {
        const [behind] = await expected(way);
        const [session, program] = await launch(way);
        await using _session = session;
        let hits = 0;
        program.on("breakpoint", () => {
          hits++;
          return answer;
        });
        let ends = 0;
        for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
          assert.equal(stop.reason, "break");
          assert.equal(await rip(program), behind, way);
          ends++;
        }
        const comesBack = way === "again" || way === "guard";
        assert.deepEqual([hits, ends, exitCode(program)], [comesBack ? 2 * CALLS : CALLS, CALLS, CALLS], way);
      }
    });
  }

  Deno.test(`a step from an exception (${hosting}), by a handler or a command, leads behind what handles it`, async () => {
    const [behind] = await expected("skip");
    for (const answer of ["stepInto", "break"] as const) {
      const [session, program] = await launch("skip");
      await using _session = session;
      await program.execute("bc *");
      program.on("exception", () => answer);
      for (let call = 0; call < CALLS; call++) {
        const stop = await session.wait();
        assert.equal(stop.reason, answer === "break" ? "event" : "break");
        if (answer === "break") await program.execute("t");
        assert.equal(await rip(program), behind, answer);
      }
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(exitCode(program), CALLS);
    }
  });

  Deno.test(`a step (${hosting}) goes on where a handler that takes the exception has it go on`, async () => {
    for (
      const [change, symbol] of [["r rip=faults!fault_behind", "fault_behind"], ["r rcx=@rsp-8", "fault"]] as const
    ) {
      const [session, program] = await launch("skip");
      await using _session = session;
      assert.equal((await session.wait()).reason, "event");
      await program.execute("bc *");
      program.on("exception", async (): Promise<ExecutionStatus> => {
        await program.execute(change);
        return "goHandled";
      });
      const from = BigInt(await program.addressOf(`faults!${symbol}`) ?? 0n);
      await program.execute("t");
      assert.equal(await program.evaluate("@rip"), from + (symbol === "fault" ? 2n : 1n));
      assert.deepEqual(await session.wait(), { reason: "ended" });
      assert.equal(exitCode(program), 0);
    }
  });

  Deno.test(`steps into an instruction (${hosting}) whose exception a block of the program handles end in that block`, async () => {
    for (const answer of ["t", "stepInto"] as const) {
      const [session, program] = await launch("frame");
      await using _session = session;
      let ends = 0;
      if (answer === "stepInto") program.on("breakpoint", () => answer);
      for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
        if (answer === "t") await program.execute("t");
        assert.match((await program.nameAt(BigInt(await program.evaluate("@rip"))))?.symbol ?? "", /^faults!in_frame/);
        ends++;
      }
      assert.deepEqual([ends, exitCode(program)], [CALLS, CALLS], answer);
    }
  });

  Deno.test(`a step (${hosting}) outlives what is hit in the program's handler of its exception`, async () => {
    const [behind] = await expected("skip");
    const [session, program] = await launch("skip");
    await using _session = session;
    assert.equal((await session.wait()).reason, "event");
    await program.execute("bc *; bp faults!handle");
    let hits = 0;
    program.on("breakpoint", () => {
      hits++;
      return "go";
    });
    await program.execute("t");
    assert.deepEqual([hits, await rip(program)], [1, behind]);
    assert.deepEqual(await session.wait(), { reason: "ended" });
    assert.deepEqual([hits, exitCode(program)], [CALLS, CALLS]);
  });
}
