/** Which processes come up: what was asked for, or children, and what becomes of those. */
import { HresultError } from "../../com/hresult.ts";
import { type ChildPolicies, type ChildPolicy, knowsChildren, policyOf } from "../../session/children.ts";
import type { EngineAttach, EngineStop } from "../engine_api.ts";
import type { ModuleInfo } from "../../session/engine.ts";
import { AttachError, codeText } from "../../session/errors.ts";
import { DEBUG_PROCESS_ONLY_THIS_PROCESS } from "../generated/constants.ts";
import type { EngineObjects } from "./objects.ts";
import { processName } from "./describe.ts";
import { isWine } from "./windows.ts";
import { parentProcess } from "./windows_processes.ts";

/** An attach or a launch that was asked for. */
export interface ExpectedProgram {
  /** The process to attach to; a launched one is not known before it is there. */
  readonly processId?: number;
  /** What is launched. */
  readonly commandLine?: string;
  /** Handle of its process server, 0n for this machine. */
  readonly server: bigint;
  readonly children: ChildPolicies;
  /** Whether it stops at its initial breakpoint. */
  readonly initialBreak: boolean;
  /** Whether it is to outlive this process. */
  readonly keepOnExit: boolean;
}

/** A process that came up. */
export interface Arrival {
  /** The debugged process that started it; undefined for what was opened. */
  readonly parentId: number | undefined;
  /** What becomes of it. What was opened is followed. */
  readonly policy: ChildPolicy;
  readonly module: ModuleInfo;
  /** Whether it stops at its initial breakpoint. */
  readonly initialBreak: boolean;
  /** Whether it is to outlive this process. */
  readonly keepOnExit: boolean;
}

/** A stop inside the engine's thread: those of the session, and children that it is not told of. */
export type HeldStop = EngineStop | { readonly kind: "ignored"; readonly processId: number };

/** What there is to know of a process that is debugged, for its children. */
interface Family {
  readonly server: bigint;
  readonly system: number;
  readonly isChild: boolean;
  readonly children: ChildPolicies;
}

/** Tells processes that were opened from children, and gives each child the policies of its parent. */
export class Arrivals {
  readonly #objects: EngineObjects;
  #expected: ExpectedProgram[] = [];
  /** By process id. The end of a process leaves its entry, since a child of it may come up after that. */
  readonly #families = new Map<number, Family>();
  /** Attached processes whose children are to be followed, once the engine is stopped. */
  readonly #toFollow = new Set<number>();

  constructor(objects: EngineObjects) {
    this.#objects = objects;
  }

