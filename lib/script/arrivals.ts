import type { EngineConnection, EngineStop } from "../dbgeng/engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import { StateError } from "../session/errors.ts";
import type { ExecutionStatus } from "../session/status.ts";
import type { ConfinedPrograms, Expected } from "./confined_programs.ts";
import { folded } from "../session/letters.ts";
import { attachNeed, baseName, isProcessId } from "./names.ts";
import { launchNeed } from "./paths.ts";
import type { Permissions } from "./permissions.ts";

type CreateProcess = EngineEvent & { readonly type: "createProcess" };

/**
 * Runs the programs and looks at each process that comes up, before the script hears of it: whether it is the one that was
 * granted. Between a check and an attach the process may have been replaced, and Windows may find another file than meant.
 */
export class Arrivals {
  readonly #engine: EngineConnection;
  readonly #permissions: Permissions;
  readonly #programs: ConfinedPrograms;
  #isAtException = false;
  #isBehindException = false;

  /** Not for others: {@linkcode GuardedConnection} makes it. */
  constructor(engine: EngineConnection, permissions: Permissions, programs: ConfinedPrograms) {
    this.#engine = engine;
    this.#permissions = permissions;
    this.#programs = programs;
  }

  /** Whether the programs stand at an exception of their own. */
  get isAtException(): boolean {
    return this.#isAtException;
  }

  /** Whether they stand at a break of the debugger's own that came right after one: the engine may be at the exception still. */
  get isBehindException(): boolean {
    return this.#isBehindException;
  }

  /** Runs until something happens that the script may know. */
  async run(status: ExecutionStatus, milliseconds: number | undefined): Promise<EngineStop> {
    for (let how = status;;) {
      this.#programs.goOn();
      const stop = await this.#runEngine(how, milliseconds);
      const isOwnBreak = stop.kind === "interrupt" || stop.kind === "break" || stop.kind === "initialBreak";
      this.#isBehindException = isOwnBreak && (this.#isAtException || this.#isBehindException);
      this.#isAtException = stop.kind === "event" && stop.event.type === "exception";
      if (await this.#isForScript(stop)) {
        this.#programs.note(stop);
        return this.#masked(stop);
      }
      if (this.#programs.size === 0 && !this.#programs.expected) return { kind: "ended" };
      how = this.#isAtException ? "goNotHandled" : "go";
      this.#isAtException = false;
    }
  }

  async #runEngine(status: ExecutionStatus, milliseconds: number | undefined): Promise<EngineStop> {
    try {
      return await (milliseconds === undefined
        ? this.#engine.call("run", status)
        : this.#engine.call("run", status, milliseconds));
    } catch (error) {
      // A program that is only awaited does not come up after that.
      if (!(error instanceof StateError)) this.#programs.expectNone();
      throw error;
    }
  }

  async #isForScript(stop: EngineStop): Promise<boolean> {
    switch (stop.kind) {
      case "event":
        if (stop.event.type === "createProcess") return await this.#arrive(stop.event);
        return this.#programs.has(stop.event.processId);
      case "initialBreak":
      case "entryPoint":
      case "left":
        return this.#programs.has(stop.processId);
      case "ended":
        this.#programs.expectNone();
        return true;
      default:
        return true;
    }
  }

  /** A stop names no process that the script does not have. */
  #masked(stop: EngineStop): EngineStop {
    if (stop.kind !== "interrupt" && stop.kind !== "break") return stop;
    return this.#programs.has(stop.processId) ? stop : { kind: stop.kind, processId: 0, threadId: 0 };
  }

  async #arrive(event: CreateProcess): Promise<boolean> {
    const who = this.#programs.classify(event);
    const { processId } = event;
    if (who === undefined) return await this.#drop(processId, "detach");
    if (who.way === "child") {
      const child = { processId, name: baseName(event.module.imageName) };
      if (this.#permissions.isDenied(attachNeed(child))) return await this.#drop(processId, "detach");
      return this.#take(event, who.of.isLaunched);
    }
    this.#programs.expectNone();
    const fault = this.#faultOf(who, event);
    if (fault) {
      await this.#drop(processId, who.way === "attach" ? "detach" : "terminate");
      throw fault;
    }
    return this.#take(event, who.way === "launch");
  }

  /** The script has a process. */
  #take(event: CreateProcess, isLaunched: boolean): true {
    this.#programs.add(event, isLaunched);
    return true;
  }

  /** Why what came up is not what was granted. */
  #faultOf(expected: Expected, { processId, module }: CreateProcess): Error | undefined {
    const name = baseName(module.imageName);
    if (expected.way === "launch") {
      return folded(expected.name) === folded(name) ? undefined : this.#permissions.failure(launchNeed(name));
    }
    const { process } = expected;
    const need = attachNeed({ processId, name: name === "" ? process.name : name });
    if (!this.#permissions.has(need)) return this.#permissions.failure(need);
    if (folded(name) === folded(process.name) || process.name === "" || !this.#onlyById(processId, name)) {
      return undefined;
    }
    return this.#permissions.failure({ ...need, value: name });
  }

  /** Whether nothing but its number grants a process: then it has to be the same process still. */
  #onlyById(processId: number, name: string): boolean {
    const { allow } = this.#permissions.rule("attach");
    const covers = attachNeed({ processId, name }).allows;
    return !allow.all && !allow.list.some((entry) => !isProcessId(entry) && covers?.(entry));
  }

  /** Lets go of a process that the script is not to know. */
  async #drop(processId: number, how: "detach" | "terminate"): Promise<false> {
    this.#programs.refuse(processId);
    await this.#engine.call(how, processId);
    return false;
  }
}
