/**
 * Windows paths that come from a script: only those that can be read in one way are taken.
 * @module
 */
import { posix, win32 } from "node:path";
import type { Need } from "./permissions.ts";
import { baseName } from "./names.ts";
import { refuse } from "./values.ts";

/** Names that are devices in every folder, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])(?:[. ]|$)/i;

// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u001f<>:"|?*]/;

/** Where relative paths begin, as Windows programs see it: under Wine, drive Z is the root of Linux. */
export function currentFolder(): string {
  return windowsPath(Deno.cwd());
}

/** A path of this machine as Windows programs see it. */
export function windowsPath(path: string): string {
  return Deno.build.os === "windows" || !posix.isAbsolute(path) ? path : `Z:${path.replaceAll("/", "\\")}`;
}

/**
 * The full form of a path, with backslashes.
 * @throws {TypeError} for devices, alternate streams, names that Windows would change, and shares of other machines.
 */
export function fullPath(path: string, name: string, folder: string = currentFolder()): string {
  const given = path.replaceAll("/", "\\");
  if (given.startsWith("\\\\")) refuse(name, "a path of another machine or of a device");
  if (/^[a-z]:(?!\\)/i.test(given)) refuse(name, "relative to a drive; give the full path");
  const full = win32.resolve(win32.resolve(folder), given);
  if (!/^[a-z]:\\/i.test(full)) refuse(name, "no path on a drive");
  for (const part of given.replace(/^[a-z]:\\/i, "").split("\\")) {
    if (part === "" || part === "." || part === "..") continue;
    if (FORBIDDEN.test(part)) refuse(name, "a path with characters that names cannot have");
    if (/[. ]$/.test(part)) refuse(name, "a path with a name that ends in a dot or a space");
    if (DEVICE.test(part)) refuse(name, "a path that names a device");
  }
  return full;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether a full path lies in a folder, at any depth. */
export function liesIn(path: string, folder: string): boolean {
  const begin = folder.endsWith("\\") ? folder : `${folder}\\`;
  return path.toLowerCase().startsWith(begin.toLowerCase());
}

/** What a user wrote on a list, as a full Windows path. */
export function entryPath(entry: string): string {
  return win32.resolve(currentFolder(), windowsPath(entry));
}

/** Whether an entry is a path rather than a file name. */
function isPath(entry: string): boolean {
  return /[\\/]/.test(entry);
}

/** The right to launch a program: the path that it has, or the bare name that Windows will look for. */
export function launchNeed(program: string): Need {
  const withExe = (name: string): string => /\.[^.\\/]*$/.test(name) ? name : `${name}.exe`;
  const bare = !isPath(program);
  return {
    right: "launch",
    value: program,
    // A bare name on the list means what Windows finds by it, not any file of that name elsewhere.
    allows: (entry) =>
      isPath(entry) ? !bare && same(entryPath(entry), program) : bare && same(withExe(entry), withExe(program)),
    denies: (entry) =>
      isPath(entry) && !bare
        ? same(entryPath(entry), program)
        : same(withExe(baseName(entry)), withExe(baseName(program))),
  };
}

/** The right to write a dump. */
export function dumpNeed(path: string): Need {
  const covers = (entry: string): boolean => liesIn(path, entryPath(entry));
  return {
    right: "dump",
    value: path,
    allows: (entry) => covers(entry) || same(entryPath(entry), path),
    denies: covers,
  };
}

/** A Windows path as this machine's own functions take it; undefined where they do not see it. */
export function nativePath(path: string): string | undefined {
  if (Deno.build.os === "windows") return path;
  return /^z:\\/i.test(path) ? path.slice(2).replaceAll("\\", "/") : undefined;
}

/** Where a path really leads, as far as it exists: links on the way are followed. */
export function realWindowsPath(path: string): string {
  const native = nativePath(path);
  if (native === undefined) return path;
  const { dirname, join, basename } = Deno.build.os === "windows" ? win32 : posix;
  try {
    return windowsPath(join(Deno.realPathSync(native)));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return path; // this process may not look
    const parent = dirname(native);
    return parent === native ? path : win32.join(realWindowsPath(windowsPath(parent)), basename(native));
  }
}
