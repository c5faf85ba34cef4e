/** A program that shows by a file whether it runs: for attaching to it, and for looking at it from outside. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { debuggee, scratch, until } from "./support.ts";

/** What counts as long as it runs. */
export interface Count {
  /** How often it has beaten. */
  count(): number;
}

/** A running heartbeat under a name of its own. */
export interface Heartbeat extends Count, AsyncDisposable {
  readonly pid: number;
  /** Name of its image: a copy that nobody else runs. */
  readonly name: string;
  /** The longest time between two beats so far, in milliseconds. */
  longestPause(): number;
  /** Ends it from outside. */
  kill(): Promise<void>;
}

/** A heartbeat that was not started, under a name of its own, with the file that it is to write. */
export interface HeartbeatImage extends Disposable {
  readonly name: string;
  /** What starts it. */
  readonly command: readonly [program: string, ...args: string[]];
  /** The numbers that it has written: its longest pause and its count. */
  numbers(): number[];
}

/** Makes one; `options` are those of heartbeat.c. */
export function heartbeatImage(...options: string[]): HeartbeatImage {
  const folder = scratch();
  const name = `beat-${crypto.randomUUID().slice(0, 8)}.exe`;
  const program = join(folder.path, name);
  Deno.copyFileSync(debuggee("heartbeat.exe"), program);
  Deno.copyFileSync(debuggee("heartbeat.pdb"), join(folder.path, "heartbeat.pdb"));
  const file = join(folder.path, "count.txt");
  Deno.writeTextFileSync(file, "0 0");
  return {
    name,
    command: [program, file, "10", ...options, "--pauses"],
    numbers: () => Deno.readTextFileSync(file).trim().split(/\s+/).map(Number),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Starts one; `options` are those of heartbeat.c. */
export function startHeartbeat(...options: string[]): Heartbeat {
  const image = heartbeatImage(...options);
  const [program, ...args] = image.command;
  const child = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
  let running = true;
  child.status.then(() => running = false);
  const kill = async (): Promise<void> => {
    if (running) child.kill("SIGKILL");
    await child.status;
  };
  return {
    pid: child.pid,
    name: image.name,
    count: () => image.numbers().at(-1) ?? 0,
    longestPause: () => image.numbers()[0] ?? 0,
    kill,
    async [Symbol.asyncDispose](): Promise<void> {
      await kill();
      image[Symbol.dispose]();
    },
  };
}

/** The count in a heartbeat's file. */
export function countIn(file: string): number {
  return Number(Deno.readTextFileSync(file).trim().split(/\s+/).at(-1));
}

/** Resolves when it has beaten some more: it runs. */
export async function grows(beat: Count): Promise<void> {
  const before = beat.count();
  await until(() => beat.count() >= before + 5, "the heartbeat grows");
}

/** Resolves when it has not beaten for a while: it is stopped. */
export async function rests(beat: Count): Promise<void> {
  const before = beat.count();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(beat.count(), before);
}
