/**
 * What becomes of the target when the script ends, however it ends. Native tests: they send real signals to Windows' Deno in
 * the Wine host, and look at the target from outside, by the file that it keeps counting up.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";

const SCRIPT = join(import.meta.dirname ?? "", "scripts", "leave.ts");

interface Target {
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

async function runsOn(target: Target): Promise<void> {
  const before = target.count();
  await until(() => target.count() >= before + 5, "the target counts on");
}

async function stands(target: Target): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200)); // what was under way gets through
  const before = target.count();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(target.count(), before, "the target counts on, though it should have ended or be stopped");
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

interface Scene {
  readonly host: Host;
  readonly target: Target;
  /** Starts the script against the target and waits until it has it. */
  script(origin: "attached" | "launched", way: string): Promise<Deno.ChildProcess>;
}

async function scene(action: (scene: Scene) => Promise<void>): Promise<void> {
  const host = await prepareHost(["wine", "compiler"], () => {});
  const folder = await Deno.makeTempDir({ prefix: "latch-" });
  const target = await makeTarget(host, folder);
  const children: Deno.ChildProcess[] = [];
  const script: Scene["script"] = async (origin, way) => {
    if (origin === "attached") {
      const [program = "", ...args] = target.command;
      children.push(host.command(program, args, { stdout: "null", stderr: "null" }).spawn());
      await until(() => target.count() > 3, "the target begins to count");
    }
    const named = origin === "attached" ? target.name : JSON.stringify(target.command);
    const args = ["run", "--allow-ffi", "--no-check", host.windowsPath(SCRIPT), named, way];
    const child = host.command("deno.exe", args, { stdout: "piped", stderr: "null" }).spawn();
    children.push(child);
    await firstLine(child.stdout);
    return child;
  };
  try {
    await action({ host, target, script });
  } finally {
    await host.command("taskkill.exe", ["/f", "/im", target.name], { stdout: "null", stderr: "null" }).output();
    for (const child of children) await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads up to the first output, and the rest in the background. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /^ready \d+/);
  (async () => {
    while (!(await reader.read()).done) { /* until the script ends */ }
  })();
}

/**
 * Each way to end: how it is brought about, the script's exit code. None is looked at where the script throws: under Wine,
 * Windows' Deno ends with 0 instead of 1 after some uncaught errors, about one in ten, with an engine or without.
 */
const ENDS: readonly [way: string, signal: Deno.Signal | undefined, code: number | undefined][] = [
  ["throw", undefined, undefined],
  ["throw-undisposed", undefined, undefined],
  ["exit", undefined, 3],
  ["running", "SIGINT", 130],
  ["held", "SIGINT", 130],
  ["running", "SIGKILL", undefined],
  ["running-unbroken", "SIGKILL", undefined],
];

for (const [way, signal, code] of ENDS) {
  const ending = signal ? `${signal} while the program is ${way}` : way;
  Deno.test(`an attached program runs on after the script's end by ${ending}`, () =>
    scene(async ({ target, script }) => {
      const child = await script("attached", way);
      if (signal && way.startsWith("running")) await runsOn(target);
      if (signal && way === "held") await stands(target);
      if (signal) child.kill(signal);
      const status = await child.status;
      if (code !== undefined) assert.equal(status.code, code);
      await runsOn(target);
    }));

  Deno.test(`a launched program ends with the script's end by ${ending}`, () =>
    scene(async ({ target, script }) => {
      const child = await script("launched", way);
      if (signal && way.startsWith("running")) await runsOn(target);
      if (signal) child.kill(signal);
      const status = await child.status;
      if (code !== undefined) assert.equal(status.code, code);
      await stands(target);
    }));
}
