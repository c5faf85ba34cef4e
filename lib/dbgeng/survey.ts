/**
 * What there is of engines and of Windows, without opening an engine: for `latch doctor`.
 * @module
 */
import { readBytes } from "../com/memory.ts";
import { candidates, FAMILY } from "./thread/library.ts";
import { fileVersion, isWine } from "./thread/windows.ts";
import { fileExists } from "./thread/windows_files.ts";

/** One DLL of a folder. */
export interface SurveyedFile {
  /** Its file name. */
  readonly name: string;
  /** Its file version; null when it is not there. */
  readonly version: string | null;
}

/** One folder in which the engine is looked for. */
export interface SurveyedFolder {
  /** How it is known: as `EngineInfo.source`. */
  readonly source: string;
  /** The folder. */
  readonly folder: string;
  /** The family, and `symsrv.dll`, which symbol servers need. */
  readonly files: readonly SurveyedFile[];
}

/** What there is. */
export interface Survey {
  /** Deno's version, and the system's as it tells it. */
  readonly deno: string;
  readonly system: string;
  /** Version of Wine; null on Windows. */
  readonly wine: string | null;
  /** Folder of Wine's prefix, where it may be known. */
  readonly prefix: string | null;
  /** Every folder that is looked into, in order; the first complete one is taken. */
  readonly folders: readonly SurveyedFolder[];
}

/** Looks. Requires `--allow-ffi`. */
export function survey(engine?: string): Survey {
  const folders = candidates(engine).map(({ source, folder }) => ({
    source,
    folder,
    files: [...FAMILY, "symsrv.dll"].map((name) => {
      const path = `${folder}\\${name}`;
      return { name, version: fileExists(path) ? fileVersion(path) || "no version" : null };
    }),
  }));
  const wine = isWine() ? wineVersion() : null;
  const { state } = Deno.permissions.querySync({ name: "env", variable: "WINEPREFIX" });
  const prefix = wine !== null && state === "granted" ? Deno.env.get("WINEPREFIX") ?? null : null;
  return { deno: Deno.version.deno, system: systemVersion(), wine, prefix, folders };
}

const ntSymbols = {
  RtlGetVersion: { parameters: ["buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** OSVERSIONINFOW in bytes. */
const VERSION_INFO = 276;

/** Major, minor and build number. Windows is asked, since `Deno.osRelease` needs a permission. */
function systemVersion(): string {
  using library = disposable(Deno.dlopen("ntdll.dll", ntSymbols));
  const words = new Uint32Array(VERSION_INFO / 4);
  words[0] = VERSION_INFO;
  library.symbols.RtlGetVersion(new Uint8Array(words.buffer));
  return [...words.subarray(1, 4)].join(".");
}

const wineSymbols = {
  wine_get_version: { parameters: [], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Room for a text such as `10.0 (Debian 10.0~repack-6)`. */
const VERSION_TEXT = 32;

function wineVersion(): string {
  using library = disposable(Deno.dlopen("ntdll.dll", wineSymbols));
  const bytes = readBytes(library.symbols.wine_get_version(), VERSION_TEXT);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function disposable<T extends Deno.ForeignLibraryInterface>(
  library: Deno.DynamicLibrary<T>,
): Deno.DynamicLibrary<T> & Disposable {
  return Object.assign(library, { [Symbol.dispose]: () => library.close() });
}
