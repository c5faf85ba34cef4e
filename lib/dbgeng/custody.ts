import { AttachError } from "../session/errors.ts";
import type { Departure, EngineApi, EngineAttach, EngineLaunch, EngineStop } from "./engine_api.ts";

/** How a program is let go, and the process server that it is at; 0n for this machine. */
interface Origin {
  readonly how: Departure["how"];
  readonly server: bigint;
}

/** Keeps the list of the programs that were opened through a connection, for the case that nobody lets them go. */
export class Custody {
  readonly #programs = new Map<number, Origin>();
  readonly #awaited = new Set<number>();
  /** Launches whose process has not come yet. */
  #launching: Origin[] = [];

  /** How each of them is let go: what was launched is terminated, what was attached to runs on, children as their parents. */
  get departures(): Departure[] {
    return departuresOf([...this.#programs]);
  }

  /** Those of this machine. */
  get local(): Departure[] {
    return departuresOf([...this.#programs].filter(([, { server }]) => server === 0n));
  }

  /** Whether there is any. */
  get holds(): boolean {
    return this.#programs.size > 0;
  }

  /** Attaches whose process has not come yet. */
  get awaited(): readonly number[] {
    return [...this.#awaited];
  }

  /** Whether the process of a launch has not come yet. */
  get isLaunching(): boolean {
    return this.#launching.length > 0;
  }

  /** No attach and no launch is under way any more. */
  awaitNone(): void {
    this.#awaited.clear();
    this.#launching = [];
  }

  /** Forgets all: they were let go. */
  clear(): void {
    this.#programs.clear();
    this.#awaited.clear();
    this.#launching = [];
  }

  /** Takes note of a call that succeeded. */
  note(name: keyof EngineApi, values: readonly unknown[], result: unknown): void {
    switch (name) {
      case "attach":
        this.#attach(values[0] as EngineAttach);
        break;
      case "launch":
        this.#launching.push({ how: "terminate", server: (values[0] as EngineLaunch).server });
        break;
      case "run":
        this.#noteStop(result as EngineStop);
        break;
      case "detach":
      case "terminate":
      case "abandon":
        this.#programs.delete(values[0] as number);
        break;
      case "close":
        this.clear();
    }
  }

  /** Takes note of a call that failed: what was asked for does not come up after a wait that could not open it. */
  failed(name: keyof EngineApi, error: unknown): void {
    if (name === "run" && error instanceof AttachError) this.awaitNone();
  }

  #attach({ processId, server }: EngineAttach): void {
    this.#programs.set(processId, { how: "detach", server });
    this.#awaited.add(processId);
  }

  #noteStop(stop: EngineStop): void {
    if (stop.kind === "ended") this.clear();
    if (stop.kind === "left") this.#programs.delete(stop.processId);
    if (stop.kind !== "event") return;
    const { event } = stop;
    this.#awaited.delete(event.processId);
    if (event.type === "exitProcess") this.#programs.delete(event.processId);
    if (event.type === "createProcess" && !this.#programs.has(event.processId)) {
      this.#programs.set(event.processId, this.#originOf(event.parentId));
    }
  }

  #originOf(parentId: number | undefined): Origin {
    const origin = parentId === undefined ? this.#launching.shift() : this.#programs.get(parentId);
    return origin ?? { how: "detach", server: 0n };
  }
}

function departuresOf(programs: readonly (readonly [number, Origin])[]): Departure[] {
  return programs.map(([processId, { how }]) => ({ processId, how }));
}
