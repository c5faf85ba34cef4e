import type { EngineConnection, EngineInput } from "../dbgeng/engine_api.ts";
import type { ProcessInfo } from "../session/engine.ts";
import { AttachError } from "../session/errors.ts";
import { refuseCombinations } from "../session/attach_rules.ts";
import type { AttachOptions } from "../session/options.ts";
import { isBatch, programCommand } from "./command.ts";
import { steeringNeed, steeringVariable } from "./environment.ts";
import type { ConfinedPrograms } from "./confined_programs.ts";
import { MAX_PROGRAMS } from "./limits.ts";
import { attachNeed, baseName, type NamedProcess } from "./names.ts";
import { fullPath, launchNeed } from "./paths.ts";
import type { Permissions } from "./permissions.ts";
import * as requests from "./requests.ts";
import type { Servers } from "./servers.ts";

/** What the checks of an opening need. */
interface OpeningParts {
  readonly engine: EngineConnection;
  readonly permissions: Permissions;
  readonly programs: ConfinedPrograms;
  readonly servers: Servers;
}

/** Attaches and launches of a confined script, until the engine has them. What comes of them: `arrivals.ts`. */
export class Openings {
  readonly #parts: OpeningParts;
  readonly #protected: ReadonlySet<number>;
  /** The inputs that the script was given, and has not used: it has no other handle of the engine's process. */
  readonly #inputs = new Set<number>();

  constructor(parts: OpeningParts, protectedIds: readonly number[]) {
    this.#parts = parts;
    this.#protected = new Set(protectedIds);
  }

  /** The script has an input, for one launch. */
  giveInput(input: EngineInput): EngineInput {
    this.#inputs.add(input.id);
    return {
      ...{ id: input.id, write: (bytes) => input.write(bytes), close: () => input.close() },
      launched: () => {
        this.#inputs.delete(input.id);
        input.launched();
      },
    };
  }

  /** Whether a script may know of a process: it may attach to it. */
  mayKnow(server: bigint, process: NamedProcess): boolean {
    return !this.#isProtected(server, process.processId) && this.#parts.permissions.has(attachNeed(process));
  }

  #isProtected(server: bigint, processId: number): boolean {
    return server === 0n && this.#protected.has(processId);
  }

  /** Carries an attach out. */
  async attach(given: unknown): Promise<void> {
    const { engine, permissions, programs, servers } = this.#parts;
    const request = requests.attachRequest(given, "request");
    const { noninvasive, existing, initialBreak, resume } = request;
    refuseCombinations({ noninvasive, existing, initialBreak, resume } as AttachOptions);
    const server = servers.inner(request.server);
    const { processId } = request;
    if (this.#isProtected(server, processId)) {
      const advice = "it runs this script; attach to another one";
      throw new AttachError("self", `Cannot attach to process ${processId}: ${advice}`);
    }
    this.#refuseMore();
    const process = await this.#find(server, processId);
    await permissions.require({ ...attachNeed(process), said: `${processId}` });
    programs.expect({ way: "attach", process });
    try {
      await engine.call("attach", { ...request, server });
    } catch (error) {
      programs.expectNone();
      throw error;
    }
  }

  /** A process as the engine tells of it; without a name where there is none. */
  async #find(server: bigint, processId: number): Promise<NamedProcess> {
    const all: readonly ProcessInfo[] = await this.#parts.engine.call("processes", server);
    const found = all.find((process) => process.processId === processId);
    return { processId, name: baseName(found?.name ?? "") };
  }

  /** Carries a launch out. */
  async launch(given: unknown): Promise<void> {
    const { engine, permissions, programs, servers } = this.#parts;
    const request = requests.launchRequest(given, "request");
    const server = servers.inner(request.server);
    if (request.input !== undefined && !this.#inputs.has(request.input)) {
      throw new TypeError("Cannot take the request: its input is none of this script's");
    }
    if (request.input !== undefined && server !== 0n) {
      throw new TypeError("Cannot take the request: a process server's programs take no input");
    }
    const { program, commandLine } = programCommand(request.commandLine);
    const directory = request.directory === null ? null : fullPath(request.directory, "directory");
    this.#refuseMore();
    const need = launchNeed(program);
    // An interpreter comes up instead, which no list names: with all programs granted, that is one of them.
    await permissions.require(isBatch(program) ? { ...need, allows: () => false } : need);
    const steering = steeringVariable(request);
    if (steering !== undefined) await permissions.require(steeringNeed(program, steering));
    programs.expect({ way: "launch", name: isBatch(program) ? "cmd.exe" : baseName(program) });
    try {
      await engine.call("launch", { ...request, server, commandLine, directory });
    } catch (error) {
      programs.expectNone();
      throw error;
    }
  }

  #refuseMore(): void {
    if (this.#parts.programs.size < MAX_PROGRAMS) return;
    throw new TypeError(`Cannot open a program: more than ${MAX_PROGRAMS} at a time`);
  }
}
