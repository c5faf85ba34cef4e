/**
 * A caller of runScript, whose memory is looked at: `held_host.ts SCRIPT SECONDS`. Its engine never opens, so that all calls wait, unless the
 * script is about something else. Prints what came of the script, and how many megabytes more than before this process took at most.
 */
import type { EngineConnection } from "../../lib/dbgeng/engine_api.ts";
import { runScript } from "../../lib/script/run_script.ts";
import { FakeConnection } from "../remote/channel_support.ts";

/** Megabytes of this process: the most so far. */
function peak(): number {
  const [, kilobytes] = /^VmHWM:\s*(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return Number(kilobytes) / 1024;
}

const text = "\u0001".repeat(60_000);

/** A program that prints as fast as it can for the time that it may run. */
function print(fake: FakeConnection, milliseconds: number): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const end = performance.now() + milliseconds;
  const some = (): void => {
    for (let count = 0; count < 10; count++) {
      fake.onNotice({ type: "output", processId: 7, threadId: 1, text } as never);
    }
    if (performance.now() < end) setTimeout(some, 1);
    else resolve({ kind: "expired" });
  };
  some();
  return promise;
}

const created = {
  kind: "event",
  event: {
    ...{ type: "createProcess", processId: 7, threadId: 1 },
    module: { name: "app", imageName: "app.exe", base: 1n, size: 2, checksum: 3, timestamp: 4 },
  },
};

const opens = Deno.args.includes("opens");
let runs = 0;
const fake: FakeConnection = new FakeConnection({
  open: () => opens ? {} : new Promise(() => {}),
  processes: () => [{ processId: 7, name: "app.exe", description: "" }],
  read: () => new Uint8Array(4 << 20),
  run: (_: string, milliseconds: number) => runs++ === 0 ? created : print(fake, milliseconds),
});

const [script = "", seconds] = Deno.args;
let printed = 0;
const output = {
  stdout: (part: string) => void (printed += part.length),
  stderr: (part: string) =>
    new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => void (printed += part.length)),
};
const rights = ["--allow-attach=app.exe", "--allow-read-memory"];
const before = peak();
const options = { output, rights, deadline: 1_000 * Number(seconds), connect: (): EngineConnection => fake };
const { reason } = await runScript(script, options);
console.log(JSON.stringify({ reason, held: Math.round(peak() - before), calls: fake.log.length }));
Deno.exit();
