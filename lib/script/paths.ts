/**
 * Windows paths that come from a script: only those that can be read in one way are taken. Entries of allow lists name one file, letter
 * by letter where the file system tells upper from lower case; those of deny lists all that differ only in case.
 * @module
 */
import { win32 } from "node:path";
import { folded } from "./letters.ts";
import { baseName } from "./names.ts";
import type { Need } from "./need.ts";
import { currentFolder, realWindowsPath, spelledPath, TELLS_CASE, windowsPath } from "./real_paths.ts";
import { refuse } from "./values.ts";

/** Names that are devices in every folder, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])(?:[. ]|$)/i;

// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u001f<>:"|?*]/;

/**
 * The full form of a path, with backslashes.
 * @throws {TypeError} for devices, alternate streams, names that Windows would change, and shares of other machines.
 */
export function fullPath(path: string, name: string, folder: string = currentFolder()): string {
  const fault = pathFault(path);
  if (fault !== undefined) refuse(name, fault);
  const full = win32.resolve(win32.resolve(folder), path);
  return /^[a-z]:\\/i.test(full) ? full : refuse(name, "no path on a drive");
}

/** Why a path is not taken: it can be read in more than one way, or leads to more than a file. */
export function pathFault(path: string): string | undefined {
  const given = path.replaceAll("/", "\\");
  if (given.startsWith("\\\\")) return "a path of another machine or of a device";
  if (/^[a-z]:(?!\\)/i.test(given)) return "relative to a drive; give the full path";
  const parts = given.replace(/^[a-z]:\\/i, "").split("\\").filter((part) => !["", ".", ".."].includes(part));
  if (parts.some((part) => FORBIDDEN.test(part))) return "a path with characters that names cannot have";
  if (parts.some((part) => /[. ]$/.test(part))) return "a path with a name that ends in a dot or a space";
  return parts.some((part) => DEVICE.test(part)) ? "a path that names a device" : undefined;
}

/** A name in a form that is equal for what is one file. */
type Form = (name: string) => string;

/** For allow lists: as the file system compares. Drives are Windows' own, and have no case. */
const exact: Form = (name) => TELLS_CASE ? name.replace(/^[a-z]:/, (drive) => drive.toUpperCase()) : folded(name);

/** Whether a path is a folder or lies in it, at any depth. */
export function covers(folder: string, path: string, form: Form = exact): boolean {
  const begin = form(folder).replace(/\\$/, "");
  return form(path) === form(folder) || form(path).startsWith(`${begin}\\`);
}

/** What a user wrote on a list, as a full Windows path. */
export function entryPath(entry: string): string {
  return win32.resolve(currentFolder(), windowsPath(entry));
}

/** What a user wrote on a list, as it is on the disk; as it was written where that cannot be told. */
function entryPlace(entry: string, place: (path: string) => string): string {
  const path = entryPath(entry);
  try {
    return place(path);
  } catch {
    return path;
  }
}

/** Whether an entry is a path rather than a file name. */
export function isPath(entry: string): boolean {
  return /[\\/]/.test(entry);
}

/** The right to launch a program: the path that it has, or the bare name that Windows will look for. */
export function launchNeed(program: string): Need {
  const withExe = (name: string): string => /\.[^.\\/]*$/.test(name) ? name : `${name}.exe`;
  const bare = !isPath(program);
  const place = bare ? program : spelledPath(program);
  const isSame = (form: Form, one: string, other: string): boolean => form(withExe(one)) === form(withExe(other));
  return {
    right: "launch",
    value: program,
    // A bare name on the list means what Windows finds by it, not any file of that name elsewhere. Links count by their own name: where
    // one lies is where its program loads libraries from.
    allows: (entry) =>
      isPath(entry)
        ? !bare && exact(entryPlace(entry, spelledPath)) === exact(place)
        : bare && isSame(exact, entry, program),
    denies: (entry) =>
      isPath(entry) && !bare
        ? [program, place].some((path) => folded(entryPath(entry)) === folded(path))
        : isSame(folded, baseName(entry), baseName(program)),
  };
}

/** The right to write a dump: into a folder, or to a file. */
export function dumpNeed(path: string): Need {
  return placeNeed("dump", path, path);
}

/** The right to a folder or a file, wherever links on the way lead. */
export function placeNeed(right: "dump" | "symbols", path: string, said: string): Need {
  const real = realWindowsPath(path);
  return {
    right,
    value: real,
    said,
    allows: (entry) => covers(entryPlace(entry, realWindowsPath), real),
    denies: (entry) =>
      [entryPath(entry), entryPlace(entry, realWindowsPath)].some((folder) =>
        [path, real].some((place) => covers(folder, place, folded))
      ),
  };
}
