/**
 * Windows paths that come from a script: only those that can be read in one way are taken. Entries of allow lists name the place that they
 * really lead to; those of deny lists also all that differ from it only in case.
 * @module
 */
import { win32 } from "node:path";
import { folded } from "../session/letters.ts";
import { baseName } from "./names.ts";
import type { Need } from "./need.ts";
import { currentFolder, type Place, realPlace, spelledPlace, windowsPath } from "./real_paths.ts";
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

/** Whether a path is a folder or lies in it, at any depth: both in a form in which equal is the same. */
export function covers(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\\$/, "")}\\`);
}

/** What a user wrote on a list, as a full Windows path. */
export function entryPath(entry: string): string {
  return win32.resolve(currentFolder(), windowsPath(entry));
}

/** Where what a user wrote on a list leads; as it was written where that cannot be told. */
function entryPlace(entry: string, place: (path: string) => Place): Place {
  const path = entryPath(entry);
  try {
    return place(path);
  } catch {
    return { path, key: path };
  }
}

/** Whether an entry is a path rather than a file name. */
export function isPath(entry: string): boolean {
  return /[\\/]/.test(entry);
}

/** The right to launch a program: the path that it has, or the bare name that Windows will look for. */
export function launchNeed(program: string): Need {
  return isPath(program) ? launchPathNeed(program) : launchNameNeed(program);
}

const withExe = (name: string): string => /\.[^.\\/]*$/.test(name) ? name : `${name}.exe`;
const sameName = (one: string, other: string): boolean => folded(withExe(one)) === folded(withExe(other));

/** Links count by their own name: where one lies is where its program loads libraries from. */
function launchPathNeed(program: string): Need {
  const place = spelledPlace(program);
  return {
    right: "launch",
    value: program,
    allows: (entry) => isPath(entry) && entryPlace(entry, spelledPlace).key === place.key,
    denies: (entry) =>
      isPath(entry) ? folded(entryPath(entry)) === folded(program) : sameName(entry, baseName(program)),
  };
}

/** A bare name on the list means what Windows finds by it, not any file of that name elsewhere. */
function launchNameNeed(program: string): Need {
  const allows = (entry: string): boolean =>
    !isPath(entry) && (Deno.build.os === "windows" ? sameName(entry, program) : withExe(entry) === withExe(program));
  return { right: "launch", value: program, allows, denies: (entry) => sameName(baseName(entry), program) };
}

/** The right to write a dump: into a folder, or to a file. */
export function dumpNeed(path: string): Need {
  return placeNeed("dump", path, path);
}

/** The right to a folder or a file, wherever links on the way lead. */
export function placeNeed(right: "dump" | "symbols", path: string, said: string): Need {
  const real = realPlace(path);
  const denied = [path, real.path].map(folded);
  return {
    right,
    value: real.path,
    said,
    allows: (entry) => covers(entryPlace(entry, realPlace).key, real.key),
    denies: (entry) => denied.some((place) => covers(folded(entryPlace(entry, realPlace).path), place)),
  };
}
