import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ChildPlan, infoCommand, LATCH_ROOT, PRELOAD } from "./child.ts";
import { fromFileUrl, MAX_TEXT, realPath, textUpTo } from "./files.ts";
import { graphFault, type ModuleGraph } from "./graph.ts";

/** How long the look at a script's imports may take, in milliseconds. */
const INFO = 60_000;

/** The URL of a script that was named by a path or a URL; of a file, the one that it really has, links followed. */
export function scriptUrl(script: string | URL): string {
  const isUrl = script instanceof URL || /^(?:https?|file):/i.test(script);
  const url = isUrl ? new URL(script) : pathToFileURL(resolve(script));
  return url.protocol === "file:" && url.host === "" ? pathToFileURL(realPath(fromFileUrl(url))).href : url.href;
}

/** Refuses a script that imports what it must not; Deno itself tells of what cannot be loaded. */
export async function checkImports(plan: ChildPlan): Promise<void> {
  const graph = await readGraph(plan, plan.script);
  if (!PRELOAD.startsWith("file:")) await readGraph(plan, PRELOAD); // so that it is in the cache
  const limits = { script: plan.script, latch: LATCH_ROOT, hosts: plan.rights.importHosts, realPath };
  const fault = graphFault(graph, limits);
  if (fault !== undefined) throw cannotRun(plan, fault);
}

async function readGraph(plan: ChildPlan, module: string): Promise<ModuleGraph> {
  const child = infoCommand(plan, module).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), INFO);
  const texts = [textUpTo(child.stdout, MAX_TEXT), textUpTo(child.stderr, MAX_TEXT)] as const;
  try {
    const [graph, errors] = await Promise.all(texts);
    const { success } = await child.status;
    if (!success) throw cannotRun(plan, errors.trim().split("\n")[0] || "its imports could not be looked at");
    return JSON.parse(graph) as ModuleGraph;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    await child[Symbol.asyncDispose](); // which ends it
    await Promise.allSettled(texts);
    throw cannotRun(plan, `what it imports takes more than ${MAX_TEXT >> 20} MB to tell`);
  } finally {
    clearTimeout(timer);
  }
}

function cannotRun({ script }: ChildPlan, reason: string): TypeError {
  return new TypeError(`Cannot run ${script}: ${reason}`);
}
