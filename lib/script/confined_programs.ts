import type { EngineStop } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import { StateError } from "../session/errors.ts";
import { baseName, type NamedProcess } from "./names.ts";

/** A process that came up. */
type CreateProcess = EngineEvent & { readonly type: "createProcess" };

/** A program that the script asked for and that has not come up yet. */
export type Expected =
  /** An attach, and the process as it was when that was granted. */
  | { readonly way: "attach"; readonly process: NamedProcess }
  /** A launch of a file of that name. */
  | { readonly way: "launch"; readonly name: string };

/** A program that the script has. */
export interface ConfinedProgram extends NamedProcess {
  /** Whether the script launched it, or one that it is a child of. */
  readonly isLaunched: boolean;
}

/** Which programs a script has: what came up because it was granted, and the children of these. */
export class ConfinedPrograms {
  readonly #programs = new Map<number, ConfinedProgram>();
  /** Also those that have ended: a child may come up after that. */
  readonly #families = new Map<number, ConfinedProgram>();
  readonly #ended = new Set<number>();
  /** Came up and were not what was granted. */
  readonly #refused = new Set<number>();
  #expected: Expected | undefined;

  /** The programs that are there. */
  get size(): number {
    return this.#programs.size;
  }

  /** What was asked for. */
  get expected(): Expected | undefined {
    return this.#expected;
  }

  /** Something was asked for. @throws {StateError} while another is awaited. */
  expect(expected: Expected): void {
    if (this.#expected) {
      throw new StateError("running", "Cannot open a program: another one is being opened; open one after another");
    }
    this.#expected = expected;
    if (expected.way === "attach") this.#refused.delete(expected.process.processId);
  }

  /** Whether a process that was attached to is still to come up, or one that was launched (no id). */
  awaits(processId?: number): boolean {
    const expected = this.#expected;
    return expected?.way === "attach"
      ? expected.process.processId === processId
      : !!expected && processId === undefined;
  }

  /** What was asked for does not come. */
  expectNone(): void {
    this.#expected = undefined;
  }

  /** The program in a process. @throws {StateError} for any other process. */
  get(processId: number): ConfinedProgram {
    const program = this.#programs.get(processId);
    if (program) return program;
    throw new StateError("program-gone", "Cannot use the program: it is not being debugged any more");
  }

  /** Whether the script has the program in a process. */
  has(processId: number): boolean {
    return this.#programs.has(processId);
  }

  /** Who came up: what was asked for, the child of a program, or nobody that the script may know. */
  classify(
    { processId, parentId }: CreateProcess,
  ): Expected | { readonly way: "child"; readonly of: ConfinedProgram } | undefined {
    const parent = parentId === undefined ? undefined : this.#families.get(parentId);
    if (parentId !== undefined) return parent && { way: "child", of: parent };
    const expected = this.#expected;
    return expected?.way === "attach" && expected.process.processId !== processId ? undefined : expected;
  }

  /** Whether a process came up, was not the one that was granted, and was let go. */
  wasRefused(processId: number): boolean {
    return this.#refused.has(processId);
  }

  /** A process came up that the script is not to know. One that it had under that number is no more. */
  refuse(processId: number): void {
    this.#refused.add(processId);
    this.#programs.delete(processId);
  }

  /** A program is there. Windows gives numbers of processes again. */
  add({ processId, module }: CreateProcess, isLaunched: boolean): void {
    const program = { processId, name: baseName(module.imageName), isLaunched };
    this.#programs.set(processId, program);
    this.#families.set(processId, program);
    this.#ended.delete(processId);
    this.#refused.delete(processId);
  }

  /** A program is not debugged any more. */
  remove(processId: number): void {
    this.#programs.delete(processId);
  }

  /** Takes note of what a run brought. */
  note(stop: EngineStop): void {
    if (stop.kind === "event" && stop.event.type === "exitProcess") this.#ended.add(stop.event.processId);
    if (stop.kind === "left") this.#programs.delete(stop.processId);
    if (stop.kind !== "ended") return;
    this.#programs.clear();
    this.#ended.clear();
  }

  /** The programs go on: those whose end was told are over. */
  goOn(): void {
    for (const processId of this.#ended) this.#programs.delete(processId);
    this.#ended.clear();
  }
}
