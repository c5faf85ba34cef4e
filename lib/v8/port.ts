import type { LaunchRequest, Port, PortHost, PortProgram } from "../session/contract.ts";
import type { ProcessInfo } from "../session/engine.ts";
import { AttachError } from "../session/errors.ts";
import { UnconnectedPort } from "../session/port.ts";
import { inspectedCommand } from "./command_line.ts";
import { hostOf, listTargets, processIdOf } from "./discovery.ts";
import { openInspector } from "./open_inspector.ts";
import { type FoundProgram, InspectorProgram } from "./program.ts";
import type { InspectorTarget } from "./protocol.ts";
import { programName } from "./scripts.ts";

/** Where Node and Deno open an inspector when they are told by a signal. */
const SIGNAL_ADDRESS = "127.0.0.1:9229";

/** The Node and Deno programs of this machine. */
export class LocalInspectorPort extends UnconnectedPort implements Port {
  readonly #host: PortHost;

  /** Not for users: {@linkcode InspectorPortSupplier} makes it. */
  constructor(name: string, host: PortHost) {
    super(name);
    this.#host = host;
  }

  /** The programs whose inspector is at the usual place; others can be had by their process id. */
  async processes(): Promise<ProcessInfo[]> {
    const found = await findAll(SIGNAL_ADDRESS).catch((error: unknown) => {
      if (error instanceof AttachError) return [];
      throw error;
    });
    return found.map(processInfo);
  }

  /** The program in a process; has it open its inspector if need be. */
  async program(processId: number): Promise<PortProgram> {
    refuseSelf(processId);
    const target = await openInspector(processId, SIGNAL_ADDRESS);
    return new InspectorProgram(this.#host.newProgramId(), this, "", { target, processId });
  }

  /** A program that is to be launched here. */
  launch(request: LaunchRequest): Promise<PortProgram> {
    return launchable(this.#host, this, request);
  }
}

/** The programs whose inspector is at an address: one `host:port`, or one target there. */
export class AddressPort extends UnconnectedPort implements Port {
  readonly #host: PortHost;
  readonly #find: () => Promise<FoundProgram[]>;

  /** Not for users: {@linkcode InspectorPortSupplier} makes it. */
  constructor(name: string, host: PortHost, target?: string) {
    super(name);
    this.#host = host;
    this.#find = target === undefined ? () => findAll(name) : () => findOne(target);
  }

  /** The programs that are listed there. */
  async processes(): Promise<ProcessInfo[]> {
    return (await this.#find()).map(processInfo);
  }

  /** The program at the address, or of several there the one in a process. */
  async program(processId: number): Promise<PortProgram> {
    const all = await this.#find();
    const found = processId === 0 ? all : all.filter((one) => one.processId === processId);
    const [first, second] = found;
    const what = `Cannot attach to ${processId === 0 ? "the program" : `process ${processId}`} at ${this.name}`;
    if (!first) {
      throw new AttachError("no-such-process", `${what}: it is not there; ask processes() for those that are`);
    }
    if (second && processId === 0) {
      const list = found.map((one) => `${one.target.title} (${one.processId})`).join(", ");
      throw new AttachError("ambiguous", `${what}: there are several: ${list}; give a process id`);
    }
    const isLocal = isLoopback(hostOf(first.target.webSocketDebuggerUrl));
    if (isLocal) refuseSelf(first.processId);
    return new InspectorProgram(this.#host.newProgramId(), this, isLocal ? "" : hostName(first), first);
  }

  /** A program that is to be launched on this machine. */
  launch(request: LaunchRequest): Promise<PortProgram> {
    if (isLoopback(hostOf(this.name.includes("://") ? this.name : `http://${this.name}`))) {
      return launchable(this.#host, this, request);
    }
    const text = `Cannot launch at ${this.name}: an inspector starts no programs; launch it there and attach`;
    return Promise.reject(new AttachError("not-supported", text));
  }
}

// deno-lint-ignore require-await -- what it throws is to be a rejection
async function launchable(host: PortHost, port: Port, request: LaunchRequest): Promise<PortProgram> {
  inspectedCommand(request.command, "");
  return new InspectorProgram(host.newProgramId(), port, "", request);
}

async function findAll(address: string): Promise<FoundProgram[]> {
  const targets = await listTargets(address);
  return await Promise.all(targets.map(async (target) => ({ target, processId: await processIdOf(target) })));
}

/** A target by its own address; where it cannot be looked up in a list, that is all that is known of it. */
async function findOne(url: string): Promise<FoundProgram[]> {
  const listed = await listTargets(hostOf(url)).catch((): InspectorTarget[] => []);
  const id = new URL(url).pathname.split("/").at(-1) ?? "";
  const known = listed.find((target) => target.id === id);
  const unknown = { id, type: "node", title: url, url: "", description: "" };
  const target = { ...(known ?? unknown), webSocketDebuggerUrl: url };
  return [{ target, processId: await processIdOf(target) }];
}

function processInfo({ target, processId }: FoundProgram): ProcessInfo {
  return { processId, name: programName(target), description: target.title, path: "", commandLine: "" };
}

function refuseSelf(processId: number): void {
  if (processId !== Deno.pid) return;
  const text = `Cannot attach to process ${processId}: it is the debugger itself; debug it from another process`;
  throw new AttachError("self", text);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
}

function hostName({ target }: FoundProgram): string {
  return new URL(target.webSocketDebuggerUrl).hostname;
}
