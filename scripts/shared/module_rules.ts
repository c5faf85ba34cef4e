/**
 * The rules of the module audit: what is wrong with where a module lies, and what differs from a former run.
 * @module
 */
import type { ModuleInfo } from "../../mod.ts";
import { type Finding, matches } from "./diagnostic.ts";
import {
  fileOf,
  folderOf,
  hasSystemName,
  isRemote,
  isSystemPath,
  isWithin,
  isWritable,
  type SystemPlaces,
} from "./places.ts";

/** One module, as a line of JSON has it. */
export interface LoadedModule {
  /** What a line of JSON is. */
  readonly type: "module";
  /** Its file name in small letters. */
  readonly file: string;
  /** Its path as Windows reported it; a mere name where Windows tells no more, as of a launched program itself. */
  readonly path: string;
  /** Address of its first byte. */
  readonly base: bigint | string;
  /** Size in memory. */
  readonly size: number;
  /** Checksum of its header. */
  readonly checksum: number;
  /** Link time of its header. */
  readonly timestamp: number;
  /** Whether it is one of Windows' own, by where it lies. */
  readonly isSystem: boolean;
}

/**
 * Why a module was found. By where it lies: `denied` and `not-allowed` by the rules that were given, `system-name`
 * (named like a DLL of Windows, but not from its folders), `remote` (from another machine), `writable` (from where
 * every user can put files, and not beside the program), `working-folder`. By the former run: `new`, `moved`,
 * `changed`, `gone`.
 */
export type ModuleRule =
  | ("denied" | "not-allowed" | "system-name" | "remote" | "writable" | "working-folder")
  | ("new" | "moved" | "changed" | "gone");

/** A module that should not be there. */
export interface ModuleFinding extends Finding {
  /** Why. */
  readonly rule: ModuleRule;
  /** File name of the program's image. */
  readonly program: string;
  /** Id of the process. */
  readonly processId: number;
  /** File name of the module in small letters. */
  readonly module: string;
  /** Its path. */
  readonly path: string;
  /** Its folder, as it was reported. */
  readonly folder: string;
  /** Where the former run had it, if it was moved. */
  readonly formerPath?: string;
}

/** What the rules are about. */
export interface RuleContext {
  /** File name of the program's image. */
  readonly program: string;
  /** Id of the process. */
  readonly processId: number;
  /** Address of the program's image, which is not judged by where it lies. */
  readonly image: bigint;
  /** The program's folder, in small letters; empty where it is not known. */
  readonly home: string;
  /** Its working folder as people here write it, in small letters; empty where it is not known. */
  readonly directory: string;
  /** Patterns of paths that are in order. */
  readonly allow: readonly string[];
  /** Patterns of paths that are not. */
  readonly deny: readonly string[];
  /** A path as people here write it: in titles and in patterns. */
  shown(path: string): string;
}

/** Each module once. */
export function distinct(infos: readonly ModuleInfo[], places: SystemPlaces): LoadedModule[] {
  const byPath = new Map<string, LoadedModule>();
  for (const { imageName: path, base, size, checksum, timestamp } of infos) {
    const isSystem = isSystemPath(places, path);
    const key = path.toLowerCase();
    if (!byPath.has(key)) {
      byPath.set(key, { type: "module", file: fileOf(path), path, base, size, checksum, timestamp, isSystem });
    }
  }
  return [...byPath.values()];
}

/** What is wrong with where a module lies: the gravest, if anything. */
export function judge(module: LoadedModule, context: RuleContext): ModuleFinding[] {
  const { path, file, isSystem } = module;
  const { program: name, image, home, directory, allow, deny, shown } = context;
  const folder = folderOf(path);
  const isAtHome = home !== "" && isWithin(folder, home);
  const found = (rule: ModuleRule, text: string): ModuleFinding[] => [finding(module, context, rule, text)];
  const fits = (pattern: string): boolean => matches(pattern, path) || matches(pattern, shown(path));
  if (deny.some(fits)) return found("denied", `${name} loaded ${shown(path)}, which is denied`);
  if (isSystem || module.base === image) return [];
  if (allow.some(fits)) return [];
  const from = `${name} loaded ${file} from ${shown(originalFolder(path))}`;
  if (hasSystemName(path)) return found("system-name", `${from}, and it has the name of a DLL of Windows`);
  if (isRemote(path) && !isAtHome) return found("remote", `${from}, on another machine`);
  if (isWritable(path) && !isAtHome) {
    return found("writable", `${from}, where others can put files`);
  }
  if (directory && folderOf(shown(path)) === directory && folder !== home) {
    return found("working-folder", `${from}, its working folder`);
  }
  return allow.length > 0 ? found("not-allowed", `${from}, which is not allowed`) : [];
}

/** What differs from a former run. */
export function compare(
  modules: readonly LoadedModule[],
  baseline: readonly LoadedModule[],
  context: RuleContext,
): ModuleFinding[] {
  const { program: name, shown } = context;
  const findings = modules.flatMap((module): ModuleFinding[] => {
    const { path, file } = module;
    const found = (rule: ModuleRule, text: string, former?: LoadedModule): ModuleFinding[] => [
      finding(module, context, rule, text, former),
    ];
    const former = baseline.find((other) => isSamePath(module, other));
    const isSame = former && (["size", "checksum", "timestamp"] as const).every((key) => former[key] === module[key]);
    if (isSame) return [];
    if (former) return found("changed", `${shown(path)} of ${name} is another file than in the former run`);
    const moved = baseline.find((other) => other.file === file);
    if (moved) {
      return found("moved", `${name} loaded ${shown(path)}, but in the former run ${shown(moved.path)}`, moved);
    }
    return found("new", `${name} loaded ${shown(path)}, but not in the former run`);
  });
  const files = new Set(modules.map(({ file }) => file));
  const gone = baseline.filter(({ file }) => !files.has(file));
  return [
    ...findings,
    ...gone.map((module) =>
      finding(module, context, "gone", `${name} loaded ${shown(module.path)} only in the former run`)
    ),
  ];
}

/** Of a mere name nothing is known but that. */
function isSamePath(one: LoadedModule, other: LoadedModule): boolean {
  if (one.file !== other.file) return false;
  const [folder, otherFolder] = [folderOf(one.path), folderOf(other.path)];
  return folder === otherFolder || folder === "" || otherFolder === "";
}

function finding(
  { file, path }: LoadedModule,
  { program, processId }: RuleContext,
  rule: ModuleRule,
  title: string,
  former?: LoadedModule,
): ModuleFinding {
  return {
    ...{ type: "finding", diagnostic: "modules", title, rule, program, processId },
    ...{ module: file, path, folder: originalFolder(path) },
    ...(former ? { formerPath: former.path } : {}),
  };
}

function originalFolder(path: string): string {
  return path.slice(0, Math.max(path.length - fileOf(path).length - 1, 0));
}

/** The modules in what `--json` wrote. */
export function parseBaseline(text: string): LoadedModule[] {
  const values = text.split(/\r?\n/).filter((line) => line.startsWith('{"type":"module"')).map(parseLine);
  const modules = values.filter((value) => value !== undefined);
  if (modules.length === 0) throw new Error("Cannot compare: the baseline names no modules; write it with --json");
  return modules;
}

/** A launched program may have written between the lines. */
function parseLine(line: string): LoadedModule | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
