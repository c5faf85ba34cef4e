/** Stacks of dumps that cannot be walked, since neither the dump nor this machine has the code that a thread stands in. */
import type { DumpReport } from "../dbgeng/dump.ts";
import type { ModuleInfo } from "../session/engine.ts";

/**
 * The modules of the system in which threads stand and none of whose functions could be named: all of them export some, so their images were not to
 * be had. What stands behind them in a stack is a guess.
 */
export function blindModules({ threads, modules }: Pick<DumpReport, "threads" | "modules">): string[] {
  const symbols = threads.flatMap(({ stack }) => stack.map(({ symbol }) => symbol ?? ""));
  const named = new Set(symbols.flatMap((symbol) => symbol.includes("!") ? [symbol.split("!", 1)[0]] : []));
  const tops = new Set(threads.map(({ stack }) => stack[0]?.symbol?.split("!", 1)[0]));
  const isBlind = ({ name, imageName }: ModuleInfo): boolean =>
    OF_SYSTEM.test(imageName) && tops.has(name) && !named.has(name);
  return modules.filter(isBlind).map(({ name }) => name);
}

const OF_SYSTEM = /^[a-z]:\\windows\\/i;

/** What to do about it. */
export function blindText(modules: readonly string[]): string {
  const advice = "write it with all memory (latch dump write --full), or show it where these files are";
  return `not told behind ${modules.join(", ")}, of which neither the dump nor the engine has the code here; ${advice}`;
}
