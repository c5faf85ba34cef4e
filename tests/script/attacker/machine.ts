/** A machine in memory: an engine that does what chance says, and complains of what it should not have been asked. */
import type { Departure, EngineApi, EngineConnection, EngineStop } from "../../../lib/dbgeng/engine_api.ts";
import type { EngineEvent } from "../../../lib/session/engine.ts";
import { EngineError, StateError } from "../../../lib/session/errors.ts";
import type { Draw } from "./draw.ts";
import type { Known } from "./known.ts";

/** A process under this engine. */
interface Debuggee {
  readonly processId: number;
  /** How it is to be let go. */
  readonly how: "detach" | "terminate";
  /** Whether the script must never hear of it: it came up and is not what was granted, or is somebody else's. */
  readonly isForeign: boolean;
}

/** What was asked for and has not come up yet: a process, or a launch of a file. */
interface Expected {
  readonly processId?: number;
  readonly image: string;
}

/** Calls about a program that need a right. */
const RIGHTS: Readonly<Record<string, string>> = {
  ...{ read: "read-memory", evaluate: "read-memory", write: "write-memory" },
  ...{ registers: "control", writeRegister: "control" },
};

/** Calls that the guard makes by itself as well. */
const GUARDS = ["processes", "run", "detach", "terminate", "close"];

/** Somebody else's process. */
const FOREIGN = 50;

