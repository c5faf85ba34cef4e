/** What live tests share. They run by Windows' Deno, one process a file; `scripts/dev/test.ts` sets the environment. */
import { join } from "node:path";
import { isWine } from "../../lib/dbgeng/thread/windows.ts";

/** Both ways in which the engine is hosted. */
export const hostings = ["worker", "inline"] as const;

function variable(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot run a live test: ${name} is not set; run \`deno task test\``);
  return value;
}

/** Full Windows path of a debuggee, for example `debuggee("crash.exe")`. */
export function debuggee(name: string): string {
  return join(variable("LATCH_DEBUGGEES"), name);
}

/** Folder of the engine's DLLs. */
export function engineFolder(): string {
  return variable("LATCH_TEST_ENGINE");
}

const FAMILY = ["dbgcore", "dbghelp", "dbgmodel", "dbgeng"];

/**
 * Keeps the engine's DLLs loaded until the process ends. A file with many sessions calls it: each worker would load them anew
 * and let them go, a quarter of a second each time.
 */
export function keepEngine(): void {
  for (const name of FAMILY) Deno.dlopen(join(engineFolder(), `${name}.dll`), {});
}

let isClientKnown = false;

/** The client in C. It hosts the engine, and Wine has to be told so: it would load its own for it. */
export function nativeClient(args: readonly string[], options: Omit<Deno.CommandOptions, "args"> = {}): Deno.Command {
  if (isWine() && !isClientKnown) FAMILY.forEach(preferNative);
  isClientKnown = true;
  return new Deno.Command(debuggee("client.exe"), { ...options, args: [engineFolder(), ...args] });
}

function preferNative(name: string): void {
  const key = "HKCU\\Software\\Wine\\AppDefaults\\client.exe\\DllOverrides";
  const args = ["add", key, "/v", name, "/d", "native,builtin", "/f"];
  const { success } = new Deno.Command("reg.exe", { args, stdin: "null" }).outputSync();
  if (!success) throw new Error(`Cannot have the native client take ${name}: reg.exe failed`);
}

/** A new folder that is deleted when the returned object is disposed. */
export function scratch(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "latch-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Polls until a condition holds; for what no event tells, such as a file of another process. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 20_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`Timed out after ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
