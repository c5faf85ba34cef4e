/**
 * Places for dumps are looked at before anything starts: at the crash it is too late to name another one.
 * @module
 */
import { dirname } from "node:path";
import { encodeWide } from "../com/memory.ts";
import { shownPath } from "../remote/wine_paths.ts";
import { UsageError } from "./exit_codes.ts";
import { enginePath, type Where } from "./open.ts";

/** Refuses a file that no dump can be written to. What is on another host cannot be seen from here. @throws {UsageError} */
export function requireDumpFile(file: string, where: Pick<Where, "host">): void {
  if (where.host) return;
  const fault = file === "" ? "it has no name" : fileFault(shownPath(enginePath(file, where)));
  if (fault !== undefined) throw new UsageError(`Cannot write a dump to "${file}": ${fault}`);
}

function fileFault(path: string): string | undefined {
  if (isFolder(path)) return `it is a folder; name a file in it, as in ${path.replace(/[\\/]*$/, "/")}app.dmp`;
  return folderFault(dirname(path));
}

/** Why no dump can be written into a folder, and what to do; undefined where one can, and where this process may not look. */
export function folderFault(folder: string): string | undefined {
  const path = Deno.build.os === "windows" ? folder : shownPath(folder).replaceAll("\\", "/");
  if (Deno.build.os !== "windows" && /^[A-Za-z]:|^\/\//.test(path)) return undefined; // a drive of Wine's own
  if (!mayUse("read", path)) return faultUnseen(path);
  const there = isFolder(path);
  if (there !== true) return there === false ? `${path} is no folder; name one` : missing(path);
  return mayUse("write", path) ? writeFault(path) : undefined;
}

function missing(path: string): string {
  return `there is no folder ${path}; make it, or name another one`;
}

function mayUse(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/** Undefined where nothing is. */
function isFolder(path: string): boolean | undefined {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return undefined;
  }
}

/** Only writing tells whether one can: a disk may be read-only, and on Windows a folder's attributes say nothing. */
function writeFault(path: string): string | undefined {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: path, prefix: "latch-", suffix: ".partial" }));
    return undefined;
  } catch {
    return `nothing can be written into the folder ${path}; look at its rights, or name another one`;
  }
}

/** For scripts that may not read files: by what they may do to have an engine. */
function faultUnseen(path: string): string | undefined {
  if (Deno.build.os === "windows") {
    const { state } = Deno.permissions.querySync({ name: "ffi" });
    return state !== "granted" || isThereOnWindows(path) ? undefined : missing(path);
  }
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state !== "granted") return undefined;
  const test = new Deno.Command("sh", { args: ["-c", 'test -d "$1"', "sh", path], stdin: "null", stderr: "null" });
  return test.outputSync().success ? undefined : missing(path);
}

const INVALID_FILE_ATTRIBUTES = 0xffffffff;

function isThereOnWindows(path: string): boolean {
  const symbols = { GetFileAttributesW: { parameters: ["buffer"], result: "u32" } } as const;
  const { GetFileAttributesW } = Deno.dlopen("kernel32.dll", symbols).symbols;
  return GetFileAttributesW(encodeWide(path)) !== INVALID_FILE_ATTRIBUTES;
}
