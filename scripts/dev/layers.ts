/**
 * Checks the borders between the folders: what each file imports and which of Deno's pointer classes it names; and that no file of
 * lib/ imports itself by way of others, types included.
 *
 *     deno run -A scripts/dev/layers.ts
 *
 * @module
 */
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders of lib/: a file imports from its own or from one further left. */
const ORDER = ["com", "files", "session", "symbols", "dbgeng", "v8", "remote", "api", "script", "cli"];

/** What mod.ts gives. */
const BUNDLE = "./lib/generated/mod.js";

/** What only lib/com may name: pointers live and die there. */
const POINTERS = /\bUnsafe(Pointer|PointerView|FnPointer|Callback)\b/;

/** Files that may name them all the same. */
const POINTER_EXCEPTIONS: Readonly<Record<string, string>> = {
  "lib/dbgeng/inline_connection.ts": "SetInterrupt is called from a thread of Deno's pool, which no ComObject does",
};

/** `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
const SPECIFIER = /^(?:import|export)\s+(?:[^;"'`=()]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** What one file does that it must not, one sentence each. `path` is relative to the root, with slashes. */
export function checkFile(path: string, source: string): string[] {
  const faults: string[] = [];
  for (const specifier of specifiersIn(source)) {
    const fault = faultOf(path, specifier);
    if (fault) faults.push(`${path} imports ${specifier}: ${fault}`);
  }
  const folder = folderOf(path);
  const isGenerated = path.includes("/generated/");
  if (folder && folder !== "com" && !isGenerated && !(path in POINTER_EXCEPTIONS)) {
    const pointer = POINTERS.exec(withoutComments(source));
    if (pointer) faults.push(`${path} names ${pointer[0]}: pointers live and die in lib/com`);
  }
  if (path === "mod.ts" && !isBundle(source)) faults.push(`mod.ts holds more than "export * from" of ${BUNDLE}`);
  return faults;
}

function faultOf(path: string, specifier: string): string | undefined {
  const folder = folderOf(path);
  if (!folder) return undefined;
  if (!/^\.{1,2}\//.test(specifier)) {
    if (specifier.startsWith("node:") || folder === "cli") return undefined;
    return "only relative and node: specifiers work when the library is imported by URL";
  }
  const target = posix.join(posix.dirname(path), specifier);
  const wanted = folderOf(target);
  if (!wanted) return "the library is lib and nothing else";
  if (target.startsWith("lib/dbgeng/thread/") && folder !== "dbgeng") {
    return "lib/dbgeng alone uses the engine's thread";
  }
  if (folder && ORDER.indexOf(wanted) > ORDER.indexOf(folder)) return `lib/${wanted} is to the right of lib/${folder}`;
  return undefined;
}

function specifiersIn(source: string): string[] {
  return [...withoutComments(source).matchAll(SPECIFIER)].map((match) => match[1] ?? match[2] ?? "");
}

/** The circles of imports among files, by path and source, one sentence for each file that is in one: with a way back to it. */
export function circlesIn(sources: ReadonlyMap<string, string>): string[] {
  const imports = new Map([...sources].map(([path, source]) => {
    const relatives = specifiersIn(source).filter((specifier) => specifier.startsWith("."));
    return [path, relatives.map((specifier) => posix.join(posix.dirname(path), specifier))] as const;
  }));
  return [...imports.keys()].flatMap((path) => {
    const way = wayBack(path, imports);
    return way ? [`${path} imports itself: ${[path, ...way].join(" → ")}`] : [];
  });
}

/** The shortest way along imports from a file back to it. */
function wayBack(start: string, imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = [[]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of imports.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return [...way, next];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

/** The folder of lib/ that a file is in. */
function folderOf(path: string): string | undefined {
  return /^lib\/(\w+)\//.exec(path)?.[1];
}

/** Comments that begin a line go; only a parser could tell others from text in quotes. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** Whether it passes the bundle on and has nothing of its own. */
function isBundle(source: string): boolean {
  return withoutComments(source).trim() === `export * from "${BUNDLE}";`;
}

/** Checks mod.ts and lib/ of a checkout; each folder of lib/ must have its place in the order. */
export function checkTree(root: string): string[] {
  const files = [join(root, "mod.ts"), ...filesIn(join(root, "lib"))];
  const sources = new Map(files.map((file) => {
    return [relative(root, file).split(sep).join("/"), Deno.readTextFileSync(file)] as const;
  }));
  const faults = [...sources].flatMap(([path, source]) => {
    const folder = folderOf(path);
    const faults = checkFile(path, source);
    if (path === "mod.ts" || (folder && ORDER.includes(folder))) return faults;
    return [...faults, `${dirname(path)} has no place in the order of lib: ${ORDER.join(", ")}`];
  });
  return [...faults, ...circlesIn(sources)];
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesIn(path) : name.endsWith(".ts") ? [path] : [];
  }).sort();
}

if (import.meta.main) {
  const faults = checkTree(fileURLToPath(new URL("../../", import.meta.url)));
  for (const fault of faults) console.error(fault);
  Deno.exitCode = faults.length === 0 ? 0 : 1;
}
