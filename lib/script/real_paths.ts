/**
 * What a Windows path leads to on this machine. Under Wine that is a file system which tells upper from lower case: Wine opens the very
 * name where it is there, and otherwise one that differs only in case, or that it has made up a short name for.
 * @module
 */
import { posix, win32 } from "node:path";
import { folded } from "./letters.ts";
import { refuse } from "./values.ts";

/** Whether names that differ only in case can be two files. On Windows they are one. */
export const TELLS_CASE: boolean = Deno.build.os !== "windows";

/** A short name of Wine's: of `Long name.text` it is `LONG~XYZ.TEX`. */
const SHORT_NAME = /^[^.]{4}~[a-z0-5]{3}(?:\.[^.]{1,3})?$/i;

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
 * A full path with the names that are really there, links not followed. Other drives of Wine's than Z are not to be seen from
 * here: a path there stays as it is.
 * @throws {TypeError} where it cannot be told which of several is meant.
 */
export function spelledPath(path: string): string {
  const native = TELLS_CASE ? nativePath(path) : undefined;
  if (native === undefined) return path;
  const parts = native.split("/").filter((part) => part !== "");
  return windowsPath(parts.reduce((folder, part) => posix.join(folder, entryName(folder, part)), "/"));
}

/** What Wine opens by a name in a folder. */
function entryName(folder: string, name: string): string {
  if (isThere(posix.join(folder, name))) return name;
  const others = namesIn(folder).filter((other) => folded(other) === folded(name));
  if (others.length > 1) refuse("the path", "one that several names fit; write it as it stands on the disk");
  const [other] = others;
  if (other === undefined && SHORT_NAME.test(name)) refuse("the path", "one with a short name; write the name out");
  return other ?? name;
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

/** Where a path really leads, as far as it exists: links on the way are followed. @throws {TypeError} as {@linkcode spelledPath} */
export function realWindowsPath(path: string): string {
  const spelled = spelledPath(path);
  const native = nativePath(spelled);
  return native === undefined ? path : windowsPath(realNativePath(native));
}

/** Links that a way may have; Linux gives up after as many. */
const MOST_LINKS = 40;

function realNativePath(path: string, links = 0): string {
  const { dirname, join, basename, resolve } = Deno.build.os === "windows" ? win32 : posix;
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!isUnseen(error)) throw error;
    const parent = dirname(path);
    if (parent === path) return path;
    const target = links < MOST_LINKS ? linkTarget(path) : undefined; // a link to what is not there yet
    if (target !== undefined) return realNativePath(resolve(parent, target), links + 1);
    return join(realNativePath(parent, links), basename(path));
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined; // it is no link
  }
}