/** One engine of the machine. */
export class Machine implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  readonly complaints: string[] = [];
  readonly #known: Known;
  readonly #draw: Draw;
  readonly #debuggees = new Map<number, Debuggee>();
  /** Let go by `leave`, of which nobody else hears. */
  readonly #left = new Set<number>();
  readonly #over = new Set<number>();
  readonly #counts = new Map<string, number>();
  #expected: Expected | undefined;
  #isInterrupted = false;
  #nextId = 1_000;
  #lastServer = 0x1000n;

  constructor(known: Known, draw: Draw) {
    this.#known = known;
    this.#draw = draw;
  }

  /** The processes that it has and that have not ended. */
  get held(): readonly number[] {
    return [...this.#debuggees.keys()].filter((processId) => !this.#over.has(processId));
  }

  /** Complains where more reached it than was granted. */
  compare(): void {
    for (const [name, count] of this.#counts) {
      const passed = this.#known.passed.get(name) ?? 0;
      if (count > passed && !GUARDS.includes(name)) {
        this.complaints.push(`${name} reached the engine ${count} times of ${passed}`);
      }
    }
  }

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#check(name, values);
    await Promise.resolve();
    return await this.#answer(name, values) as ReturnType<EngineApi[K]>;
  }

  interrupt(): void {
    this.#isInterrupted = true;
  }

  leaveNow(departures: readonly Departure[]): void {
    for (const departure of departures) this.#leave(departure);
  }

  dispose(): void {}

  /** Nothing that reaches an engine is about others' programs, or without its right. */
  #check(name: string, values: readonly unknown[]): void {
    const right = RIGHTS[name];
    if (right !== undefined && !this.#known.rights.has({ right })) this.complaints.push(`${name} reached the engine`);
    const [first] = values;
    const focus = typeof first === "number" ? first : (first as { processId?: number } | undefined)?.processId;
    if (focus === undefined || name === "attach" || this.#left.has(focus)) return;
    const debuggee = this.#debuggees.get(focus);
    const isDropped = debuggee?.isForeign === true && name === debuggee.how;
    if (!debuggee || (debuggee.isForeign && !isDropped)) {
      this.complaints.push(`${name} of process ${focus} reached the engine`);
    }
  }

  #answer(name: keyof EngineApi, values: readonly unknown[]): unknown {
    switch (name) {
      case "processes":
        return this.#processes(values[1] as string | undefined);
      case "attach":
        return this.#attach(values[0] as { processId: number });
      case "launch":
        return this.#launch(values[0] as { commandLine: string });
      case "run":
        return this.#run();
      case "detach":
      case "terminate":
      case "abandon":
        return this.#letGo(values[0] as number, name);
      case "leave":
        return (values[0] as Departure[]).forEach((departure) => this.#leave(departure));
      case "connectServer":
        return ++this.#lastServer;
      case "read":
        return Uint8Array.of(0x4d, 0x5a);
      case "close":
        if (this.held.length > 0) this.complaints.push(`it is closed with ${this.held}`);
        return undefined;
      default:
        return {};
    }
  }

  #processes(name?: string): unknown[] {
    const { mine, other, self, strangers } = this.#known.world;
    const all = [
      mine,
      other,
      ...self ? [self] : [],
      ...strangers.map((processId) => ({ processId, name: "system.exe" })),
    ];
    const isOf = (image: string): boolean =>
      name === undefined || image.replace(".exe", "") === name.replace(".exe", "");
    return all.filter((process) => isOf(process.name)).map(({ processId, name }) => ({
      processId,
      name,
      description: "",
    }));
  }

  #attach({ processId }: { processId: number }): void {
    const { mine, other } = this.#known.world;
    if (this.#debuggees.has(processId)) throw new EngineError("failed", "it is attached to already");
    this.#expected = {
      processId,
      image: [mine, other].find((one) => one.processId === processId)?.name ?? "system.exe",
    };
  }

  #launch({ commandLine }: { commandLine: string }): void {
    this.#expected = { image: /^"(?:.*\\)?([^"\\]*)"/.exec(commandLine)?.[1] ?? "" };
  }

  #letGo(processId: number, how: string): void {
    const debuggee = this.#debuggees.get(processId);
    if (!debuggee) throw new StateError("program-gone", "it is gone");
    if (debuggee.isForeign) this.#known.dropped.add(processId);
    this.#debuggees.delete(processId);
    const mayEnd = how === "detach" || debuggee.how === "terminate" || this.#mayEnd(processId);
    if (!mayEnd) this.complaints.push(`${how} of process ${processId} reached the engine`);
  }

  #leave({ processId, how }: Departure): void {
    if (!this.#debuggees.has(processId)) return;
    this.#letGo(processId, how);
    this.#left.add(processId);
  }

  #mayEnd(processId: number): boolean {
    const { mine, other } = this.#known.world;
    const grants = [mine, other].find((one) => one.processId === processId)?.entries ?? [];
    return this.#known.rights.has({ right: "terminate", grants });
  }

  async #run(): Promise<EngineStop> {
    for (const processId of this.#over) this.#debuggees.delete(processId);
    this.#over.clear();
    await Promise.resolve();
    if (this.#expected && !this.#draw.oneIn(6)) return this.#arrive(this.#expected);
    if (this.#isInterrupted) {
      this.#isInterrupted = false;
      return { kind: "interrupt", processId: this.#any(), threadId: 1 };
    }
    if (this.held.length === 0 && !this.#expected) {
      if (this.#draw.oneIn(2)) throw new StateError("no-program", "there is none");
      return { kind: "ended" };
    }
    return this.#happen();
  }

  /** What was asked for comes up, or something else in its place. */
  #arrive({ processId, image }: Expected): EngineStop {
    this.#expected = undefined;
    const way = processId === undefined ? "launch" : "attach";
    const isOther = this.#draw.oneIn(8) && !(way === "attach" && this.#known.rights.has({ right: "attach" }));
    if (isOther) this.#known.replaced.push(way);
    const how = way === "launch" ? "terminate" : "detach";
    return this.#come(processId ?? this.#nextId++, isOther ? "evil2.exe" : image, { how, isForeign: isOther });
  }

  #come(
    processId: number,
    image: string,
    { how, isForeign }: Omit<Debuggee, "processId">,
    parentId?: number,
  ): EngineStop {
    this.#left.delete(processId);
    this.#debuggees.set(processId, { processId, how, isForeign });
    const module = { name: "x", imageName: `C:\\y\\${image}`, base: 0x400000n, size: 2, checksum: 3, timestamp: 4 };
    const parent = parentId === undefined ? {} : { parentId };
    const event = {
      type: "createProcess",
      processId,
      threadId: 1,
      module,
      startAddress: 0x401000n,
      ...parent,
    } as const;
    return { kind: "event", event };
  }

  /** Anything happens, to the script's programs or to somebody else's. */
  async #happen(): Promise<EngineStop> {
    const processId = this.#any();
    const place = { processId, threadId: 1 };
    const own = this.#debuggees.get(processId);
    this.onNotice({ type: "output", ...place, text: "x" } as never);
    switch (this.#draw.below(10)) {
      case 0:
        await new Promise((resolve) => setTimeout(resolve));
        return { kind: "expired" };
      case 1:
        return { kind: "initialBreak", ...place };
      case 2:
        return { kind: "break", ...place };
      case 3:
        return this.#exit(processId);
      case 4:
        return this.#child(own);
      case 5:
        if (this.#draw.oneIn(4)) return this.#fail();
        return { kind: "expired" };
      case 6:
        return { kind: "event", event: { type: "exception", ...place, firstChance: true, address: 1n } as never };
      default:
        return { kind: "event", event: { type: this.#draw.pick(["loadModule", "breakpoint"]), ...place } as never };
    }
  }

  /** A wait fails: what was only asked for does not come up after that. */
  #fail(): never {
    this.#expected = undefined;
    throw new EngineError("failed", "it failed");
  }

  /** A process under this engine, or somebody else's. */
  #any(): number {
    return this.#draw.oneIn(4) || this.held.length === 0 ? FOREIGN : this.#draw.pick(this.held);
  }

  #exit(processId: number): EngineStop {
    if (processId !== FOREIGN) this.#over.add(processId);
    return { kind: "event", event: { type: "exitProcess", processId, threadId: 1, exitCode: 0 } as never };
  }

  /** A child of one of the script's programs, or of nobody's. */
  #child(parent: Debuggee | undefined): EngineStop {
    const isDenied = this.#known.rights.denies({ right: "attach", grants: [] });
    const debuggee = { how: parent && !isDenied ? parent.how : "detach", isForeign: !parent || isDenied } as const;
    return this.#come(this.#nextId++, "child.exe", debuggee, parent?.processId ?? FOREIGN);
  }
}
