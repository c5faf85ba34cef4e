import type { EventPlace, ModuleInfo } from "../../session/engine.ts";
import { nameAfterFile, parameterPath } from "./image_names.ts";
import type { Machines } from "./machines.ts";
import type { KnownImage } from "./module_names.ts";
import { hasFolder, nameOfFile, withName } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";
import { moduleInfo } from "./records.ts";
import { systemFolder } from "./windows.ts";
import { processImage } from "./windows_processes.ts";

const NTDLL = "ntdll.dll";

/** The programs' own files, and the modules of events, with names and paths as lists and symbols have them. */
export class Images {
  readonly #objects: EngineObjects;
  readonly #machines: Machines;
  /** By process. */
  readonly #images = new Map<number, ModuleInfo>();
  /** What the engine called them first. */
  readonly #formerNames = new WeakMap<ModuleInfo, string>();
  /** Processes of this machine. */
  readonly #local = new Set<number>();

  constructor(objects: EngineObjects, machines: Machines) {
    this.#objects = objects;
    this.#machines = machines;
  }

  /** Inside the callback of a process that comes up: its file, after which the engine calls it from now on. */
  created(processId: number, handle: bigint, values: unknown[]): ModuleInfo {
    const objects = this.#objects;
    const told = withName(objects, moduleInfo(values));
    const local = processImage(processId, handle);
    if (local !== undefined) this.#local.add(processId);
    const path = local ?? parameterPath(objects);
    if (path === undefined) return told;
    nameAfterFile(objects, told, path);
    const { name } = withName(objects, told);
    const image = { ...told, name: name || nameOfFile(path), imageName: path };
    this.#formerNames.set(image, told.name);
    return image;
  }

  /** Inside the callback of a DLL. Windows loads ntdll itself, and tells a mere name. */
  loaded({ processId }: EventPlace, values: unknown[]): ModuleInfo {
    const module = withName(this.#objects, moduleInfo(values));
    const path = hasFolder(module.imageName) || !this.#local.has(processId)
      ? module.imageName
      : `${systemFolder()}\\${module.imageName}`;
    return this.#machines.withPath(processId, { ...module, imageName: path });
  }

  /** A module of a list: the loader, which knows paths, does not know ntdll yet when that comes up. */
  listed(processId: number, module: ModuleInfo): ModuleInfo {
    const isBare = module.imageName.toLowerCase() === NTDLL && this.#local.has(processId);
    const imageName = isBare ? `${systemFolder()}\\${NTDLL}` : module.imageName;
    return this.#machines.withPath(processId, { ...module, imageName });
  }

  /** Whether a process is one of this machine's that has come up with a callback. */
  isLocal(processId: number): boolean {
    return this.#local.has(processId);
  }

  /** A process is debugged. */
  set(processId: number, image: ModuleInfo): void {
    this.#images.set(processId, image);
  }

  /** The file of a process. */
  of(processId: number): ModuleInfo | undefined {
    return this.#images.get(processId);
  }

  /** The same with what it was called first. */
  known(processId: number): KnownImage | undefined {
    const image = this.of(processId);
    return image && { image, formerName: this.#formerNames.get(image) ?? image.name };
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.#images.delete(processId);
    this.#local.delete(processId);
  }
}
