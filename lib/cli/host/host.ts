import { join } from "node:path";
import { cacheFolder, isDone, type Log, makeMissing, type Step } from "./cache.ts";
import { ENGINE_PACKAGE, ENGINE_VERSION } from "./packages.ts";
import { pinned } from "./process.ts";
import { ownWine, serverBeside } from "./relocate.ts";
import { denoStep, engineStep, prefixStep, wineStep } from "./steps.ts";
import { programEnvironment, wakeWine, WINDOWS_DENO, windowsPathOf, type Wine } from "./wine.ts";
import { requireOwnX86, x86PrefixStep, x86Step } from "./x86.ts";
import { wrapperPath, writeWrapper } from "./wrapper.ts";

/** A machine that runs Windows programs: Windows itself, or Wine. */
export interface Host {
  readonly kind: "wine" | "windows";
  /** Cache folder, outside the checkout. */
  readonly cache: string;
  /** Folder with the engine's DLLs for this architecture. */
  readonly engine: string;
  /** Folder with dbgeng.h. */
  readonly header: string;
  /** Program that runs Windows' Deno with the arguments it is given: what LATCH_HOST names. */
  readonly deno: string;
  /** A Windows program (a path, or "deno.exe") with arguments, ready to spawn. Paths in `args` are the caller's to translate. */
  command(program: string, args: readonly string[], options?: CommandOptions): Deno.Command;
  /** A path of this machine as Windows programs see it. */
  windowsPath(path: string): string;
}

/** How a Windows program starts. */
export interface CommandOptions extends Deno.CommandOptions {
  /** The processor that it and what it starts are kept to; Wine on a machine with `taskset` only. */
  readonly processor?: number | undefined;
}

/** What a machine is prepared for. */
export interface Preparation {
  /** Number of the Wine prefix, 1 without. Programs of different prefixes share no Wine server: they neither see nor slow each other. */
  readonly prefix?: number;
  /** Whether 32-bit programs are to run as well; Windows runs them anyway. */
  readonly x86?: boolean;
}

/**
 * Prepares this machine to run Windows programs under the debugger, once; with everything there it only looks.
 *
 * @throws {Error} that says what to install or set when something cannot be had.
 */
export async function prepareWindows(
  log: Log = console.error,
  { prefix = 1, x86 = false }: Preparation = {},
): Promise<Host> {
  const cache = userCache();
  const engine = engineStep(cache);
  if (Deno.build.os === "windows") {
    await makeMissing(cache, [engine], log);
    return windowsHost(cache);
  }
  refuseOtherSystems();
  const wine = await chooseWine(cache, prefix);
  const steps: Step[] = [engine];
  if (wine.root) steps.push(wineStep(wine.root));
  steps.push(denoStep(cache), prefixStep(wine, engine.folder));
  if (wine.root && (x86 || isDone(x86Step(wine.root, wine)))) {
    steps.push(x86Step(wine.root, wine), x86PrefixStep(wine.root, wine));
  }
  await makeMissing(cache, steps, log);
  if (x86 && !wine.root) await requireOwnX86(wine);
  await wakeWine(wine);
  const deno = wrapperPath(cache, prefix);
  await writeWrapper(deno, wine, windowsDeno(cache));
  return wineHost(wine, deno);
}

/** The cache folder of this user. */
export function userCache(): string {
  return cacheFolder((name) => Deno.env.get(name));
}

/** Throws where Windows programs cannot run. */
export function refuseOtherSystems(): void {
  const { os, arch } = Deno.build;
  if (os === "windows" || (os === "linux" && arch === "x86_64")) return;
  throw new Error(`Cannot run Windows programs on ${os} ${arch}: use Linux x86_64 or Windows`);
}

/** Where the cache has the engine's package. */
export function engineFolders(cache: string): Pick<Host, "engine" | "header"> {
  const folder = join(cache, "engine", ENGINE_PACKAGE, ENGINE_VERSION);
  const architecture = Deno.build.os === "windows" && Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  return { engine: join(folder, "content", architecture), header: join(folder, "build/native/inc") };
}

/** The folder of a Wine prefix. */
export function prefixFolder(cache: string, number: number): string {
  return join(cache, number === 1 ? "prefix" : `prefix-${number}`);
}

/** The Wine that a prefix is for; `root` where it is one that Latch unpacks. */
export async function chooseWine(cache: string, number: number): Promise<Wine & { root?: string }> {
  const own = await ownWine();
  const suffix = number === 1 ? "" : `-${number}`;
  const folders = { cache, prefix: prefixFolder(cache, number), denoDir: join(cache, `deno-dir${suffix}`) };
  if (own) return { ...folders, loader: own, server: serverBeside(own) };
  const root = join(cache, "wine");
  const loader = join(root, "usr/lib/wine/wine64");
  return { ...folders, root, loader, server: serverBeside(loader) };
}

function windowsDeno(cache: string): string {
  return join(denoStep(cache).folder, WINDOWS_DENO);
}

function wineHost(wine: Wine, deno: string): Host {
  const { cache } = wine;
  return {
    ...{ kind: "wine", cache, deno },
    ...engineFolders(cache),
    command(program, args, { processor, ...options } = {}): Deno.Command {
      const path = program === WINDOWS_DENO ? windowsDeno(cache) : program;
      const env = { ...programEnvironment(wine), ...options.env };
      const [first, ...more] = pinned([wine.loader, path, ...args], processor);
      return new Deno.Command(first, { ...options, args: more, env, clearEnv: true });
    },
    windowsPath: windowsPathOf,
  };
}

function windowsHost(cache: string): Host {
  const folders = engineFolders(cache);
  return {
    ...{ kind: "windows", cache, deno: Deno.execPath() },
    ...folders,
    command(program, args, { processor: _, ...options } = {}): Deno.Command {
      const path = program === WINDOWS_DENO ? Deno.execPath() : program;
      // The package lies in our cache, where scripts do not look by themselves.
      const env = { LATCH_ENGINE: folders.engine, ...options.env };
      return new Deno.Command(path, { ...options, env, args: [...args] });
    },
    windowsPath: (path) => path,
  };
}
