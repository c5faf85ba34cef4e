/** A target in the Wine host, and a script that debugs it: looked at from outside, by the file that the target counts up. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";

const SCRIPT = join(import.meta.dirname ?? "", "scripts", "leave.ts");

/** The program that a script debugs. */
export interface Target {
  /** The count that it has reached. */
  count(): number;
  readonly name: string;
  readonly command: readonly string[];
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; !condition();) {
    if (performance.now() > end) throw new Error(`Timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when it has counted some more. */
export async function runsOn(target: Target): Promise<void> {
  const before = target.count();
  await until(() => target.count() >= before + 5, "the target counts on");
}

/** Resolves when it has not counted for a while. */
export async function stands(target: Target): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200)); // what was under way gets through
  const before = target.count();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(target.count(), before, "the target counts on, though it should have ended or be stopped");
}

/** Whether it counts for a while, before some milliseconds are over. */
export async function counts(target: Target, patience: number): Promise<boolean> {
  const [before, end] = [target.count(), performance.now() + patience];
  const some = (): boolean => target.count() >= before + 20;
  while (!some() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  return some();
}

/**
 * Stops a debugger's process in a moment in which its targets run, so that it can be killed then: at the end of each of its waits the engine
 * suspends them for a moment, as the README says, and on a busy machine that may last.
 */
export async function stopWhileRunning(pid: number, targets: readonly Target[]): Promise<void> {
  const allRun = async (): Promise<boolean> => {
    const before = targets.map((target) => target.count());
    for (const end = performance.now() + 2_000; performance.now() < end;) {
      if (targets.every((target, index) => target.count() > (before[index] ?? 0) + 2)) return true;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
  };
  for (Deno.kill(pid, "SIGSTOP"); !await allRun(); Deno.kill(pid, "SIGSTOP")) {
    Deno.kill(pid, "SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 25)); // for it to come out of that moment
  }
}

/** Whether the target's process is there; one that is suspended is. */
export async function isThere({ host, target }: Scene): Promise<boolean> {
  const { stdout } = await host.command("tasklist.exe", [], { stderr: "null" }).output();
  return new TextDecoder().decode(stdout).includes(target.name);
}

/** Resolves when the target has ended. */
export async function ends(scene: Scene): Promise<void> {
  for (const end = performance.now() + 20_000; await isThere(scene);) {
    if (performance.now() > end) throw new Error("Timed out: the target ends");
  }
}

/** A copy of the heartbeat program under a name of its own, so that it can be attached to by name. */
async function makeTarget(host: Host, folder: string): Promise<Target> {
  const name = `beat-${crypto.randomUUID().slice(0, 8)}.exe`;
  const program = join(folder, name);
  await Deno.copyFile(join(await buildDebuggees(host, () => {}), "heartbeat.exe"), program);
  const file = join(folder, "count.txt");
  await Deno.writeTextFile(file, "0");
  const count = (): number => Number(Deno.readTextFileSync(file).trim().split(/\s+/).at(-1));
  return { count, name, command: [host.windowsPath(program), host.windowsPath(file), "10"] };
}

/** What a test has at hand. */
export interface Scene {
  readonly host: Host;
  readonly target: Target;
  /** Starts the target without a debugger, with options of heartbeat.c. */
  start(...options: string[]): Promise<void>;
  /** Starts the script against the target and waits until it has it, and a running program that it attaches to beside. */
  script(origin: "attached" | "launched", way: string, beside?: Target): Promise<Deno.ChildProcess>;
}

/** Sets a scene up, and clears it away whatever comes of it. */
export async function scene(action: (scene: Scene) => Promise<void>): Promise<void> {
  const host = await prepareHost(["wine", "compiler"], () => {});
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  const target = await makeTarget(host, folder);
  const children: Deno.ChildProcess[] = [];
  const start = async (...options: string[]): Promise<void> => {
    const [program = "", ...args] = [...target.command, ...options];
    children.push(host.command(program, args, { stdout: "null", stderr: "null" }).spawn());
    await until(() => target.count() > 3, "the target begins to count");
  };
  const script: Scene["script"] = async (origin, way, beside) => {
    // Only where events are wanted: a program that is killed in the middle of one counts as held.
    const options = ["stopped", "handler"].includes(way) ? ["--raise"] : [];
    if (origin === "attached") await start(...options);
    const named = origin === "attached" ? target.name : JSON.stringify([...target.command, ...options]);
    const args = ["run", "--allow-ffi", "--no-check", host.windowsPath(SCRIPT), named, way, "worker"];
    if (beside) args.push(beside.name);
    const child = host.command("deno.exe", args, { stdout: "piped", stderr: "null" }).spawn();
    children.push(child);
    await firstLine(child.stdout);
    return child;
  };
  try {
    await action({ host, target, start, script });
  } finally {
    await host.command("taskkill.exe", ["/f", "/im", target.name], { stdout: "null", stderr: "null" }).output();
    for (const child of children) await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads up to the first output, and the rest in the background. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /^ready \d+/);
  (async () => {
    while (!(await reader.read()).done) { /* until the script ends */ }
  })();
}
