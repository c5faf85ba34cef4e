/** What is loaded, and what it is called: in events, in lists and in symbols by the same names. */
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { EngineError } from "../../session/errors.ts";
import { DEBUG_MODNAME_IMAGE, DEBUG_MODNAME_MODULE } from "../generated/constants.ts";
import { DEBUG_MODULE_PARAMETERS } from "../generated/structs.ts";
import { read } from "./inspect.ts";
import { type EngineObjects, readText } from "./objects.ts";

/** The addresses of the current program's loaded modules. */
export function moduleBases({ symbols }: EngineObjects): bigint[] {
  const count = symbols.GetNumberModules().Loaded;
  return Array.from({ length: count }, (_, index) => symbols.GetModuleByIndex(index));
}

/** The current program's loaded modules; its own file's path, if that is known, is that of `image`. */
export function modules(objects: EngineObjects, image?: ModuleInfo): ModuleInfo[] {
  const { symbols } = objects;
  const count = symbols.GetNumberModules().Loaded;
  const { size } = DEBUG_MODULE_PARAMETERS;
  const bytes = new Uint8Array(count * size);
  if (count > 0) symbols.GetModuleParameters(count, null, 0, bytes);
  const list = Array.from({ length: count }, (_, index) => {
    const parameters = new StructView(DEBUG_MODULE_PARAMETERS, bytes, index * size);
    const base = parameters.get("Base");
    const isImage = image !== undefined && base === image.base;
    return {
      name: nameOf(objects, index, base),
      imageName: isImage ? image.imageName : nameString(objects, DEBUG_MODNAME_IMAGE, index, base),
      base,
      size: parameters.get("Size"),
      checksum: parameters.get("Checksum"),
      timestamp: parameters.get("TimeDateStamp"),
    };
  });
  return withPaths(objects, list);
}

/** The module that an address is in; null outside of all. */
export function moduleAt(
  objects: EngineObjects,
  address: bigint,
): { readonly name: string; readonly base: bigint } | null {
  try {
    const { Index: index, Base: base } = objects.symbols.GetModuleByOffset(address, 0);
    return { name: nameOf(objects, index, base), base };
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return null;
  }
}

/** A module of an event with the name that its symbols have: the event has another, where file names hold what symbols cannot. */
export function withName(objects: EngineObjects, module: ModuleInfo): ModuleInfo {
  const found = moduleAt(objects, module.base);
  return found?.base === module.base ? { ...module, name: found.name } : module;
}

/** Whether a path tells where the file is. */
export function hasFolder(path: string): boolean {
  return /[\\/]/.test(path);
}

/** The engine has no name for programs that say none themselves: these are called after their file. */
function nameOf(objects: EngineObjects, index: number, base: bigint): string {
  const name = nameString(objects, DEBUG_MODNAME_MODULE, index, base);
  if (name !== "") return name;
  const told = nameOfFile(nameString(objects, DEBUG_MODNAME_IMAGE, index, base)); // it may be a mere ".exe"
  return told || nameOfFile(loaderPaths(objects, new Set([base])).get(base) ?? "");
}

/** A name for a module after its file. */
export function nameOfFile(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? "";
  return file.replace(/\.[^.]*$/, "").replaceAll(/[^A-Za-z0-9_]/g, "_");
}

function nameString({ symbols }: EngineObjects, which: number, index: number, base: bigint): string {
  return readText((buffer, room) => symbols.GetModuleNameStringWide(which, index, base, buffer, room));
}

/** Where a 64-bit PEB has the address of the loader's data, and these the list of modules in the order of their loading. */
const LOADER = 0x18n;
const LIST = 0x10n;
/** Where an entry of that list has the module's address and the length and address of its path. */
const ENTRY = { base: 0x30, length: 0x48, path: 0x50, size: 0x58 } as const;
const MOST_ENTRIES = 4_096;

/** Windows loads the program and ntdll itself, and the engine hears a mere name of them; the program's loader knows the paths. */
function withPaths(objects: EngineObjects, list: readonly ModuleInfo[]): ModuleInfo[] {
  const bare = new Set(list.filter(({ imageName }) => !hasFolder(imageName)).map(({ base }) => base));
  if (bare.size === 0) return [...list];
  const paths = loaderPaths(objects, bare);
  return list.map((module) => {
    const path = paths.get(module.base);
    return path !== undefined && hasFolder(path) ? { ...module, imageName: path } : module;
  });
}

/** The paths of some modules, by address, as far as they can be read: a dump may not have them, and a program may change them. */
function loaderPaths(objects: EngineObjects, wanted: ReadonlySet<bigint>): ReadonlyMap<bigint, string> {
  const paths = new Map<bigint, string>();
  const view = (address: bigint, length: number): DataView => new DataView(read(objects, address, length).buffer);
  const pointer = (address: bigint): bigint => view(address, 8).getBigUint64(0, true);
  try {
    const head = pointer(objects.system.GetCurrentProcessPeb() + LOADER) + LIST;
    let at = pointer(head);
    for (let count = 0; at !== head && count < MOST_ENTRIES && paths.size < wanted.size; count++) {
      const entry = view(at, ENTRY.size);
      const base = entry.getBigUint64(ENTRY.base, true);
      if (wanted.has(base)) {
        const text = read(objects, entry.getBigUint64(ENTRY.path, true), entry.getUint16(ENTRY.length, true));
        paths.set(base, new TextDecoder("utf-16le").decode(text));
      }
      at = entry.getBigUint64(0, true);
    }
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof HresultError)) throw error;
  }
  return paths;
}
