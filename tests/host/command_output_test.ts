/** What one command of a confined script prints costs its host little memory, and the script can go on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Bench } from "./latch_support.ts";

const SCRIPT = `
import { DebugSession } from "@latch/latch";
await using session = new DebugSession();
const program = await session.launch([Deno.args[0]]);
for (let time = 0; time < 2; time++) {
  const said = await program.execute("dd 0 L?0n4000000000").then(() => "all", String);
  console.log(said);
}
console.log((await program.execute("dd 0 L1")).length > 10);`;

const SAID =
  'EngineError: Cannot execute "dd 0 L?0n4000000000": it printed more than 8,000,000 characters; ask for less at a time\n';

/** Megabytes that each of the processes may take, the Wine host among them: it has 120 at its begin. */
const MOST = 300;

/** The most memory that each process has taken which one started, in megabytes. */
function peaksBelow(processId: number): number[] {
  const peaks: number[] = [];
  const parents = new Set([`${processId}`]);
  for (const { name } of [...Deno.readDirSync("/proc")].sort((a, b) => Number(a.name) - Number(b.name))) {
    try {
      const status = /^\d+$/.test(name) ? Deno.readTextFileSync(`/proc/${name}/status`) : "";
      if (!parents.has(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? "") && name !== `${processId}`) continue;
      parents.add(name);
      peaks.push(Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch { /* it has ended meanwhile */ }
  }
  return peaks;
}

Deno.test("a confined script's command that prints gigabytes is broken off, and costs its host little memory", async () => {
  await using bench = await Bench.make("spin");
  await Deno.writeTextFile(join(bench.folder, "script.ts"), SCRIPT);
  const program = bench.windowsPath("spin.exe");
  const rights = [`--allow-launch=${program}`, "--allow-execute=dd", "--deadline=50"];
  const args = ["run", "--no-prompt", ...rights, "script.ts", program];
  const child = bench.command(args, { stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const peaks: number[] = [];
  const looks = setInterval(() => peaks.push(Math.max(...peaksBelow(child.pid))), 200);
  const { code, stdout, stderr } = await child.output();
  clearInterval(looks);
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([out, code], [`${SAID}${SAID}true\n`, 0], err);
  if (Deno.env.has("SHOW")) console.log(peaks.map(Math.round).join());
  const peak = Math.max(...peaks);
  assert.ok(peak > 60 && peak < MOST, `${peak} MB`);
});