  /** The first of these processes that runs on this machine. */
  localOf(processes: ReadonlySet<number>): number | undefined {
    return [...processes].find((processId) => this.#families.get(processId)?.server === 0n);
  }

  /** A program was asked for. */
  expect(program: ExpectedProgram): void {
    this.#expected = [...this.#expected.filter(({ processId }) => processId !== program.processId), program];
  }

  /** Whether one that was asked for is to come yet. */
  get isExpecting(): boolean {
    return this.#expected.length > 0;
  }

  /** What was asked for does not come. */
  expectNone(): void {
    this.#expected = [];
  }

  /** No process is left. */
  clear(): void {
    this.#families.clear();
    this.#toFollow.clear();
  }

  /** Inside the callback of a process that comes up: who it is. */
  arrive(processId: number, given: ModuleInfo): Arrival {
    const system = this.#objects.system.GetCurrentSystemId();
    const parentId = this.#parentOf(processId, system);
    const parent = parentId === undefined ? undefined : this.#families.get(parentId);
    const opened = parent ? undefined : this.#take(processId);
    const { server, children } = parent ?? opened ?? { server: 0n, children: [] };
    const module = withFileName(given, processName(this.#objects.client, server, processId));
    const policy = parent ? policyOf(children, module.imageName) : "follow";
    // Those that are let go have no children to us.
    if (policy === "follow") this.#families.set(processId, { server, system, isChild: !!parent, children });
    else this.#families.delete(processId);
    if (opened?.processId !== undefined && knowsChildren(children)) this.#toFollow.add(processId);
    const { initialBreak = policy === "follow", keepOnExit = false } = opened ?? {};
    return { parentId, policy, module, initialBreak, keepOnExit };
  }

  /** A process that was attached to has come without a callback. Whether it is to outlive this process. */
  comesSilently(processId: number): boolean {
    return this.#take(processId)?.keepOnExit ?? false;
  }

  /**
   * Once the engine is stopped at what came up: lets go of children that are ignored (undefined then), and has Windows report
   * the children of attached processes.
   */
  settle(stop: HeldStop): EngineStop | undefined {
    if (stop.kind === "ignored") return void this.#letGo(stop.processId);
    if (stop.kind === "event" && this.#toFollow.delete(stop.event.processId)) this.#follow(stop.event.processId);
    return stop;
  }

  /** Only what is asked for by its id can be told from a child without knowing the parent. */
  #parentOf(processId: number, system: number): number | undefined {
    if (this.#expected.some((expected) => expected.processId === processId)) return undefined;
    const candidates = [...this.#families].filter(([, family]) => family.system === system);
    const isRemote = candidates.some(([, { server }]) => server !== 0n);
    const parentId = isRemote ? undefined : parentProcess(processId);
    if (candidates.some(([id]) => id === parentId)) return parentId;
    // What is launched here has this process for its parent. Another machine does not tell: there it is known by its command line, and
    // others are taken for children of what was opened last.
    const launched = this.#expected.find((expected) => expected.processId === undefined);
    if (launched && (parentId === Deno.pid || this.#wasStartedAs(launched.commandLine))) return undefined;
    return candidates.findLast(([, { isChild, children }]) => !isChild && knowsChildren(children))?.[0];
  }

  /** One whose command line cannot be read counts as what is waited for. */
  #wasStartedAs(text: string | undefined): boolean {
    const found = commandLine(this.#objects);
    return found === undefined || found.trim() === text?.trim();
  }

  #take(processId: number): ExpectedProgram | undefined {
    const found = this.#expected.find((expected) => expected.processId === processId) ??
      this.#expected.find((expected) => expected.processId === undefined);
    this.#expected = this.#expected.filter((expected) => expected !== found);
    return found;
  }

  #letGo(processId: number): void {
    try {
      this.#objects.focus({ processId });
      this.#objects.client.DetachCurrentProcess();
    } catch (error) {
      if (!(error instanceof HresultError)) throw error; // it was killed meanwhile
    }
  }

  #follow(processId: number): void {
    const { client } = this.#objects;
    try {
      client.RemoveProcessOptions(DEBUG_PROCESS_ONLY_THIS_PROCESS);
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      client.DetachCurrentProcess();
      throw cannotFollow(processId, `Windows refused; attach without children, or launch it${codeText(error)}`);
    }
  }
}

/** Where a 64-bit PEB has the address of a process's parameters, and where these have their flags and the command line. */
const PARAMETERS = 0x20n;
const FLAGS = 8;
const COMMAND_LINE = 0x70;
const NORMALIZED = 1;

/** The command line of the current process; undefined where it cannot be read. */
function commandLine({ system, spaces }: EngineObjects): string | undefined {
  const read = (address: bigint, length: number): DataView => {
    const bytes = new Uint8Array(length);
    spaces.ReadVirtual(address, bytes, length);
    return new DataView(bytes.buffer);
  };
  try {
    const parameters = read(system.GetCurrentProcessPeb() + PARAMETERS, 8).getBigUint64(0, true);
    const head = read(parameters, COMMAND_LINE + 16);
    const [length, at] = [head.getUint16(COMMAND_LINE, true), head.getBigUint64(COMMAND_LINE + 8, true)];
    const isNormal = (head.getUint32(FLAGS, true) & NORMALIZED) !== 0; // else it is an offset
    return new TextDecoder("utf-16le").decode(read(isNormal ? at : parameters + at, length));
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
    return undefined;
  }
}

/** Refuses children where they cannot be followed, before anything is attached to. */
export function refuseChildren({ processId, server, noninvasive, existing, children = [] }: EngineAttach): void {
  if (!knowsChildren(children)) return;
  if (noninvasive || existing) {
    throw new AttachError("invalid-flags", "Cannot attach: children goes with neither noninvasive nor existing");
  }
  if (server === 0n && isWine()) {
    throw cannotFollow(processId, "Wine cannot debug children of a running process; launch it instead");
  }
}

function cannotFollow(processId: number, reason: string): AttachError {
  return new AttachError("not-supported", `Cannot follow the children of process ${processId}: ${reason}`);
}

/** The engine gives the name inside the image, which differs from that of a renamed file. */
function withFileName(module: ModuleInfo, fileName: string): ModuleInfo {
  const given = module.imageName.split(/[\\/]/).at(-1) ?? "";
  if (fileName === "" || given.toLowerCase() === fileName.toLowerCase()) return module;
  return { ...module, imageName: module.imageName.slice(0, module.imageName.length - given.length) + fileName };
}
