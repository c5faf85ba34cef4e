import type { AttachCall, LaunchRequest, Port, PortProgram, ProgramNode } from "../session/contract.ts";
import { type ChildPolicies, knowsChildren } from "../session/children.ts";
import { AttachError, EngineError } from "../session/errors.ts";
import { InspectorClient } from "./client.ts";
import { V8_ENGINE_ID, V8Engine } from "./engine.ts";
import { launchProgram, type RunningChild } from "./launch.ts";
import type { InspectorTarget } from "./protocol.ts";
import { programName } from "./scripts.ts";
import { Target } from "./target.ts";

/** A program that is there: how it is listed, and its process id as far as it is known. */
export interface FoundProgram {
  readonly target: InspectorTarget;
  readonly processId: number;
}

/** A Node or Deno program, with an inspector or to be launched with one. */
export class InspectorProgram implements PortProgram {
  readonly id: string;
  readonly port: Port;
  readonly node: InspectorNode;
  readonly launch?: LaunchRequest;

  /** Not for users: ports make it. */
  constructor(id: string, port: Port, hostName: string, source: FoundProgram | LaunchRequest) {
    this.id = id;
    this.port = port;
    this.node = new InspectorNode(hostName, source);
    if ("command" in source) this.launch = source;
  }
}

/** Says how a program is attached to: its engine is inside it. */
export class InspectorNode implements ProgramNode {
  readonly engineId = V8_ENGINE_ID;
  readonly hostName: string;
  #hostPid: number;
  #programName: string;
  readonly #source: FoundProgram | LaunchRequest;

  /** Not for users: {@linkcode InspectorProgram} makes it. */
  constructor(hostName: string, source: FoundProgram | LaunchRequest) {
    this.hostName = hostName;
    this.#source = source;
    this.#hostPid = "command" in source ? 0 : source.processId;
    this.#programName = "command" in source ? "" : source.target.title;
  }

  /** The process that the program is in; of one to be launched it is known when that is done. */
  get hostPid(): number {
    return this.#hostPid;
  }

  /** As the inspector lists it. */
  get programName(): string {
    return this.#programName;
  }

  /** Connects to the program, launching it if need be, and reports its engine. */
  async onAttach(programId: string, call: AttachCall): Promise<"attached"> {
    refuseUnsupported(call);
    if ("command" in this.#source) refuseChildren(this.#source.children);
    if (!("command" in this.#source)) {
      const { target, processId } = this.#source;
      await this.#connect(programId, call, target, processId, undefined);
      return "attached";
    }
    const { target, child } = await launchProgram(this.#source);
    try {
      this.#hostPid = child.processId;
      this.#programName = target.title;
      await this.#connect(programId, call, target, child.processId, child);
    } catch (error) {
      child.kill();
      await child.endedWithin();
      throw error;
    }
    return "attached";
  }

  async #connect(
    programId: string,
    { callback, reason, request }: AttachCall,
    listed: InspectorTarget,
    processId: number,
    child: RunningChild | undefined,
  ): Promise<void> {
    const client = await InspectorClient.open(listed.webSocketDebuggerUrl);
    try {
      const target = new Target(client, listed);
      await target.enable().catch((error: unknown) => {
        throw enableError(listed, error);
      });
      const { initialBreak } = request;
      const beginning = { programId, processId, name: programName(listed), reason, initialBreak, child };
      await callback({ type: "engineCreate", engine: new V8Engine(target, beginning, callback) });
    } catch (error) {
      await client.close();
      throw error;
    }
  }
}

function refuseUnsupported({ request }: AttachCall): void {
  const refuse = (text: string): never => {
    throw new AttachError("not-supported", `Cannot attach to a script runtime: ${text}`);
  };
  if (request.noninvasive) refuse("its inspector answers through the program itself; leave out noninvasive");
  if (request.existing) refuse("no debugger can abandon it; leave out existing");
  refuseChildren(request.children);
}

function refuseChildren(children: ChildPolicies): void {
  if (!knowsChildren(children)) return;
  const text = "Cannot follow children: a script runtime does not tell of them; leave out children";
  throw new AttachError("not-supported", text);
}

function enableError({ title }: InspectorTarget, error: unknown): AttachError {
  if (error instanceof EngineError && error.kind === "lost") {
    return new AttachError("exited", `Cannot attach to ${title}: it ended meanwhile; start it again`);
  }
  const text = `Cannot attach to ${title}: it is busy and its inspector does not answer; try again later`;
  return new AttachError("failed", text);
}
