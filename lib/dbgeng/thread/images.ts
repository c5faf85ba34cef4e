import type { EventPlace, ModuleInfo } from "../../session/engine.ts";
import type { Machines } from "./machines.ts";
import { hasFolder, nameOfFile, withName } from "./modules.ts";
import type { EngineObjects } from "./objects.ts";
import { moduleInfo } from "./records.ts";
import { systemFolder } from "./windows.ts";
import { processImage } from "./windows_processes.ts";

/** The programs' own files, and the modules of events, with names and paths as lists and symbols have them. */
export class Images {
  readonly #objects: EngineObjects;
  readonly #machines: Machines;
  /** By process. */
  readonly #images = new Map<number, ModuleInfo>();
  /** Processes of this machine. */
  readonly #local = new Set<number>();

  constructor(objects: EngineObjects, machines: Machines) {
    this.#objects = objects;
    this.#machines = machines;
  }

  /** Inside the callback of a process that comes up: its file. The engine gives what was asked for, which may be a mere name. */
  created(processId: number, handle: bigint, values: unknown[]): ModuleInfo {
    const module = withName(this.#objects, moduleInfo(values));
    const path = processImage(processId, handle);
    if (path === undefined) return module;
    this.#local.add(processId);
    return { ...module, name: module.name || nameOfFile(path), imageName: path };
  }

  /** Inside the callback of a DLL. Windows loads ntdll itself, and tells a mere name. */
  loaded({ processId }: EventPlace, values: unknown[]): ModuleInfo {
    const module = withName(this.#objects, moduleInfo(values));
    const path = hasFolder(module.imageName) || !this.#local.has(processId)
      ? module.imageName
      : `${systemFolder()}\\${module.imageName}`;
    return this.#machines.withPath(processId, { ...module, imageName: path });
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

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.#images.delete(processId);
    this.#local.delete(processId);
  }
}
