/**
 * Entries of lists. One that could never have an effect is refused: whoever wrote it believes something to be granted, or worse, denied.
 * @module
 */
import { isBatch } from "./command.ts";
import { MAX_COMMAND, MAX_COMMAND_LINE, MAX_PATH } from "./limits.ts";
import { isProcessId, serverEntry } from "./names.ts";
import type { RightName } from "./need.ts";
import { isPath, pathFault } from "./paths.ts";
import { nativePath, windowsPath } from "./real_paths.ts";
import { placeFault } from "./symbols.ts";

/** Why an entry is for nothing that can come up. */
type Fault = (entry: string, verb: "allow" | "deny") => string | undefined;

const FAULTS: Readonly<Partial<Record<RightName, Fault>>> = {
  attach: imageFault,
  launch: programFault,
  connect: (entry) => serverEntry(entry) ? undefined : "no machine's name, nor one with a port (lab7:5005)",
  execute: (entry) => entry.includes("\0") ? "no command" : undefined,
  dump: (entry) => pathFault(windowsPath(entry)),
  terminate: (entry) => serverEntry(entry) ? undefined : imageFault(entry),
  symbols: placeFault,
};

/** How long what is asked for can be, where that is no path. */
const LONGEST: Readonly<Partial<Record<RightName, number>>> = {
  execute: MAX_COMMAND,
  launch: MAX_COMMAND_LINE,
  symbols: MAX_COMMAND_LINE,
};

/** Why an entry of a right's list could never have an effect; undefined where it can. */
export function entryFault(right: RightName, verb: "allow" | "deny", entry: string): string | undefined {
  if (entry.length > (LONGEST[right] ?? MAX_PATH)) return "longer than anything that can come up";
  return FAULTS[right]?.(entry, verb);
}

function imageFault(entry: string): string | undefined {
  if (isProcessId(entry)) {
    return Number(entry) > 0 && Number(entry) <= 0xffff_ffff ? undefined : "the number of no process";
  }
  // deno-lint-ignore no-control-regex
  return /[\\/:<>"|\u0000-\u001f]/.test(entry)
    ? "no file name of an image, no id and no pattern of such names"
    : undefined;
}

function programFault(entry: string, verb: "allow" | "deny"): string | undefined {
  const path = isPath(entry) ? windowsPath(entry) : entry;
  const fault = pathFault(path);
  if (fault !== undefined) return fault;
  if (isFolder(path)) return "a folder; programs are named one by one";
  if (verb === "allow" && isBatch(entry)) {
    return "a batch file, which runs only with all of launch: a command interpreter comes up";
  }
  return undefined;
}

function isFolder(path: string): boolean {
  if (/(?:^|[\\/])\.{0,2}$/.test(path)) return true;
  const native = isPath(path) ? nativePath(path) : undefined;
  try {
    return native !== undefined && Deno.statSync(native).isDirectory;
  } catch {
    return false; // it is not there, or not to be seen
  }
}
