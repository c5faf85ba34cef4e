import { guidBytes } from "../../com/guid.ts";
import { HresultError } from "../../com/hresult.ts";
import { type InterfaceTable } from "../../com/tables.ts";
import { type Com, ComObject } from "../../com/com_object.ts";
import type { EngineInfo, LoadedFile } from "../../session/engine.ts";
import { EngineError } from "../../session/errors.ts";
import { mendDebugStrings, type WasCut } from "./debug_strings.ts";
import {
  fileVersion,
  isWinesOwn,
  loadedModulePath,
  profileFolder,
  systemFolder,
  windowsKitsFolder,
} from "./windows.ts";
import { fileExists } from "./windows_files.ts";

/** The engine's family, in the order in which it must be loaded: each by full path, before those that need it. */
export const FAMILY = ["dbgcore.dll", "dbghelp.dll", "dbgmodel.dll", "dbgeng.dll"] as const;

/** The NuGet package that the engine is taken from when Windows' debugging tools are not installed. */
const NUGET_FOLDER = ".nuget\\packages\\microsoft.debugging.platform.dbgeng\\20260109.1235.0\\content";

const engineSymbols = {
  DebugCreate: { parameters: ["buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type EngineLibrary = Deno.DynamicLibrary<typeof engineSymbols>;

/** A folder that may have the engine. */
export interface Candidate {
  readonly source: string;
  readonly folder: string;
}

/** An engine that is loaded, and where from. */
export interface LoadedEngine {
  readonly info: EngineInfo;
  readonly wasCut: WasCut;
  /** Makes a client with one reference for the caller. */
  create<T>(table: InterfaceTable<T>): Com<T>;
}

// Windows never unloads an engine safely, so a process keeps the first one that it loaded.
let loaded: LoadedEngine | undefined;

/**
 * Finds and loads `dbgeng.dll` with its family. Only tries to open files: nothing is read or listed, so that FFI is the one
 * permission needed. A named folder is the only one tried.
 */
export function loadEngine(folder: string | undefined): LoadedEngine {
  if (loaded && (folder === undefined || samePath(folder, loaded.info.folder))) return loaded;
  const wasCut = mendDebugStrings(); // before the engine looks for what it uses
  const tried: string[] = [];
  for (const candidate of candidates(folder)) {
    const library = openFamily(candidate.folder, tried);
    if (library) return loaded = describe(candidate, library, wasCut);
  }
  const incomplete = tried.length === 1 && tried[0]?.includes("without");
  throw new EngineError(
    incomplete ? "incomplete" : "not-found",
    incomplete
      ? `Cannot open the debugger engine: ${tried[0]}; copy the whole folder of Windows' debugging tools`
      : `Cannot find the debugger engine (dbgeng.dll): tried ${
        tried.join("; ")
      }; install the Debugging Tools for Windows, ` +
        `or name their folder with the option "engine" or LATCH_ENGINE`,
  );
}

/** Where the engine is looked for, in this order. */
export function candidates(folder: string | undefined): Candidate[] {
  if (folder !== undefined) return [{ source: "option", folder }];
  const named = environmentFolder();
  if (named) return [{ source: "LATCH_ENGINE", folder: named }];
  const arm = Deno.build.arch === "aarch64";
  const kits = windowsKitsFolder() ?? "C:\\Program Files (x86)\\Windows Kits\\10\\";
  const profile = profileFolder();
  return [
    { source: "Windows Kits", folder: `${kits}Debuggers\\${arm ? "arm64" : "x64"}` },
    ...(profile ? [{ source: "NuGet", folder: `${profile}\\${NUGET_FOLDER}\\${arm ? "arm64" : "amd64"}` }] : []),
    { source: "System32", folder: systemFolder() },
  ];
}

/** `LATCH_ENGINE`, if the script was given the right to read it: no prompt comes up for the asking. */
function environmentFolder(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "LATCH_ENGINE" });
  return state === "granted" ? Deno.env.get("LATCH_ENGINE") : undefined;
}

/** Loads the family out of one folder, or says why not and lets go of what it had loaded. */
function openFamily(folder: string, tried: string[]): EngineLibrary | null {
  const missing = FAMILY.filter((name) => !fileExists(`${folder}\\${name}`));
  if (missing.length > 0) {
    tried.push(missing.length === FAMILY.length ? folder : `${folder} (without ${missing.join(", ")})`);
    return null;
  }
  const opened: { close(): void }[] = [];
  for (const name of FAMILY) {
    try {
      const library = Deno.dlopen(`${folder}\\${name}`, name === "dbgeng.dll" ? engineSymbols : {});
      if (name === "dbgeng.dll") return library as EngineLibrary;
      opened.push(library);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      for (const library of opened) library.close();
      tried.push(`${folder} (${reason(name, error)})`);
      return null;
    }
  }
  return null;
}

function reason(name: string, error: unknown): string {
  const isForeign = /bad exe format|193|not a valid/i.test(String(error));
  return isForeign ? `made for another architecture than ${Deno.build.arch}, or damaged` : `${name} cannot be loaded`;
}

function describe(candidate: Candidate, library: EngineLibrary, wasCut: WasCut): LoadedEngine {
  const files: LoadedFile[] = FAMILY.map((name) => {
    const path = loadedModulePath(name) ?? "";
    return { name, path, version: fileVersion(path) };
  });
  for (const file of files) checkOrigin(file, `${candidate.folder}\\${file.name}`);
  const version = files.at(-1)?.version ?? "";
  const info: EngineInfo = { ...candidate, version, architecture: Deno.build.arch, files };
  return { info, wasCut, create: (table) => create(library, table) };
}

/** A process holds one module of a name: who loaded another dbghelp first, decides which one the engine gets. */
function checkOrigin(file: LoadedFile, expected: string): void {
  if (isWinesOwn(file.name)) {
    throw new EngineError(
      "conflict",
      `Cannot use the debugger engine: Wine has loaded its own ${file.name} in the place of ${expected}; ` +
        `run under Latch's host, or set WINEDLLOVERRIDES=dbgcore,dbgeng,dbghelp,dbgmodel=n,b`,
    );
  }
  if (samePath(file.path, expected)) return;
  throw new EngineError(
    "conflict",
    `Cannot use the debugger engine: ${file.name} was loaded before from ${file.path} (${
      file.version || "no version"
    }), ` +
      `not ${expected}; start without the product that loaded it, or name its folder with the option "engine"`,
  );
}

function samePath(one: string, other: string): boolean {
  const plain = (path: string): string =>
    path.replaceAll("/", "\\").replace(/^\\\\\?\\/, "").replace(/\\+$/, "").toLowerCase();
  return plain(one) === plain(other);
}

function create<T>(library: EngineLibrary, table: InterfaceTable<T>): Com<T> {
  const pointer = new BigUint64Array(1);
  const result = library.symbols.DebugCreate(guidBytes(table.iid), pointer);
  if (result < 0) throw new HresultError("DebugCreate", result);
  return ComObject.from(table, pointer[0] ?? 0n);
}
