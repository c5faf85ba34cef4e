/**
 * What a Windows path leads to on this machine. Under Wine that is a file system which tells upper from lower case: Wine opens the very
 * name where it is there, and otherwise one that differs only in case, or that it has made up a short name for.
 * @module
 */
import { posix, win32 } from "node:path";
import { folded } from "../session/letters.ts";
import { refuse } from "./values.ts";

/** Whether this machine's own functions tell upper from lower case in a path. On Windows they do not, though what is there has its case. */
const TELLS_CASE = Deno.build.os !== "windows";

/** Where a path leads. */
export interface Place {
  /** With the names that are really there. */
  readonly path: string;
  /** Equal for all paths that lead there, and for no others: letter by letter what is there, and what is not, as the system would make it. */
  readonly key: string;
}

/** A short name of Wine's: of `Long name.text` it is `LONG~XYZ.TEX`. */
const SHORT_NAME = /^[^.]{4}~[a-z0-5]{3}(?:\.[^.]{1,3})?$/i;

const system = TELLS_CASE ? posix : win32;

/** Where relative paths begin, as Windows programs see it: under Wine, drive Z is the root of Linux. */
export function currentFolder(): string {
  return windowsPath(Deno.cwd());
}

/** A path of this machine as Windows programs see it. */
export function windowsPath(path: string): string {
  return Deno.build.os === "windows" || !posix.isAbsolute(path) ? path : `Z:${path.replaceAll("/", "\\")}`;
}

/** A Windows path as this machine's own functions take it; undefined where they do not see it. */
export function nativePath(path: string): string | undefined {
  if (Deno.build.os === "windows") return path;
  return /^z:\\/i.test(path) ? path.slice(2).replaceAll("\\", "/") : undefined;
}

/**
 * Where a full path leads, links not followed. Other drives of Wine's than Z are not to be seen from here: a path there stays as it is.
 * @throws {TypeError} where it cannot be told which of several is meant.
 */
export function spelledPlace(path: string): Place {
  const native = nativePath(path);
  if (native === undefined) return placeOf(path, []);
  const { root } = system.parse(native);
  const rest = native.slice(root.length).split(system.sep).filter((part) => part !== "");
  let there = root;
  for (const part of [...rest]) {
    const name = entryName(there, part);
    if (name === undefined) break;
    there = system.join(there, name);
    rest.shift();
  }
  return placeOf(windowsPath(there), rest);
}

/** What is there, and what is not there yet. */
function placeOf(there: string, rest: readonly string[]): Place {
  const drive = there.replace(/^[a-z]:/, (letter) => letter.toUpperCase());
  return {
    path: win32.join(drive, ...rest),
    key: win32.join(drive, ...TELLS_CASE ? rest : rest.map(folded)),
  };
}

/** What is opened by a name in a folder; undefined where nothing is. */
function entryName(folder: string, name: string): string | undefined {
  if (TELLS_CASE && isThere(system.join(folder, name))) return name;
  const names = namesIn(folder);
  if (names.includes(name)) return name;
  const others = names.filter((other) => folded(other) === folded(name));
  if (others.length > 1) refuse("the path", "one that several names fit; write it as it stands on the disk");
  const [other] = others;
  if (other === undefined && TELLS_CASE && SHORT_NAME.test(name)) {
    refuse("the path", "one with a short name; write the name out");
  }
  return other;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (isUnseen(error)) return false;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (isUnseen(error)) return [];
    throw error;
  }
}

/** Whether something is not there, or not for this process to see. */
function isUnseen(error: unknown): boolean {
  const { NotFound, NotADirectory, NotCapable, PermissionDenied } = Deno.errors;
  return [NotFound, NotADirectory, NotCapable, PermissionDenied].some((kind) => error instanceof kind);
}

/** Where a full path leads, links followed. @throws {TypeError} as {@linkcode spelledPlace} */
export function realPlace(path: string): Place {
  // Windows' own functions know what is opened by a name, short ones too.
  const spelled = TELLS_CASE ? spelledPlace(path).path : path;
  const native = nativePath(spelled);
  if (native === undefined) return placeOf(spelled, []);
  const { there, rest } = realNative(native);
  return placeOf(windowsPath(there), rest);
}

/** Links that a way may have; Linux gives up after as many. */
const MOST_LINKS = 40;

function realNative(path: string, links = 0): { readonly there: string; readonly rest: readonly string[] } {
  try {
    return { there: Deno.realPathSync(path), rest: [] };
  } catch (error) {
    if (!isUnseen(error)) throw error;
    const parent = system.dirname(path);
    if (parent === path) return { there: path, rest: [] };
    const target = links < MOST_LINKS ? linkTarget(path) : undefined; // a link to what is not there yet
    if (target !== undefined) return realNative(system.resolve(parent, target), links + 1);
    const { there, rest } = realNative(parent, links);
    return { there, rest: [...rest, system.basename(path)] };
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined; // it is no link
  }
}
