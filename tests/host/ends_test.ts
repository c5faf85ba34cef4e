/**
 * Whatever a session is about, its end takes two seconds at most, from wherever it comes; what it attached to runs on, and what it launched is
 * gone. For sessions whose engine lives in a host, of plain scripts and of confined ones. Those of a worker: tests/live/stuck_test.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { some } from "../count.ts";
import { Bench, ROOT } from "./latch_support.ts";
import { isThere, runsOn, type Scene, scene } from "./scene_support.ts";

/** The longest that an end may take, in milliseconds. */
const LIMIT = 2_000;

/** After so many seconds a confined script is ended; until then it has to be where it is to be. */
const DEADLINE = 12;

/** What the session is about when it ends. */
const DOES: Readonly<Record<string, string>> = {
  "runs programs": "await session.wait();",
  "holds programs in a handler": `
    session.on("loadModule", () => new Promise(() => {}));
    await session.wait();`,
  "is inside a long command": 'await attached.execute(".for (r $t0 = 0; @$t0 < 0x7fffffff; r $t0 = @$t0 + 1) { }");',
  "is inside a command that nothing breaks off": 'await attached.execute(".sleep 100000");',
  "searches in memory": // which takes seconds
    'for (;;) await attached.execute("s -b 0 L?7fffffffffff 11 22 33 44 55 66 77 88");',
  "connects to a server that says nothing": `
    await session.connect("tcp:server=127.0.0.1,port=" + Deno.args[2], { timeout: 60_000 });`,
};

const ENDS = ["SIGINT", "SIGTERM", "SIGKILL", "deadline"] as const;

const CASES = (["host", "confined"] as const).flatMap((hosting) =>
  Object.keys(DOES).flatMap((does) => ENDS.map((end) => ({ hosting, does, end })))
).filter(({ hosting, end }) => hosting === "confined" || end !== "deadline");

/** A script with a program that it attached to and one that it launched. */
function scriptOf(latch: string, does: string): string {
  return `
import { DebugSession } from ${JSON.stringify(latch)};
const session = new DebugSession();
const attached = await session.attach(Deno.args[0]);
const launched = await session.launch(JSON.parse(Deno.args[1]));
console.log("ready");
${does}`;
}

async function start(
  bench: Bench,
  { hosting, does }: typeof CASES[number],
  args: string[],
): Promise<Deno.ChildProcess> {
  const file = join(bench.folder, "script.ts");
  const latch = hosting === "host" ? `file://${ROOT}mod.ts` : "@latch/latch";
  await Deno.writeTextFile(file, scriptOf(latch, DOES[does] ?? ""));
  const options = { stdin: "null", stdout: "piped", stderr: "null" } as const;
  if (hosting === "host") {
    const flags = ["run", "--allow-run", "--no-prompt", "--no-check"];
    return new Deno.Command(Deno.execPath(), { args: [...flags, file, ...args], env: bench.env, ...options }).spawn();
  }
  const rights = ["attach", "launch", "execute", "connect"].map((right) => `--allow-${right}`);
  return bench.command(["run", "--no-prompt", ...rights, `--deadline=${DEADLINE}`, file, ...args], options).spawn();
}

/** Resolves when the script is where it is to be. */
async function ready(child: Deno.ChildProcess): Promise<void> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "ready\n");
  reader.cancel();
  await new Promise((resolve) => setTimeout(resolve, 700)); // the call is under way
}

/** Resolves when a program is gone; tells how long that took, in milliseconds. */
async function timeToEnd(scene: Scene): Promise<number> {
  const begin = performance.now();
  while (await isThere(scene)) assert.ok(performance.now() - begin < 20_000, "the program that was launched is there");
  return performance.now() - begin;
}

for (const one of some(CASES, 9)) {
  const { hosting, does, end } = one;
  Deno.test(`a session (${hosting}) that ${does} ends by ${end}`, async () => {
    await using bench = await Bench.make();
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await scene(async (attached) =>
      await scene(async (launched) => {
        await attached.start();
        const { port } = silent.addr as Deno.NetAddr;
        const begun = performance.now();
        const command = JSON.stringify(launched.target.command);
        const child = await start(bench, one, [attached.target.name, command, `${port}`]);
        await ready(child);
        const begin = end === "deadline" ? begun + 1_000 * DEADLINE : performance.now();
        if (end !== "deadline") child.kill(end);
        const { code } = await child.status;
        const time = performance.now() - begin;
        assert.equal(code, { SIGINT: 130, SIGTERM: 130, SIGKILL: 137, deadline: 124 }[end]);
        assert.ok(time < LIMIT, `it took ${Math.round(time)} ms`);
        const rest = await timeToEnd(launched);
        // One that was killed cannot wait for its host; to look for a process takes half a second itself.
        assert.ok(
          end === "SIGKILL" ? rest < 2 * LIMIT : rest < LIMIT,
          `the program was there for ${Math.round(rest)} ms`,
        );
        await runsOn(attached.target);
      })
    );
  });
}
