/** Each step is one step: the addresses that it leads to are those that the engine by itself gets in waits without an end. */
import assert from "node:assert/strict";
import type { EngineStop } from "../../lib/dbgeng/engine_api.ts";
import { DbgEngine } from "../../lib/dbgeng/thread/engine.ts";
import { newSharedWords } from "../../lib/dbgeng/thread/lifeline.ts";
import { DebugSession, type ExecutionStatus, type Program, quoteCommandLine } from "../../mod.ts";
import { count } from "../count.ts";
import { debuggee, engineFolder, hostings, keepEngine, nativeClient } from "./support.ts";

keepEngine();

const STEPS = count(200, 5_000);
const COMMAND = [debuggee("hits.exe"), "100000"];

/** Where the native client's steps lead. */
async function expected(kind: "into" | "over"): Promise<string[]> {
  const args = ["steps", "hits!main", kind, `${STEPS}`, "--", ...COMMAND];
  const { code, stdout, stderr } = await nativeClient(args).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split(/\s+/);
}

async function launchToMain(session: DebugSession): Promise<Program> {
  const program = await session.launch(COMMAND);
  await program.execute("bp hits!main");
  assert.equal((await session.wait()).reason, "event");
  await program.execute("bc *");
  return program;
}

for (const hosting of hostings) {
  const newSession = (): DebugSession => new DebugSession({ hosting, engine: engineFolder() });

  for (const [command, kind] of [["t", "into"], ["p", "over"]] as const) {
    Deno.test(`steps ${kind} (${hosting}) lead where those of a native client lead`, async () => {
      await using session = newSession();
      const program = await launchToMain(session);
      const addresses: string[] = [];
      for (let step = 0; step < STEPS; step++) {
        await program.execute(command);
        addresses.push((await program.evaluate("@rip")).toString(16));
      }
      assert.deepEqual(addresses, await expected(kind));
    });
  }

  for (const [command, kind, count] of [["p 0n7", "over", 7], ["t 10", "into", 16], ["tr 3", "into", 3]] as const) {
    Deno.test(`${command} (${hosting}) leads where so many steps of a native client lead`, async () => {
      await using session = newSession();
      const program = await launchToMain(session);
      const addresses: string[] = [];
      for (let steps = count; steps < 100; steps += count) {
        assert.equal(await program.execute(command), "");
        addresses.push((await program.evaluate("@rip")).toString(16));
      }
      const all = await expected(kind);
      assert.deepEqual(addresses, addresses.map((_, index) => all[(index + 1) * count - 1]));
    });
  }

  Deno.test(`several steps (${hosting}) show what the engine by itself shows`, async () => {
    const show = async (command: string): Promise<string> => {
      await using session = newSession();
      const program = await launchToMain(session);
      let shown = "";
      session.on("engineOutput", ({ text }) => void (shown += text));
      const text = await program.execute(command);
      return shown + text;
    };
    const all = await show("p 5; .echo"); // waited for inside the engine
    assert.equal(all.split("hits!main").length, 5, all);
    assert.equal(await show("p 5") + "\n", all);
  });

  Deno.test(`steps (${hosting}) that run into a breakpoint are over there`, async () => {
    await using session = newSession();
    const program = await launchToMain(session);
    await program.execute("bp hits!tick");
    const tick = await program.addressOf("hits!tick");
    const hits: bigint[] = [];
    program.on("breakpoint", ({ address }) => void hits.push(address));
    await program.execute("t 1000");
    assert.deepEqual([hits, await program.evaluate("@rip")], [[tick], tick]);
    const stop = await session.wait();
    assert.deepEqual([stop.reason, hits, await program.evaluate("@rip")], ["event", [tick, tick], tick]);
  });

  for (const command of ["g", "pa", "ta"]) {
    Deno.test(`${command} to an address (${hosting}) from a breakpoint leads there, be it the next instruction or another one`, async () => {
      await using session = newSession();
      const program = await launchToMain(session);
      await program.execute("bp hits!tick");
      assert.equal((await session.wait()).reason, "event");
      const text = await program.execute("u hits!tick L3");
      const [, next = "", other = ""] = [...text.matchAll(/^([0-9a-f]{8})`([0-9a-f]{8}) /gm)].map((line) =>
        `0x${line[1]}${line[2]}`
      );
      await program.execute(`${command} ${next}`);
      assert.equal(await program.evaluate("@rip"), BigInt(next));
      assert.equal((await session.wait()).reason, "event");
      await program.execute(`${command} ${other}`);
      assert.equal(await program.evaluate("@rip"), BigInt(other));
    });
  }

  for (const command of ["p 2", "t 2", "pr", "tr", "pa $next", "g $next", "g; r rip"]) {
    Deno.test(`${command} (${hosting}) at each hit of several threads loses none`, async () => {
      await using session = newSession();
      const program = await session.launch([debuggee("hit_threads.exe"), "4", "10"]);
      await program.execute("bp hit_threads!hit");
      const [, second] = (await program.execute("u hit_threads!hit L2")).matchAll(/^([0-9a-f]{8})`([0-9a-f]{8}) /gm);
      const next = `0x${second?.[1]}${second?.[2]}`;
      let hits = 0;
      program.on("breakpoint", () => {
        hits++;
        return "break" as const;
      });
      const signal = AbortSignal.timeout(60_000);
      for (let stop = await session.wait({ signal }); stop.reason !== "ended"; stop = await session.wait({ signal })) {
        if (stop.reason === "event") await program.execute(command.replace("$next", next));
      }
      assert.deepEqual([hits, program.end?.exitCode], [40, 40]);
    });
  }

  Deno.test(`a step out (${hosting}) leads behind each call`, async () => {
    await using session = newSession();
    const calls = count(60, 300);
    const program = await session.launch([debuggee("hits.exe"), `${calls}`]);
    await program.execute("bp hits!tick");
    const addresses = new Set<string>();
    let hits = 0;
    while ((await session.wait()).reason !== "ended") {
      hits++;
      await program.execute("gu");
      addresses.add(`${(await program.nameAt(BigInt(await program.evaluate("@rip"))))?.symbol}`);
    }
    assert.equal(hits, calls);
    assert.deepEqual([...addresses], ["hits!main"]);
  });

  for (const [command, from, depth] of [["p", "down_call", 5], ["gu", "down", 4]] as const) {
    Deno.test(`${command} (${hosting}) in a function that calls itself ends in the call in which it began`, async () => {
      await using session = newSession();
      const program = await session.launch([debuggee("instructions.exe"), "down", "6"]);
      await program.execute(`bp instructions!${from} 0n${6 - depth + (command === "p" ? 0 : 1)}`);
      assert.equal((await session.wait()).reason, "event");
      await program.execute("bc *");
      await program.execute(command);
      assert.equal(await program.evaluate("@rip"), await program.addressOf("instructions!down_back"));
      assert.equal(Number(await program.evaluate("@eax")), depth);
      assert.deepEqual(await session.wait(), { reason: "ended" }); // nothing is left of it where the calls outside come by
      assert.equal(program.end?.exitCode, 6);
    });
  }

  Deno.test(`a step out (${hosting}) is over where its own thread comes by, whichever others do`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("hit_threads.exe"), "8", "1000"]);
    for (let step = 0; step < count(12, 96); step++) {
      await program.execute("bp hit_threads!hit");
      const stop = await session.wait();
      assert.ok(stop.reason === "event" && stop.event.type === "breakpoint", stop.reason);
      await program.execute("bc *");
      await program.execute("gu");
      assert.equal(await program.evaluate("@$tid"), BigInt(stop.event.threadId));
      assert.match((await program.nameAt(BigInt(await program.evaluate("@rip"))))?.symbol ?? "", /work/);
    }
    assert.equal((await program.run()).exitCode, 8_000);
  });

  Deno.test(`a step over a call (${hosting}) outlives what its call brings: a process that starts, hits that are let go on`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("tree.exe"), "nul", "1", "1"], { children: "follow" });
    const main = await program.addressOf("tree!main") ?? 0n;
    await program.execute("bp /1 tree!main; bp kernelbase!CreateProcessInternalW");
    let calls = 0;
    let started = 0;
    program.on("breakpoint", ({ address }) => {
      if (address === main) return "break";
      calls++;
      return "go";
    });
    session.on("createProcess", () => void started++);
    assert.equal((await session.wait()).reason, "event");
    for (let step = 0; step < 400 && started === 0 && program.state === "stopped"; step++) await program.execute("p");
    assert.deepEqual([calls, started, program.state], [1, 1, "stopped"]);
    assert.match((await program.nameAt(BigInt(await program.evaluate("@rip"))))?.symbol ?? "", /^tree!main/);
  });

  Deno.test(`a handler's step (${hosting}) is of the thread of its event, whatever else it looked at`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("hit_threads.exe"), "4", "5"]);
    await program.execute("bp hit_threads!hit");
    const address = await program.addressOf("hit_threads!hit") ?? 0n;
    const under = new Set<number>();
    let hits = 0;
    let ends = 0;
    program.on("breakpoint", async ({ threadId }) => {
      hits++;
      under.add(threadId);
      for (const thread of await program.threads()) await thread.registers();
      return "stepInto" as const;
    });
    for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
      assert.ok(stop.reason === "break", stop.reason);
      assert.ok(under.delete(stop.threadId));
      ends++;
      const rip = BigInt(await program.evaluate("@rip"));
      assert.ok(rip > address && rip < address + 16n, rip.toString(16));
    }
    assert.deepEqual([hits, ends], [20, 20]);
  });

  Deno.test(`steps over calls (${hosting}) of several threads at once all lead behind them`, async () => {
    await using session = newSession();
    const program = await session.launch([debuggee("hit_threads.exe"), "4", "10"]);
    const text = await program.execute("u hit_threads!work L30");
    const [, call, next] = /(\w{8}`\w{8}) \w+\s+call\s+hit_threads!hit\b.*\n(?:\S+:\n)?.*?(\w{8}`\w{8}) /.exec(text) ??
      [];
    assert.ok(call && next, text);
    await program.execute(`bp0 ${call}; bp1 hit_threads!hit`); // hits inside have all threads take turns
    let hits = 0;
    program.on("breakpoint", ({ id }) => {
      if (id === 1) return "go";
      hits++;
      return "stepOver";
    });
    const ends = new Map<number, number>();
    for (let stop = await session.wait(); stop.reason !== "ended"; stop = await session.wait()) {
      assert.ok(stop.reason === "break", stop.reason);
      assert.equal(await program.evaluate("@rip"), BigInt(`0x${next.replace("`", "")}`));
      ends.set(stop.threadId, (ends.get(stop.threadId) ?? 0) + 1);
    }
    assert.deepEqual([hits, [...ends.values()]], [40, [10, 10, 10, 10]]);
  });
}

Deno.test("a step is one, in however many runs the engine is driven", () => {
  const engine = new DbgEngine(newSharedWords(), () => {}, 2_000);
  using stack = new DisposableStack();
  stack.defer(() => engine.close());
  engine.open({ engine: engineFolder() });
  const commandLine = quoteCommandLine([debuggee("hit_threads.exe"), "8", "5"]);
  const environment = { environment: [], clearEnvironment: false };
  engine.launch({ server: 0n, commandLine, directory: null, ...environment, children: [] });
  // Without any time a run ends wherever it may.
  const run = (status: ExecutionStatus): EngineStop => {
    for (;;) {
      const stop = engine.run(status, 0);
      if (stop.kind !== "expired") return stop;
    }
  };
  let stop = run("go");
  while (stop.kind !== "initialBreak") stop = run("go");
  const { processId } = stop;
  engine.execute({ processId }, "bp hit_threads!hit");
  engine.subscribe(["breakpoint"]);
  const [, second] = engine.execute({ processId }, "u hit_threads!hit L2").text.matchAll(
    /^([0-9a-f]{8})`([0-9a-f]{8}) /gm,
  );
  const next = BigInt(`0x${second?.[1]}${second?.[2]}`);
  const seen = { hits: 0, steps: 0 };
  const isOver = (): boolean => stop.kind === "event" && stop.event.type === "exitProcess";
  for (let status: ExecutionStatus = "go"; !isOver(); stop = run(status)) {
    status = stop.kind === "event" ? "stepInto" : "go";
    if (stop.kind === "event") seen.hits++;
    if (stop.kind !== "break") continue;
    assert.equal(engine.evaluate(stop, "@rip"), next);
    seen.steps++;
  }
  assert.equal(seen.hits, 40);
  assert.equal(seen.steps, 40);
});
