import type { ProgramEnd } from "../session/contract.ts";
import { EngineError } from "../session/errors.ts";
import { answers } from "./discovery.ts";
import type { RunningChild } from "./launch.ts";
import type { Target } from "./target.ts";
import { within } from "./time.ts";

/** How long the program may take for what it is told on leaving. */
const MILLISECONDS = 3000;

/**
 * Ends the program from inside: at once, without its own handlers where the runtime has a way for that. `Deno.exit` while the
 * debugger asks panics or hangs, so it is for programs that may not signal themselves.
 */
const EXIT = `if (!globalThis.Deno) process.reallyExit(1);
if (Deno.permissions.querySync({ name: "run" }).state === "granted") Deno.kill(Deno.pid, "SIGKILL");
Deno.exit(1);`;

/** Lets a program go; how it left. */
export async function letGo(
  target: Target,
  child: RunningChild | undefined,
  how: "detach" | "terminate",
): Promise<ProgramEnd["reason"]> {
  if (how === "terminate") {
    await (child ? kill(target, child) : exit(target));
    return "terminated";
  }
  await detach(target, child);
  return "detached";
}

/** Lets a program go without waiting. A paused one goes on when the connection ends with our process. */
export function letGoNow(target: Target, child: RunningChild | undefined, how: "detach" | "terminate"): void {
  if (how === "terminate" && child) return child.kill();
  if (how === "terminate") target.client.send("Runtime.evaluate", { expression: EXIT });
  target.client.send("Debugger.disable");
  target.client.send("Runtime.runIfWaitingForDebugger");
  target.client.closeNow();
}

async function kill(target: Target, child: RunningChild): Promise<void> {
  child.kill();
  await child.endedWithin();
  await target.client.close();
}

async function detach(target: Target, child: RunningChild | undefined): Promise<void> {
  const { client } = target;
  // What we launched still waits if it never ran, and would wait for ever.
  if (child && !target.begun) await target.beginPaused();
  await client.call("Debugger.setPauseOnExceptions", { state: "none" }, MILLISECONDS).catch(() => {});
  await client.call("Debugger.disable", {}, MILLISECONDS).catch(() => {});
  await client.close();
  child?.leave();
}

async function exit(target: Target): Promise<void> {
  const { client } = target;
  const { promise, resolve } = Promise.withResolvers<void>();
  target.onEnd = resolve;
  client.send("Debugger.setPauseOnExceptions", { state: "none" });
  client.send("Runtime.evaluate", { expression: EXIT, silent: true, disableBreaks: true });
  await within(Promise.race([promise, client.closed]), MILLISECONDS);
  await client.close();
  if (await answers(client.url)) {
    throw new EngineError("failed", "Cannot terminate the program: it is busy and does not listen; end its process");
  }
}
