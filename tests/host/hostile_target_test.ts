/** Hostile scripts, confined, that go for programs: each is held, and the host and the target are unharmed. */
import assert from "node:assert/strict";
import { created, engine } from "../script/guard_support.ts";
import { assertDeeds, ended, latchRun, type Outcome, outcome, rightsTo, steps } from "./hostile_support.ts";
import { runsOn, type Scene } from "./scene_support.ts";
import { refusesTricks } from "./trick_support.ts";

async function refusesGuesses(scene: Scene): Promise<void> {
  const { code, deeds, err } = await outcome(scene, "guess.ts", { rights: rightsTo(scene), args: [scene.target.name] });
  assert.equal(code, 0, err);
  const gone = "HELD Error: StateError: Cannot use the program: it is not being debugged any more";
  const notConnected = "HELD StateError: Cannot use the process server: this script is not connected to it";
  const noServing = "HELD NotCapable: Cannot serve processes";
  const others = ["read of", "write of", "modules of", "threads of", "registers of", "execute on", "dump of"];
  const attach = /^HELD Error: NotCapable: Requires attach access to "N", run again with --allow-attach=N$/;
  assertDeeds(deeds, {
    processes: "HELD Error: only 1",
    ...Object.fromEntries([...others, "terminate", "detach", "abandon"].map((what) => [`${what} others`, gone])),
    "leave others": "DONE undefined", // it is told nothing, and nobody is let go
    "attach to others": attach,
    "attach to others, noninvasive": attach,
    "attach to others, existing": attach,
    "server handles": /^HELD Error: StateError.*not connected/,
    "end a server": notConnected,
    "disconnect here": notConnected,
    "end here": notConnected,
    "serve": noServing,
    "serve for a time": noServing,
    "stop serving": noServing,
    "open a dump": "HELD NotCapable: Cannot open a dump",
    "connect": "HELD NotCapable: Requires connect access",
    "connect by a pipe": "HELD NotCapable: Requires connect access",
    "connect and more": "HELD NotCapable: Requires connect access",
    "engine folder": "HELD NotCapable: Cannot use the option engine",
    "symbol share": "HELD NotCapable: Requires symbols access",
    "symbol server": "HELD NotCapable: Requires symbols access",
    "symbol library": "HELD TypeError: Cannot take the request",
    "symbol cache": "HELD NotCapable: Requires symbols access",
    "strange call": "HELD TypeError",
    "inherited call": "HELD TypeError",
    "wrong values": "HELD TypeError: Cannot take the request",
    "no values": "HELD TypeError: Cannot take the request",
    "strange entry": "HELD TypeError: Cannot take the request",
  });
}

/** Scripts that are gone, or do not answer any more, while they hold their program. */
async function letsHeldGo(scene: Scene): Promise<void> {
  for (const [way, expected] of [["exit", 9], ["throw", 1]] as const) {
    const rights = [...rightsTo(scene), "--deadline=60"];
    const { code, out, err } = await outcome(scene, "loop.ts", { rights, args: [scene.target.name, way] });
    assert.deepEqual([way, code], [way, expected], err);
    assert.match(out, /held/);
    await runsOn(scene.target);
  }
  const { code, err } = await outcome(scene, "pending.ts", { rights: rightsTo(scene) });
  assert.equal(code, 0, err);
  await runsOn(scene.target);
  const globals = await outcome(scene, "globals.ts", {
    rights: [...rightsTo(scene), "--deadline=20"],
    args: [scene.target.name],
  });
  // The script has made an Error of NotCapable, and an option of every object.
  assert.match(`${globals.code} ${globals.out}`, /^0 failed Error: Cannot use the option engine: /, globals.err);
}

async function outlastsFloods(scene: Scene): Promise<void> {
  const flood = async (way: string, rights: readonly string[] = []): Promise<Outcome & { peak: number }> => {
    const words = { rights: [...rightsTo(scene), ...rights], args: [scene.target.name, way] };
    const child = latchRun(scene, "flood.ts", words).spawn();
    const watch = watchPeak(child.pid);
    const [{ code, stdout, stderr }] = await Promise.all([child.output()]);
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    return { code, out: out.slice(0, 200), err, deeds: new Map(), peak: watch() };
  };
  const calls = await flood("calls");
  assert.deepEqual([calls.code, /more at a time than its host keeps/.test(calls.err)], [137, true], calls.err);
  const ways = ["signs of life", "large answers"];
  const stopped = await Promise.all(ways.map((way) => flood(way, ["--deadline=4", "--allow-read-memory"])));
  for (const { code, peak, err } of stopped) {
    assert.equal(code, 124, err);
    assert.ok(peak < 300, `the host took ${peak} MB`);
  }
  await runsOn(scene.target);
  const latch = await flood("latch");
  assert.deepEqual([latch.code, latch.out], [0, "answered 500\n"], latch.err);
}

/** Looks at how many megabytes a process takes; the function that it gives tells the most. */
function watchPeak(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) / 256);
    } catch { /* it has ended */ }
  }, 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

async function leavesNoOrphan(scene: Scene): Promise<void> {
  const ways = [["handler", "SIGKILL"], ["handler", "SIGINT"], ["stopped handler", "SIGTERM"]] as const;
  for (const [way, signal] of ways) {
    const child = latchRun(scene, "loop.ts", { rights: rightsTo(scene), args: [scene.target.name, way] }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("held");) text += (await reader.read()).value ?? assert.fail("it ended");
    child.kill(signal);
    const { code } = await child.status;
    if (signal !== "SIGKILL") assert.equal(code, 130);
    await reader.cancel();
    await child.stderr.cancel();
    await runsOn(scene.target);
  }
}

Deno.test("hostile scripts get no program but those that they were given, and leave these as they were", async (test) => {
  await steps(test, {
    "guessed ids and handles": [refusesGuesses],
    "tricks with paths, commands and launches": [refusesTricks],
    "programs that are held when the script goes": [letsHeldGo],
    "floods": [outlastsFloods],
    "a host that is killed, or told to end": [leavesNoOrphan],
  });
});

Deno.test("a process id that another process has by now gives a script nothing", async () => {
  const evil = "C:\\windows\\system32\\lsass.exe";
  for (const granted of ["app.exe", "7", "app.exe,7"]) {
    const fake = engine([created(7, evil)]);
    const rights = [`--allow-attach=${granted}`, "--allow-read-memory", "--allow-execute"];
    const { code, out } = await ended("reuse.ts", { rights, connect: () => fake });
    assert.deepEqual([code, out], [0, "HELD attach: NotCapable\nHELD read: StateError\nHELD execute: StateError\n"]);
    assert.ok(fake.log.some((line) => line.startsWith("detach") && line.includes("7")), fake.log.join());
    assert.ok(!fake.log.some((line) => /^(?:read|execute|terminate)/.test(line)), fake.log.join());
  }
});
