/** What launched programs print passes through `latch run` whole and in order, whatever the reader's speed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Bench } from "./latch_support.ts";

const SCRIPT = `
import { launch } from "@latch/latch";
await using program = await launch([Deno.args[0], Deno.args[1]]);
await program.wait();
console.log(program.end?.exitCode);`;

/** Characters of a line of printer.exe, its end included. */
const LINE = 61;

/** 20 MB. */
const LINES = 340_000;

/** Megabytes that `latch` may take; all that is printed once more would be beyond it. */
const MEMORY = 400;

/** How the reader behaves: how long it looks at each piece, in milliseconds. */
const READERS: Readonly<Record<string, { readonly lines: number; pause(at: number): number }>> = {
  "is fast": { lines: LINES, pause: () => 0 },
  "is slow": { lines: LINES, pause: (at) => at % 20 === 0 ? 100 : 0 },
  "begins late": { lines: 20_000, pause: (at) => at === 0 ? 5_000 : 0 },
};

/** The most memory that a process has taken, in megabytes. */
function peakOf(processId: number): number {
  return Number(/VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/${processId}/status`))?.[1]) / 1024;
}

/** A bench with the script. */
async function benchWithScript(): Promise<Bench> {
  const bench = await Bench.make("printer");
  await Deno.writeTextFile(join(bench.folder, "script.ts"), SCRIPT);
  return bench;
}

function spawn(bench: Bench, lines: number): Deno.ChildProcess {
  const program = bench.windowsPath("printer.exe");
  const args = ["run", "--no-prompt", `--allow-launch=${program}`, "script.ts", program, `${lines}`];
  return bench.command(args, { stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
}

for (const [how, { lines, pause }] of Object.entries(READERS)) {
  Deno.test(`${lines} lines of a launched program come whole and in order to a reader that ${how}`, async () => {
    await using bench = await benchWithScript();
    const child = spawn(bench, lines);
    const code = child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    let [text, line, at, peak] = ["", 0, 0, 0];
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      const whole = text.length - text.length % LINE;
      for (let start = 0; start < whole; start += LINE, line++) {
        assert.equal(text.slice(start, start + LINE), `${`${line}`.padStart(8, "0")} ${"0".repeat(51)}\n`);
      }
      text = text.slice(whole);
      const time = pause(at++);
      if (time === 0) continue;
      peak = Math.max(peak, peakOf(child.pid));
      await new Promise((resolve) => setTimeout(resolve, time));
    }
    assert.deepEqual([text, line], ["", lines]);
    assert.equal((await code).value, "4\n");
    assert.equal((await child.status).code, 0);
    assert.ok(peak < MEMORY, `latch took ${peak} MB`);
  });
}
