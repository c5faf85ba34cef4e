import type { Architecture } from "../session/architecture.ts";
import { AttachError } from "../session/errors.ts";
import { InspectorClient, unreachable } from "./client.ts";
import { permissionError } from "./permission.ts";
import type { Evaluation, InspectorTarget } from "./protocol.ts";
import { OWN_SCRIPT } from "./scripts.ts";
import { delay } from "./time.ts";

/** How long a program may take to say its process id. */
const ASK_MILLISECONDS = 3000;

const PROCESS_ID = `globalThis.Deno?.pid ?? globalThis.process?.pid ?? 0\n//# sourceURL=${OWN_SCRIPT}`;

/** The targets that are listed at an address, `host:port`. */
export async function listTargets(address: string, signal?: AbortSignal): Promise<InspectorTarget[]> {
  return await fetchJson(address, "/json/list", signal) as InspectorTarget[];
}

/** What runtime is at an address: `node.js/v20.1.0`, `Deno/2.9.0`. */
export async function runtimeAt(address: string): Promise<string> {
  const version = await fetchJson(address, "/json/version") as { readonly Browser?: string };
  return version.Browser ?? "";
}

/** The `host:port` of a target's address. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/** Whether somebody still answers at a target's address, some time after the connection was lost. */
export async function answers(url: string): Promise<boolean> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await runtimeAt(hostOf(url));
    } catch {
      return false;
    }
    await delay(200);
  }
  return true;
}

/** The process id that a program says it has, or what is known of it if it does not say. */
export async function realProcessId(client: InspectorClient, known: number): Promise<number> {
  const processId = await ask(client, PROCESS_ID);
  return typeof processId === "number" && processId > 0 ? processId : known;
}

/**
 * Deno is asked first, as above: its `process` is loaded when somebody looks at it, and where that falls into the loading of what it is made of, as
 * it may in a program that begins, the program ends of it.
 */
const ARCHITECTURE = `globalThis.Deno?.build?.arch ?? globalThis.process?.arch\n//# sourceURL=${OWN_SCRIPT}`;

/** What runtimes call architectures. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  ...{ ia32: "x86", arm: "arm" },
  ...{ x64: "x64", x86_64: "x64" },
  ...{ arm64: "arm64", aarch64: "arm64" },
};

/** What a program's runtime was compiled for, if it says that. */
export async function architectureOf(client: InspectorClient): Promise<Architecture | undefined> {
  const name = await ask(client, ARCHITECTURE);
  return typeof name === "string" && Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
}

/** The value of an expression in a program; undefined where there is none. */
async function ask(client: InspectorClient, expression: string): Promise<unknown> {
  try {
    const parameters = { expression, returnByValue: true, silent: true, disableBreaks: true };
    const { result } = await client.call<Evaluation>("Runtime.evaluate", parameters, ASK_MILLISECONDS);
    return result.value;
  } catch {
    return undefined;
  }
}

/** The process id of a listed target; 0 if it cannot say it yet. */
export async function processIdOf(target: InspectorTarget, signal?: AbortSignal): Promise<number> {
  const titled = /\[pid: (\d+)\]$/.exec(target.title)?.[1];
  if (titled) return Number(titled);
  const client = await InspectorClient.open(target.webSocketDebuggerUrl, signal);
  try {
    return await realProcessId(client, 0);
  } finally {
    await client.close();
  }
}

async function fetchJson(address: string, path: string, signal?: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(`http://${address}${path}`, signal ? { signal } : {});
    const text = await response.text();
    if (!response.ok) throw new AttachError("server-unreachable", `HTTP status ${response.status}`);
    return JSON.parse(text);
  } catch (error) {
    signal?.throwIfAborted();
    const refused = permissionError(error, `Cannot connect to ${address}`, "--allow-net");
    throw refused ?? unreachable(address, reasonOf(error));
  }
}

/** The innermost reason: those around it repeat the address. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return "there is no inspector";
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = inner instanceof Error ? inner.message : String(inner);
  return /[^:]*\(os error \d+\)/.exec(text)?.[0] ?? text;
}
