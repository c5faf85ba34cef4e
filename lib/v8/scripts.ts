import type { ModuleInfo } from "../session/engine.ts";
import type { Location, ParsedScript } from "./protocol.ts";

/** Marks what the debugger itself evaluates, so that it is not told as the program's. */
export const OWN_SCRIPT = "latch:evaluation";

/** Scripts of the runtime itself. */
const INTERNAL = /^(node|ext|internal|checkin|evalmachine|latch|v8|chrome|native):/;

/**
 * A place in a script as an address: 24 bits for the script, then 20 for the line and 20 for the column, both counted from 0.
 */
export function addressAt({ scriptId, lineNumber, columnNumber = 0 }: Location): bigint {
  const limit = 0xfffff;
  const line = BigInt(Math.min(lineNumber, limit));
  return (BigInt(scriptId) << 40n) | (line << 20n) | BigInt(Math.min(columnNumber, limit));
}

/** The scripts of a program. They are its modules: what is without an address of its own is `VM` and its number. */
export class Scripts {
  readonly #modules = new Map<string, ModuleInfo>();
  readonly #urls = new Map<string, string>();
  #unreported: ModuleInfo[] = [];

  /** Takes up a script. What has no name and was there before us may be the runtime's and is left out. */
  add({ scriptId, url, length = 0 }: ParsedScript, isReplayed: boolean): void {
    this.#urls.set(scriptId, url);
    if (INTERNAL.test(url) || (isReplayed && url === "")) return;
    const name = url || `VM${scriptId}`;
    const module = { ...namedModule(name), base: addressAt({ scriptId, lineNumber: 0 }), size: length };
    this.#modules.set(scriptId, module);
    this.#unreported.push(module);
  }

  /** All of them, in the order in which they were parsed. */
  list(): ModuleInfo[] {
    return [...this.#modules.values()];
  }

  /** Whether a script is the program's own, not one of the runtime. */
  has(scriptId: string): boolean {
    return this.#modules.has(scriptId);
  }

  /** What a script is called, the runtime's own too. */
  nameOf(scriptId: string): string | undefined {
    return this.#modules.get(scriptId)?.imageName ?? (this.#urls.get(scriptId) || undefined);
  }

  /** The one with an address. */
  byUrl(url: string): ModuleInfo | undefined {
    return this.list().find(({ imageName }) => imageName === url);
  }

  /** Those that came since the last call. */
  takeUnreported(): ModuleInfo[] {
    const modules = this.#unreported;
    this.#unreported = [];
    return modules;
  }
}

/** A module that is known by its name only. */
export function namedModule(url: string): ModuleInfo {
  return { name: shortName(url), imageName: url, base: 0n, size: 0, checksum: 0, timestamp: 0 };
}

/** The last part of a script's address. */
export function shortName(url: string): string {
  if (url.startsWith("data:")) return "data:";
  return url.replace(/[?#].*$/, "").split(/[\\/]/).at(-1) || url;
}

/** Whether a program has a script: not one from its command line, which has a name of the runtime's or none. */
export function hasScript(url: string): boolean {
  return /^(?!data:).+[\\/](?!\$deno\$)[^\\/]+$/.test(url);
}

/** Name of a program: its script's, or without one its runtime's. */
export function programName({ url, title }: { readonly url: string; readonly title: string }): string {
  if (hasScript(url)) return shortName(url);
  return /^(?:.*[\\/])?([^\\/]+?)(?:\.exe)?(?: - .*|\[\d+\])$/i.exec(title)?.[1] ?? title;
}
