/** Programs that Windows could not load: which DLL or which function is not there, by what their files import. */
import type { EngineLaunch } from "../engine_api.ts";
import { type Linkage, readLinkage } from "../../files/linkage.ts";
import { I386 } from "../../files/machines.ts";
import { isSystemDll, ownEnvironment, systemFolder, wow64Folder } from "./windows.ts";
import { fileExists, readFile } from "./windows_files.ts";
import { processImage } from "./windows_processes.ts";

/** The exit codes of such programs, and what is to be said when the files do not tell more. */
const CAUSES: ReadonlyMap<number, string> = new Map([
  // STATUS_DLL_NOT_FOUND
  [0xC0000135, "a DLL that it needs is not there; put it beside the program or into a folder of PATH"],
  // STATUS_ORDINAL_NOT_FOUND, STATUS_ENTRYPOINT_NOT_FOUND
  [0xC0000138, "a DLL that it needs lacks a function; use the version that it was built for"],
  [0xC0000139, "a DLL that it needs lacks a function; use the version that it was built for"],
  // STATUS_DLL_INIT_FAILED
  [0xC0000142, "a DLL refused to start (its DllMain returned FALSE); look at what it wants"],
  // STATUS_INVALID_IMAGE_FORMAT
  [0xC000007B, "a DLL that it needs is built for another processor, or damaged; use one for the program's"],
]);

const MACHINES: ReadonlyMap<number, string> = new Map([[I386, "x86"], [0x8664, "x64"], [0xaa64, "ARM64"]]);

const NO_X86 = "it is a 32-bit program, and what Wine runs those with is not there; run `latch engine fetch --x86`";

/** What one import of a module lacks. */
interface Fault {
  readonly kind: "missing" | "damaged" | "foreign" | "function";
  readonly text: string;
}

/** Which kinds of faults end a program with which code. */
const FAULTS: ReadonlyMap<number, readonly Fault["kind"][]> = new Map([
  [0xC0000135, ["missing", "foreign", "damaged"]],
  [0xC0000138, ["function"]],
  [0xC0000139, ["function"]],
  [0xC000007B, ["damaged", "foreign", "missing"]],
]);

/** Files as the search for a cause sees them. */
export interface Files {
  exists(path: string): boolean;
  read(path: string): Uint8Array | undefined;
  /** Whether Windows has a DLL of that name by other ways than a file. */
  hasOwn(name: string): boolean;
}

/** Folders in which Windows looks for DLLs, after the program's own. */
export interface Search {
  readonly system: string;
  /** The same for 32-bit programs. */
  readonly wow64: string;
  /** The rest, in their order. */
  readonly others: readonly string[];
}

/** The programs that are being loaded. */
export class LoadFailures {
  /** The files of the programs, until Windows has loaded them. */
  readonly #images = new Map<number, string>();
  #others: readonly string[] = [];

  /** A program is to be launched: it and its children look for DLLs in these folders. */
  launched({ directory, environment, clearEnvironment }: EngineLaunch): void {
    const lines = clearEnvironment ? environment : [...environment, ...ownEnvironment()];
    const path = lines.find((line) => /^path=/i.test(line))?.slice(5) ?? "";
    this.#others = [directory ?? ".", ...path.split(";").filter((folder) => folder !== "")];
  }

  /** A process came up; its handle means something on this machine only. */
  came(processId: number, handle: bigint): void {
    this.#images.set(processId, processImage(processId, handle) ?? "");
  }

  /** Windows has loaded all that it imports, or it is not debugged any more. */
  forget(processId: number): void {
    this.#images.delete(processId);
  }

