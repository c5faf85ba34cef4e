/**
 * What a script imports. Deno loads static imports without asking for a permission, so they are looked at before it runs.
 * @module
 */
import { dirname, fromFileUrl, relativePath } from "./files.ts";
import type { Grant } from "./rights.ts";
import { quoted, visible } from "./visible.ts";

/** Endings of files that may be imported. */
const ENDINGS = /\.(?:d\.)?(?:ts|mts|cts|tsx|js|mjs|cjs|jsx|json)$/i;

/** Whether a path, or that of a URL, is of code or JSON by its ending. */
export function isCode(path: string): boolean {
  return ENDINGS.test(path);
}

/** One module, as `deno info --json` tells of it. */
export interface GraphModule {
  readonly specifier: string;
  readonly error?: string;
}

/** What `deno info --json` tells. */
export interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly GraphModule[];
  readonly redirects?: Readonly<Record<string, string>>;
}

/** Where modules may come from. */
export interface GraphLimits {
  /** URL of the script. */
  readonly script: string;
  /** URL of Latch's own root, with a slash at the end. */
  readonly latch: string;
  /** Hosts that were granted by `--allow-import`. */
  readonly hosts: Grant;
  /** The real path of a file, links followed; the path itself where there is none. */
  realPath(path: string): string;
}

/** Why a script must not run because of what it imports; undefined where it may. */
export function graphFault(graph: ModuleGraph, limits: GraphLimits): string | undefined {
  for (const { specifier, error } of graph.modules) {
    const fault = moduleFault(specifier, error, limits);
    if (fault !== undefined) return `it imports ${quoted(specifier)}, ${fault}`;
  }
  return undefined;
}

function moduleFault(specifier: string, error: string | undefined, limits: GraphLimits): string | undefined {
  const url = URL.parse(specifier);
  switch (url?.protocol) {
    case "node:":
    case "data:":
      return undefined;
    case "file:":
      return fileFault(url, limits);
    case "http:":
    case "https:":
      return remoteFault(url, limits);
    default:
      return `which a confined script cannot${error === undefined ? "" : ` (${visible(error.split("\n")[0] ?? "")})`}`;
  }
}

function fileFault(url: URL, { script, latch, realPath }: GraphLimits): string | undefined {
  if (url.host !== "") return "which is on another machine";
  const file = realPath(fromFileUrl(url));
  const folders = [script, latch].filter((place) => place.startsWith("file:")).map((place) =>
    realPath(dirname(fromFileUrl(new URL(place))))
  );
  if (!folders.some((folder) => relativePath(folder, file) !== undefined)) {
    return "which lies outside of the script's folder";
  }
  return isCode(file) ? undefined : "which is neither code nor JSON";
}

function remoteFault(url: URL, { script, latch, hosts }: GraphLimits): string | undefined {
  const own = [latch, new URL(".", script).href].filter((place) => !place.startsWith("file:"));
  if (own.some((place) => url.href.startsWith(place))) return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isGranted = hosts.all ||
    hosts.list.map((entry) => entry.toLowerCase()).some((entry) =>
      [url.hostname, `${url.hostname}:${port}`].includes(entry)
    );
  return isGranted ? undefined : `run again with --allow-import=${url.hostname}:${port} if that is to be`;
}
