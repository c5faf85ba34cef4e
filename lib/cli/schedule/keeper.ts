/**
 * Stands between a scheduler and the process of a run: `keeper.ts GRACE_MS SCHEDULER PROGRAM ARGS…`. When its standard input ends, because the
 * scheduler says so or was killed, it ends the run: gently, then by force. Whatever else the run started is ended with it.
 *
 * @module
 */
import process from "node:process";
import { endsWithin } from "./clock.ts";
import { endTree, kill, MARK } from "./processes.ts";

/** Exit code of what SIGTERM ended. */
const TERMINATED = 128 + 15;

async function inputEnds(): Promise<void> {
  try {
    for await (const _ of Deno.stdin.readable) { /* Nothing is said there. */ }
  } catch {
    // As good as its end.
  }
}

/** Resolves when the run is to end before its time. */
function isAsked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  inputEnds().then(resolve);
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve());
  return promise;
}

/** Asks the process to leave; one that does not within the time is killed. Its hosts see that, and let their programs go. */
async function endGently(child: Deno.ChildProcess, grace: number): Promise<void> {
  await child.stdin.close().catch(() => {});
  // Windows has no signal that asks: what takes no notice of its input's end is ended with all that it started.
  if (Deno.build.os === "windows") {
    if (!await endsWithin(child.status, Math.min(grace, 1000))) await endTree({ mark: "", leader: child.pid }, 0);
    return;
  }
  kill(child.pid, "SIGTERM");
  await endsWithin(child.status, grace);
  // Harmless if it is gone: its number is not free before its status was fetched, and then kill fails.
  kill(child.pid, "SIGKILL");
}

async function keep(grace: number, program: string, args: string[]): Promise<number> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "inherit", stderr: "inherit" }).spawn();
  let hasEnded = false;
  const status = child.status.finally(() => hasEnded = true);
  await Promise.race([status, isAsked()]);
  if (!hasEnded) await endGently(child, grace);
  const { code } = await status;
  if (Deno.build.os === "windows") return code;
  await endTree({ mark: Deno.env.get(MARK) ?? "", leader: Deno.pid, except: Deno.pid }, grace);
  return code;
}

if (import.meta.main) {
  const [grace = "0", scheduler = "", program = "", ...args] = Deno.args;
  // The scheduler was killed, and the next one could not see yet what this process belongs to: it takes the run for ended.
  if (Deno.ppid !== Number(scheduler)) process.exit(TERMINATED);
  try {
    // Not Deno.exit with the child's own words on the way: all its output went straight through.
    process.exit(await keep(Number(grace), program, args));
  } catch (error) {
    console.error(`error: Cannot start ${program}: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
}