  /** A process ended: why it could not be loaded, if that is how. */
  causeOf(processId: number, exitCode: number): string | undefined {
    const image = this.#images.get(processId);
    const cause = CAUSES.get(exitCode >>> 0);
    if (image === undefined || cause === undefined) return undefined;
    const system = systemFolder();
    const windows = folderOf(system);
    const search = { system, wow64: wow64Folder(), others: [`${windows}\\System`, windows, ...this.#others] };
    const files = { exists: fileExists, read: readFile, hasOwn: isSystemDll };
    return (image ? findCause(image, exitCode, search, files) : undefined) ?? cause;
  }
}

/** Why a program could not be loaded, with what to do about it; undefined where its files do not tell. */
export function findCause(image: string, exitCode: number, search: Search, files: Files): string | undefined {
  const kinds = FAULTS.get(exitCode >>> 0);
  if (!kinds) return undefined;
  const faults = new Imports(image, search, files).faults();
  return kinds.map((kind) => faults.find((fault) => fault.kind === kind)).find((fault) => fault)?.text;
}

/** A program with all that it imports, and what that imports, but for Windows' own. */
class Imports {
  readonly #image: string;
  readonly #search: Search;
  readonly #files: Files;
  readonly #faults: Fault[] = [];
  readonly #seen = new Set<string>();
  #machine = 0;
  #system: string;

  constructor(image: string, search: Search, files: Files) {
    this.#image = image;
    this.#search = search;
    this.#system = search.system;
    this.#files = files;
  }

  faults(): readonly Fault[] {
    const program = this.#read(this.#image);
    if (!program) return [];
    this.#machine = program.machine;
    if (program.machine === I386) {
      this.#system = this.#search.wow64;
      if (!this.#files.exists(`${this.#system}\\ntdll.dll`)) this.#fault("missing", NO_X86);
    }
    const queue = [{ path: this.#image, module: program }];
    for (const { path, module } of queue) {
      for (const { dll, symbols } of module.imports) {
        const found = this.#import(fileOf(path), dll, symbols);
        if (found) queue.push(found);
      }
    }
    return this.#faults;
  }

  /** Looks at one import; gives what it leads to, if its own imports are still to be looked at. */
  #import(
    importer: string,
    dll: string,
    symbols: readonly (string | number)[],
  ): { readonly path: string; readonly module: Linkage } | undefined {
    if (this.#files.hasOwn(dll)) return undefined;
    const path = this.#find(dll);
    const says = `${importer} imports ${dll}`;
    if (path === undefined) {
      const advice = `put it beside ${fileOf(this.#image)} or into a folder of PATH`;
      this.#fault("missing", `${says}, which is not there; ${advice}`);
      return undefined;
    }
    const module = this.#read(path);
    if (!module) this.#fault("damaged", `${says}, and ${path} is no DLL, or damaged; bring a whole one`);
    else if (module.machine !== this.#machine) {
      const [its, own] = [module.machine, this.#machine].map((machine) =>
        MACHINES.get(machine) ?? `0x${machine.toString(16)}`
      );
      this.#fault("foreign", `${says}, and ${path} is built for ${its}; bring one for ${own}`);
    } else {
      const lacking = symbols.find((symbol) => !module.exports.has(symbol));
      const what = typeof lacking === "number" ? `number ${lacking}` : lacking;
      const advice = `bring the version that ${importer} was built for`;
      if (what !== undefined) {
        this.#fault("function", `${importer} imports ${what} of ${path}, which has no such function; ${advice}`);
      }
      const isNews = !this.#seen.has(path.toLowerCase());
      this.#seen.add(path.toLowerCase());
      if (isNews && folderOf(path).toLowerCase() !== this.#system.toLowerCase()) return { path, module };
    }
    return undefined;
  }

  #find(dll: string): string | undefined {
    const folders = [folderOf(this.#image), this.#system, ...this.#search.others];
    return folders.map((folder) => `${folder}\\${dll}`).find((path) => this.#files.exists(path));
  }

  #read(path: string): Linkage | undefined {
    const bytes = this.#files.read(path);
    return bytes && readLinkage(bytes);
  }

  #fault(kind: Fault["kind"], text: string): void {
    this.#faults.push({ kind, text });
  }
}

function folderOf(path: string): string {
  return path.replace(/\\[^\\]*$/, "");
}

function fileOf(path: string): string {
  return path.replace(/^.*\\/, "");
}
