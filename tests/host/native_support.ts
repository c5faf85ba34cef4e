/** Sessions of this Deno, natively, whose engine lives in the Wine host; and a look at the hosts' processes from outside. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDebuggees } from "../../scripts/dev/debuggees.ts";
import { type Host, prepareHost } from "../../scripts/dev/host.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The Wine host that sessions take, and a way to name a debuggee to it. */
export interface Native {
  readonly host: Host;
  /** A debuggee, as Windows programs see it. */
  debuggee(name: string): string;
}

/** Prepares the host, and has the sessions of this process and its children take it. */
export async function prepareNative(): Promise<Native> {
  const host = await prepareHost(["wine", "compiler"], () => {});
  Deno.env.set("LATCH_HOST", host.deno);
  const folder = await buildDebuggees(host, () => {});
  return { host, debuggee: (name) => host.windowsPath(join(folder, name)) };
}

/** What a script that ran to its end has printed. */
export interface Result {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** Permissions of a script, and where it runs. */
export interface ScriptOptions {
  readonly rights?: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** A script of this Deno. All that it gets, if nothing else is said: to start its host. */
export function script(path: string, args: readonly string[], options: ScriptOptions = {}): Deno.Command {
  const { rights = ["--allow-run"], cwd, env } = options;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, "--no-prompt", "--no-check", resolve(ROOT, path), ...args],
    env: { NO_COLOR: "1", ...env },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Runs a script to its end. */
export async function run(path: string, args: readonly string[], options: ScriptOptions = {}): Promise<Result> {
  const { code, stdout, stderr } = await script(path, args, options).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout), errors: decode(stderr) };
}

/** Process ids of the hosts that a process has started and that are there yet. */
export function hostsOf(parent: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger).filter((pid) => {
    const status = read(`/proc/${pid}/status`);
    return new RegExp(`^PPid:\\t${parent}$`, "m").test(status) && !/^State:\tZ/m.test(status) &&
      read(`/proc/${pid}/cmdline`).includes("generated/host.js");
  });
}

/** Whether a process is there. */
export function isThere(pid: number): boolean {
  const status = read(`/proc/${pid}/status`);
  return status !== "" && !/^State:\tZ/m.test(status);
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
