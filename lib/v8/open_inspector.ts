import { AttachError, EngineError } from "../session/errors.ts";
import { listTargets, processIdOf } from "./discovery.ts";
import { permissionError } from "./permission.ts";
import type { InspectorTarget } from "./protocol.ts";
import { delay } from "./time.ts";

/** The bit of SIGUSR1 in the mask of signals that a process handles. */
const SIGUSR1_BIT = 1n << 9n;

/** How long a program that has just started may take until it handles the signal. */
const START_MILLISECONDS = 3000;

/** How long it may take to open its inspector. */
const OPEN_MILLISECONDS = 5000;

/** Names of runtimes' processes; Node's main thread has one of its own. */
const RUNTIME = /^(node|deno|MainThread)/i;

/** Has a process open its inspector, unless it is open; the target at the address. */
export async function openInspector(processId: number, address: string): Promise<InspectorTarget> {
  const open = await targetOf(processId, address);
  if (open) return open;
  if (Deno.build.os === "windows") await tellWindows(processId);
  else await signal(processId);
  const end = Date.now() + OPEN_MILLISECONDS;
  while (Date.now() < end) {
    const target = await targetOf(processId, address);
    if (target) return target;
    await delay(50);
  }
  const text = `no inspector opened at ${address}; if it has one elsewhere, give that address`;
  throw new AttachError("failed", `Cannot attach to process ${processId}: ${text}`);
}

/** The process's target at an address, if there is one. Another's there would get in the way. */
async function targetOf(processId: number, address: string): Promise<InspectorTarget | undefined> {
  let targets: InspectorTarget[];
  try {
    targets = await listTargets(address);
  } catch (error) {
    if (error instanceof AttachError) return undefined;
    throw error;
  }
  let other = 0;
  for (const target of targets) {
    const found = await processIdOf(target);
    if (found === processId) return target;
    other ||= found;
  }
  if (other === 0) return undefined;
  const text = `Cannot attach to process ${processId}: the inspector at ${address} is process ${other}'s`;
  throw new AttachError("address-in-use", `${text}; start yours with --inspect=0 and give its address`);
}

/** The signal kills what does not handle it: everything but Node and Deno, and these in their first moments. */
async function signal(processId: number): Promise<void> {
  const what = `Cannot attach to process ${processId}`;
  const end = Date.now() + START_MILLISECONDS;
  for (;;) {
    const status = await processStatus(processId);
    if (Deno.build.os !== "linux" || handlesSignal(processId, status)) break;
    if (Date.now() > end) {
      throw new AttachError(
        "not-supported",
        `${what}: it takes no signal to open its inspector; start it with --inspect`,
      );
    }
    await delay(20);
  }
  try {
    Deno.kill(processId, "SIGUSR1");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw noSuchProcess(processId);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new AttachError("access-denied", `${what}: the system denies access; run as the user whose process it is`);
    }
    throw permissionError(error, what, "--allow-run") ?? error;
  }
}

function handlesSignal(processId: number, status: string): boolean {
  const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? "";
  const isZombie = /^State:\s*[ZX]/m.test(status);
  if (isZombie) throw noSuchProcess(processId);
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  if ((BigInt(`0x${caught}`) & SIGUSR1_BIT) === 0n) return false;
  if (RUNTIME.test(name)) return true;
  const text = `Cannot attach to process ${processId}: ${name} is neither node nor deno`;
  throw new AttachError("not-supported", `${text}; start it with --inspect and give its address`);
}

/** `/proc/PID/status`. Deno lets few scripts read there, so that `cat` has to do it for others. */
async function processStatus(processId: number): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  const path = `/proc/${processId}/status`;
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw noSuchProcess(processId);
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
  try {
    const { success, stdout } = await new Deno.Command("cat", { args: [path], stderr: "null" }).output();
    if (!success) throw noSuchProcess(processId);
    return new TextDecoder().decode(stdout);
  } catch (error) {
    throw permissionError(error, `Cannot attach to process ${processId}`, "--allow-run") ?? error;
  }
}

/** On Windows Node itself knows how: it starts a thread in the other process. */
async function tellWindows(processId: number): Promise<void> {
  const what = `Cannot attach to process ${processId}`;
  try {
    const args = ["-e", `process._debugProcess(${processId})`];
    const { success } = await new Deno.Command("node", { args, stdout: "null", stderr: "null" }).output();
    if (!success) throw noSuchProcess(processId);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new EngineError("not-found", `${what}: that needs node; install it, or give the inspector's address`);
    }
    throw permissionError(error, what, "--allow-run") ?? error;
  }
}

function noSuchProcess(processId: number): AttachError {
  const text = `Cannot attach to process ${processId}: there is no such process; give the id of one that runs`;
  return new AttachError("no-such-process", text);
}
