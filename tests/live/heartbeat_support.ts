/** Heartbeats: programs whose growing count shows from outside whether they run, are held, or are gone. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { debuggee, scratch, until } from "./support.ts";

/** A heartbeat's file. */
export interface Count {
  /** The count that it has reached. */
  count(): number;
}

/** A program that counts. */
export interface Heartbeat extends Count, AsyncDisposable {
  readonly pid: number;
  /** File name of its image, its own. */
  readonly name: string;
}

/** A running heartbeat under a name of its own. */
export function startHeartbeat(): Heartbeat {
  const folder = scratch();
  const name = `beat-${crypto.randomUUID().slice(0, 8)}.exe`;
  const program = join(folder.path, name);
  Deno.copyFileSync(debuggee("heartbeat.exe"), program);
  Deno.copyFileSync(debuggee("heartbeat.pdb"), join(folder.path, "heartbeat.pdb"));
  const file = join(folder.path, "count.txt");
  Deno.writeTextFileSync(file, "0");
  const child = new Deno.Command(program, { args: [file, "10"], stdout: "null", stderr: "null" }).spawn();
  return {
    pid: child.pid,
    name,
    count: () => countIn(file),
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
      folder[Symbol.dispose]();
    },
  };
}

/** The count in a heartbeat's file. */
export function countIn(file: string): number {
  return Number(Deno.readTextFileSync(file).trim().split(/\s+/).at(-1));
}

/** Resolves once the program has counted on. */
export async function grows(beat: Count): Promise<void> {
  const before = beat.count();
  await until(() => beat.count() >= before + 5, "the heartbeat grows");
}

/** Checks that the program does not count. */
export async function rests(beat: Count): Promise<void> {
  const before = beat.count();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(beat.count(), before);
}
