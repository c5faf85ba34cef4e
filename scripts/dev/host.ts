/**
 * The Wine host of `lib/cli/host`, and a Windows compiler beside it: all that the tests need on a plain Debian.
 *
 *     deno run -A scripts/dev/host.ts --help
 *
 * @module
 */
import { join } from "node:path";
import { type Log, makeMissing } from "../../lib/cli/host/cache.ts";
import {
  engineFolders,
  type Host as WindowsHost,
  prepareWindows,
  refuseOtherSystems,
  userCache,
} from "../../lib/cli/host/host.ts";
import { findProgram } from "../../lib/cli/host/process.ts";
import { engineStep } from "../../lib/cli/host/steps.ts";
import { windowsPathOf } from "../../lib/cli/host/wine.ts";
import { wrapperPath } from "../../lib/cli/host/wrapper.ts";
import { main } from "./host/cli.ts";
import { compilerStep } from "./host/compiler.ts";
import { x86CompilerStep, x86Flags } from "./host/compiler_x86.ts";

/** What to prepare: Windows programs, 32-bit ones as well, or the tools that compile them. */
export type HostPart = "wine" | "x86" | "compiler";

/** A machine that runs Windows programs and compiles them. */
export interface Host extends WindowsHost {
  /** A compiler tool (clang, llvm-readobj, …) with arguments. Needs the part "compiler". */
  tool(program: string, args: readonly string[], options?: Deno.CommandOptions): Deno.Command;
  /** What clang has to be told, beside the target, to make 32-bit programs. */
  readonly x86Flags: readonly string[];
}

const COMPILER_TOOLS = ["clang", "ld.lld", "llvm-readobj", "x86_64-w64-mingw32-gcc"];

/** Variable with the number of the Wine prefix to use where the caller names none; tests that start a host get it. */
export const PREFIX = "LATCH_PREFIX";

/**
 * Prepares what is asked for, once per machine; with everything there it only looks.
 *
 * @param prefix Number of the Wine prefix, as for `prepareWindows`.
 * @throws {Error} that says what to install or set when something cannot be had.
 */
export async function prepareHost(
  parts: readonly HostPart[],
  log: Log = console.error,
  prefix: number = Number(Deno.env.get(PREFIX) ?? 1),
): Promise<Host> {
  // The compiler first: Wine's server, which the other part wakes, would not wait for its download.
  const tools = parts.includes("compiler")
    ? { tool: await prepareCompiler(userCache(), log), x86Flags: await prepareX86(userCache(), log) }
    : { tool: refuseTools, x86Flags: [] };
  const runsWindows = parts.includes("wine") || Deno.build.os === "windows";
  return {
    ...runsWindows ? await prepareWindows(log, { prefix, x86: parts.includes("x86") }) : await engineOnly(log),
    ...tools,
  };
}

/** What compiling needs of Windows: the engine's header. */
async function engineOnly(log: Log): Promise<WindowsHost> {
  refuseOtherSystems();
  const cache = userCache();
  await makeMissing(cache, [engineStep(cache)], log);
  return {
    ...{ kind: "wine", cache, ...engineFolders(cache), deno: wrapperPath(cache), windowsPath: windowsPathOf },
    command: () => refusePart("wine"),
  };
}

async function prepareCompiler(cache: string, log: Log): Promise<Host["tool"]> {
  const isHere = Deno.build.os === "windows" || COMPILER_TOOLS.every((name) => findProgram(name) !== undefined);
  if (isHere) return (program, args, options = {}) => new Deno.Command(program, { ...options, args: [...args] });
  const root = join(cache, "compiler");
  await makeMissing(cache, [compilerStep(root)], log);
  return (program, args, options = {}) => {
    const bin = join(root, "usr/bin");
    const env = { PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`, ...options.env };
    return new Deno.Command(join(bin, program), { ...options, args: [...args], env });
  };
}

/** On Windows the compiler that is there brings all that it takes. */
async function prepareX86(cache: string, log: Log): Promise<string[]> {
  if (Deno.build.os === "windows") return [];
  const root = join(cache, "compiler-x86");
  await makeMissing(cache, [x86CompilerStep(root)], log);
  return x86Flags(root);
}

const refuseTools = (): never => refusePart("compiler");

function refusePart(part: HostPart): never {
  throw new TypeError(`Cannot use the host's ${part}: call prepareHost(["${part}"])`);
}

if (import.meta.main) Deno.exit(await main(Deno.args, prepareHost));
