import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import type { Architecture } from "../../session/architecture.ts";
import type { EventPlace, ModuleInfo } from "../../session/engine.ts";
import { IMAGE_FILE_HEADER, IMAGE_NT_HEADERS64 } from "../generated/structs.ts";
import { I386, MACHINES } from "../../files/machines.ts";
import { type EngineObjects, HIGHEST_OF_I386 } from "./objects.ts";
import { isWine, systemFolder, wow64Folder } from "./windows.ts";
import { wow64Machine } from "./windows_processes.ts";
import { passX86Context, x86Context } from "./x86_context.ts";

/** For which machines the programs were compiled. */
export class Machines {
  readonly #objects: EngineObjects;
  /** 32-bit processes of this machine. */
  readonly #redirected = new Set<number>();

  constructor(objects: EngineObjects) {
    this.#objects = objects;
  }

  /** A process comes up, and is the engine's current one. `isHere`: whether it is one of this machine's. */
  came(processId: number, image: bigint, isHere: boolean): void {
    const machine = this.#find(processId, image, isHere);
    if (machine !== undefined) this.#objects.machines.set(processId, machine);
    if (machine === I386 && isHere) this.#redirected.add(processId);
  }

  /** What a process was compiled for; undefined where nothing tells. */
  of(processId: number): Architecture | undefined {
    return MACHINES[this.#objects.machines.get(processId) ?? 0];
  }

  /** The same for an event. */
  told(processId: number): { readonly architecture?: Architecture } {
    const architecture = this.of(processId);
    return architecture ? { architecture } : {};
  }

  /**
   * Looks into a program, whose process is the engine's current one, with its own processor as the effective one, which follows the last event:
   * another program's, or what a thread of a 32-bit program does inside Windows' 64-bit part. `context`: its 32-bit registers, where the
   * engine does not know them.
   */
  within<T>(processId: number, action: (context?: Uint8Array<ArrayBuffer>) => T): T {
    const { control } = this.#objects;
    const before = control.GetEffectiveProcessorType();
    const machine = this.#objects.machines.get(processId) ?? control.GetActualProcessorType();
    if (before !== I386 && machine !== I386) return action();
    try {
      control.SetEffectiveProcessorType(machine === I386 ? control.GetActualProcessorType() : machine);
      if (machine !== I386) return action();
      const context = x86Context(this.#objects);
      control.SetEffectiveProcessorType(I386);
      return action(context);
    } finally {
      control.SetEffectiveProcessorType(before);
    }
  }

  /** The thread of an event is about to run, and to trap after one instruction if it `traps`: see {@linkcode passX86Context}. */
  beforeRun({ processId, threadId }: EventPlace, traps = false): void {
    if (!this.#redirected.has(processId) || !isWine()) return;
    if (!this.#objects.tryFocus({ processId, threadId })) return;
    this.within(processId, (context) => {
      if (!context) passX86Context(this.#objects, traps);
    });
  }

  /**
   * A module of the engine's current process with the path of its file: Wine, and no Windows, calls a 32-bit DLL of Windows' as the program
   * does, for which Windows leads the folder of the 64-bit ones to the other.
   */
  withPath(processId: number, module: ModuleInfo): ModuleInfo {
    if (!this.#redirected.has(processId) || !isWine()) return module;
    const path = module.imageName;
    const folder = `${systemFolder()}\\`;
    const isSystem = path.toLowerCase().startsWith(folder.toLowerCase());
    if (!isSystem || imageMachine(this.#objects, module.base) !== I386) return module;
    return { ...module, imageName: `${wow64Folder()}\\${path.slice(folder.length)}` };
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    this.#objects.machines.delete(processId);
    this.#redirected.delete(processId);
  }

  /**
   * The engine's own processor types do not tell: the actual one is the machine's, and the others change with what a thread is about.
   * Windows knows which processes are 32-bit ones. Of others the image says it, but for .NET's that are made for any processor: these
   * say x86 and run as 64-bit ones, and have their process environment block where no 32-bit process has it.
   */
  #find(processId: number, image: bigint, isHere: boolean): number | undefined {
    const wow64 = isHere ? wow64Machine(processId) : undefined;
    if (wow64) return wow64;
    const machine = imageMachine(this.#objects, image);
    const isLarge = wow64 === 0 || this.#objects.peb() > HIGHEST_OF_I386;
    return isLarge && machine === I386 ? this.#objects.control.GetActualProcessorType() : machine;
  }
}

/** The IMAGE_FILE_MACHINE_… that an image of the current process says; undefined where it cannot be read. */
export function imageMachine({ spaces }: EngineObjects, base: bigint): number | undefined {
  const headers = new Uint8Array(IMAGE_NT_HEADERS64.size);
  try {
    spaces.ReadImageNtHeaders(base, headers);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
  return new StructView(IMAGE_FILE_HEADER, headers, IMAGE_NT_HEADERS64.fields.FileHeader.offset).get("Machine");
}
