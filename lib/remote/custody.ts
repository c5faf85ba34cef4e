import type { Departure, EngineApi, EngineAttach, EngineStop } from "../dbgeng/engine_api.ts";

/** Keeps the list of the programs that a client has opened, for the case that it goes without letting them go. */
export class Custody {
  readonly #programs = new Map<number, Departure["how"]>();
  /** Attaches whose process has not come yet. */
  readonly #awaited = new Set<number>();
  /** Launches whose process has not come yet. */
  #launching = 0;

  /** How each of them is let go: what was launched is terminated, what was attached to runs on, children as their parents. */
  get departures(): Departure[] {
    return [...this.#programs].map(([processId, how]) => ({ processId, how }));
  }

  /** Whether there is any. */
  get holds(): boolean {
    return this.#programs.size > 0;
  }

  /** Whether an attach is under way: the engine lets nothing go that has not come up, and its end would be that program's. */
  get awaits(): boolean {
    return this.#awaited.size > 0;
  }

  /** No attach is under way any more. */
  awaitNone(): void {
    this.#awaited.clear();
  }

  /** Forgets all: they were let go. */
  clear(): void {
    this.#programs.clear();
    this.#awaited.clear();
    this.#launching = 0;
  }

  /** Takes note of a call that succeeded. */
  note(name: keyof EngineApi, values: readonly unknown[], result: unknown): void {
    switch (name) {
      case "attach":
        this.#programs.set((values[0] as EngineAttach).processId, "detach");
        this.#awaited.add((values[0] as EngineAttach).processId);
        break;
      case "launch":
        this.#launching++;
        break;
      case "run":
        this.#noteStop(result as EngineStop);
        break;
      case "detach":
      case "terminate":
      case "abandon":
        this.#programs.delete(values[0] as number);
    }
  }

  #noteStop(stop: EngineStop): void {
    if (stop.kind === "ended") this.clear();
    if (stop.kind !== "event") return;
    const { event } = stop;
    this.#awaited.delete(event.processId);
    if (event.type === "exitProcess") this.#programs.delete(event.processId);
    if (event.type === "createProcess" && !this.#programs.has(event.processId)) {
      this.#programs.set(event.processId, this.#howOf(event.parentId));
    }
  }

  #howOf(parentId: number | undefined): Departure["how"] {
    if (parentId !== undefined) return this.#programs.get(parentId) ?? "detach";
    if (this.#launching === 0) return "detach";
    this.#launching--;
    return "terminate";
  }
}
