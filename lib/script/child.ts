/**
 * The process that a confined script lives in.
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import type { Rights } from "./rights.ts";

/** What starts a script's process. */
export interface ChildPlan {
  /** URL of the script. */
  readonly script: string;
  readonly args: readonly string[];
  readonly rights: Rights;
  /** Megabytes that JavaScript's own memory may take. */
  readonly heap: number;
  /** Whether colours are not wanted. */
  readonly noColor: boolean;
  /** Which modules of servers are fetched anew: all, or those at and below these URLs. */
  readonly reload: boolean | readonly string[];
}

/** URL of Latch's root, with a slash at the end. */
export const LATCH_ROOT: string = new URL("../../", import.meta.url).href;

/** What runs in its process before it. */
export const PRELOAD: string = new URL("../script/preload.ts", import.meta.url).href;

/** How names of this module lead to the Latch that confines the script. */
function importMap(): string {
  const imports = {
    "@latch/latch": `${LATCH_ROOT}mod.ts`,
    "@latch/latch/dbgeng": `${LATCH_ROOT}lib/generated/dbgeng.js`,
  };
  return `data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`;
}

/** Flags that say how modules are found: the same for the look at them and for the run. */
function moduleFlags(plan: ChildPlan): string[] {
  const local = isRemote(plan) ? [] : ["--no-remote"];
  return ["--no-config", "--no-lock", "--no-npm", `--import-map=${importMap()}`, ...local];
}

/** Whether any module can come from another machine. */
function isRemote({ script, rights: { importHosts } }: ChildPlan): boolean {
  return [script, LATCH_ROOT].some((url) => !url.startsWith("file:")) || importHosts.all || importHosts.list.length > 0;
}

/**
 * Deno's permissions, with modules of the script's and of Latch's own server where they come from one: what else that has, the look at the
 * imports refuses, and the run takes from the cache only.
 */
function denoFlags({ script, rights }: ChildPlan): string[] {
  const own = [script, LATCH_ROOT].filter((url) => !url.startsWith("file:")).map((url) => new URL(url).host);
  const { all, list } = rights.importHosts;
  // A script that may change its environment does not get that one either.
  const flags = rights.denoFlags.includes("--deny-env") ? rights.denoFlags : [...rights.denoFlags, `--deny-env=${GPU}`];
  if (own.length === 0 || all) return [...flags];
  const others = flags.filter((flag) => !/^--(?:deny-import$|allow-import=)/.test(flag));
  return [...others, `--allow-import=${[...new Set([...own, ...list])].join()}`];
}

/** Whether all that may be imported has been fetched by the look at the imports. */
function isFetched({ rights: { importHosts } }: ChildPlan): boolean {
  return !importHosts.all && importHosts.list.length === 0;
}

/** A folder that cannot be made, for a file is in its way. In one, `localStorage` and `caches` write without any permission. */
const NO_FOLDER = `${Deno.execPath()}/latch`;

/** Where this user's Deno keeps modules of servers; undefined where a Deno without an environment finds that by itself. */
function denoDir(): string | undefined {
  const [own, cache, home] = ["DENO_DIR", "XDG_CACHE_HOME", "HOME"].map((name) => Deno.env.get(name) || undefined);
  if (own !== undefined) return resolve(own);
  if (Deno.build.os === "windows") return undefined;
  if (Deno.build.os === "darwin") return home && join(home, "Library/Caches/deno");
  return cache !== undefined && isAbsolute(cache) ? join(cache, "deno") : home && join(home, ".cache/deno");
}

/** The variable that says by which of the system's libraries WebGPU works. */
const GPU = "DENO_WEBGPU_BACKEND";

/**
 * The environment is not the script's to see. Without `clearEnv` Deno would pass everything on. For WebGPU, which loads drivers into the
 * process, Deno asks no permission: the script gets a process that knows of no way to one.
 */
function environment(noColor: boolean): Record<string, string> {
  const quiet = { DENO_NO_PACKAGE_JSON: "1", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1", [GPU]: "none" };
  return noColor ? { ...quiet, NO_COLOR: "1" } : quiet;
}

/** The environment with that cache. */
function withCache(variables: Record<string, string>): Record<string, string> {
  const folder = denoDir();
  return folder === undefined ? variables : { ...variables, DENO_DIR: folder };
}

/** What is run is what was looked at: so this is for the look alone, which fetches. Deno finds nothing below a URL that ends in a slash. */
function reloadFlags({ reload }: ChildPlan): string[] {
  if (typeof reload === "boolean") return reload ? ["--reload"] : [];
  return reload.length > 0 ? [`--reload=${reload.map((url) => url.replace(/\/+$/, "")).join()}`] : [];
}

/** The command that says what a script, or another module in its place, imports; what comes from other machines is fetched for that. */
export function infoCommand(plan: ChildPlan, module = plan.script): Deno.Command {
  const hosts = denoFlags(plan).filter((flag) => /^--(allow|deny)-import\b/.test(flag));
  return new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...moduleFlags(plan), ...reloadFlags(plan), ...hosts, module],
    clearEnv: true,
    env: withCache(environment(true)),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** The command that runs a script. */
export function scriptCommand(plan: ChildPlan): Deno.Command {
  const { script, args, heap, noColor } = plan;
  const cached = isRemote(plan) && isFetched(plan) ? ["--cached-only"] : [];
  const modules = [...moduleFlags(plan), ...cached];
  const flags = ["--no-prompt", "--no-check", ...modules, `--v8-flags=--max-old-space-size=${heap}`];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, ...denoFlags(plan), `--preload=${PRELOAD}`, script, ...args],
    clearEnv: true,
    env: isRemote(plan) ? withCache(environment(noColor)) : { ...environment(noColor), DENO_DIR: NO_FOLDER },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}
