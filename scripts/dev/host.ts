/**
 * The Wine host: makes Windows programs, the debugger engine and a Windows compiler runnable on a plain Debian.
 *
 *     deno run -A scripts/dev/host.ts --help
 */
import { join } from "node:path";
import { cacheFolder, type Log, makeMissing, type Step } from "./host/cache.ts";
import { main } from "./host/cli.ts";
import { compilerStep, denoStep, engineStep, prefixStep, wineStep } from "./host/steps.ts";
import { ENGINE_PACKAGE, ENGINE_VERSION } from "./host/packages.ts";
import { findProgram, pinned } from "./host/process.ts";
import { ownWine, serverBeside } from "./host/relocate.ts";
import { wakeWine, windowsPathOf, type Wine, wineEnvironment } from "./host/wine.ts";

/** What to prepare: Windows programs, or the tools that compile them. */
export type HostPart = "wine" | "compiler";

/** A machine that runs Windows programs: Windows itself, or Wine. */
export interface Host {
  readonly kind: "wine" | "windows";
  /** Cache folder, outside the checkout. */
  readonly cache: string;
  /** Folder with the engine's DLLs for this architecture. */
  readonly engine: string;
  /** Folder with dbgeng.h. */
  readonly header: string;
  /** A Windows program (a path, or "deno.exe") with arguments, ready to spawn. Paths in `args` are the caller's to translate. */
  command(program: string, args: readonly string[], options?: CommandOptions): Deno.Command;
  /** A compiler tool (clang, llvm-readobj, …) with arguments. Needs the part "compiler". */
  tool(program: string, args: readonly string[], options?: Deno.CommandOptions): Deno.Command;
  /** A path of this machine as Windows programs see it. */
  windowsPath(path: string): string;
}

/** How a Windows program starts. */
export interface CommandOptions extends Deno.CommandOptions {
  /** The processor that it and what it starts are kept to; Wine on a machine with `taskset` only. */
  readonly processor?: number | undefined;
}

const COMPILER_TOOLS = ["clang", "ld.lld", "llvm-readobj", "x86_64-w64-mingw32-gcc"];

/** Variable with the number of the Wine prefix to use where the caller names none; tests that start a host get it. */
export const PREFIX = "LATCH_PREFIX";

/**
 * Prepares what is asked for, once per machine; with everything there it only looks.
 *
 * @param prefix Number of the Wine prefix. Programs of different prefixes share no Wine server: they neither see nor slow each other.
 * @throws {Error} that says what to install or set when something cannot be had.
 */
export async function prepareHost(
  parts: readonly HostPart[],
  log: Log = console.error,
  prefix: number = Number(Deno.env.get(PREFIX) ?? 1),
): Promise<Host> {
  const cache = cacheFolder((name) => Deno.env.get(name));
  const engine = engineStep(cache);
  if (Deno.build.os === "windows") {
    await makeMissing(cache, [engine], log);
    return windowsHost(cache);
  }
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    const here = `${Deno.build.os} ${Deno.build.arch}`;
    throw new Error(`Cannot run Windows programs on ${here}: use Linux x86_64 or Windows`);
  }
  const steps: Step[] = [engine];
  const wine = await chooseWine(cache, prefix);
  const hasTools = COMPILER_TOOLS.every((name) => findProgram(name) !== undefined);
  if (parts.includes("wine")) {
    if (wine.root) steps.push(wineStep(wine.root));
    steps.push(denoStep(cache), prefixStep(wine, engine.folder));
  }
  const compiler = hasTools ? undefined : join(cache, "compiler");
  if (parts.includes("compiler") && compiler) steps.push(compilerStep(compiler));
  await makeMissing(cache, steps, log);
  if (parts.includes("wine")) await wakeWine(wine);
  return wineHost(wine, compiler, parts);
}

async function chooseWine(cache: string, number: number): Promise<Wine & { root?: string }> {
  const own = await ownWine();
  const suffix = number === 1 ? "" : `-${number}`;
  const folders = { cache, prefix: join(cache, `prefix${suffix}`), denoDir: join(cache, `deno-dir${suffix}`) };
  if (own) return { ...folders, loader: own, server: serverBeside(own) };
  const root = join(cache, "wine");
  const loader = join(root, "usr/lib/wine/wine64");
  return { ...folders, root, loader, server: serverBeside(loader) };
}

function engineFolders(cache: string): { engine: string; header: string } {
  const folder = join(cache, "engine", ENGINE_PACKAGE, ENGINE_VERSION);
  const architecture = Deno.build.os === "windows" && Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  return {
    engine: join(folder, "content", architecture),
    header: join(folder, "build/native/inc"),
  };
}

function wineHost(wine: Wine, compiler: string | undefined, parts: readonly HostPart[]): Host {
  const { cache } = wine;
  return {
    kind: "wine",
    cache,
    ...engineFolders(cache),
    command(program, args, { processor, ...options } = {}): Deno.Command {
      requirePart(parts, "wine");
      const path = program === "deno.exe" ? denoStep(cache).folder + "/deno.exe" : program;
      const env = { ...wineEnvironment(wine), ...options.env };
      const [first, ...more] = pinned([wine.loader, path, ...args], processor);
      return new Deno.Command(first, { ...options, args: more, env });
    },
    tool(program, args, options = {}): Deno.Command {
      requirePart(parts, "compiler");
      if (!compiler) return new Deno.Command(program, { ...options, args: [...args] });
      const bin = join(compiler, "usr/bin");
      const env = { PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`, ...options.env };
      return new Deno.Command(join(bin, program), { ...options, args: [...args], env });
    },
    windowsPath: windowsPathOf,
  };
}

function windowsHost(cache: string): Host {
  const folders = engineFolders(cache);
  return {
    kind: "windows",
    cache,
    ...folders,
    command(program, args, { processor: _, ...options } = {}): Deno.Command {
      const path = program === "deno.exe" ? Deno.execPath() : program;
      // The package lies in our cache, where scripts do not look by themselves.
      const env = { LATCH_ENGINE: folders.engine, ...options.env };
      return new Deno.Command(path, { ...options, env, args: [...args] });
    },
    tool: (program, args, options = {}) => new Deno.Command(program, { ...options, args: [...args] }),
    windowsPath: (path) => path,
  };
}

function requirePart(parts: readonly HostPart[], part: HostPart): void {
  if (parts.includes(part)) return;
  throw new TypeError(`Cannot use the host's ${part}: call prepareHost(["${part}"])`);
}

if (import.meta.main) Deno.exit(await main(Deno.args, prepareHost));
