import type { AttachReason, EngineReport } from "./contract.ts";

/** How far a program has come. */
type Stage = "none" | "process" | "created" | "loaded" | "entered" | "destroyed";

const ALIVE: ReadonlySet<Stage> = new Set(["created", "loaded", "entered"]);

/** Events of a program's life: from which stages each may come, and where it leads. */
const STEPS: Readonly<Record<string, { readonly from: readonly Stage[]; readonly to: Stage }>> = {
  createProcess: { from: ["none"], to: "process" },
  programCreate: { from: ["none", "process"], to: "created" },
  loadComplete: { from: ["created"], to: "loaded" },
  entryPoint: { from: ["loaded"], to: "entered" },
  programDestroy: { from: ["created", "loaded", "entered"], to: "destroyed" },
};

/**
 * Holds an engine to the order of events: engineCreate, [createProcess], programCreate, loadComplete, [entryPoint],
 * programDestroy, and everything else only while the program is there.
 */
export class LifecycleGuard {
  readonly #stages = new Map<string, Stage>();
  readonly #reasonOf: (programId: string) => AttachReason | undefined;
  #created = false;

  /** `reasonOf` knows the programs to which the session has given an id. */
  constructor(reasonOf: (programId: string) => AttachReason | undefined) {
    this.#reasonOf = reasonOf;
  }

  /** Notes an event; gives what is wrong with it, if something is. */
  check(report: EngineReport): string | undefined {
    if (report.type === "engineCreate") {
      if (this.#created) return "it came a second time";
      this.#created = true;
      return undefined;
    }
    if (!this.#created) return "it came before engineCreate";
    const reason = this.#reasonOf(report.programId);
    if (reason === undefined) return `it names ${report.programId}, an id that the session has not given`;
    if (report.type === "entryPoint" && reason !== "launch") return "only a launched program has one";
    return this.#step(report.programId, report.type);
  }

  /** A program is gone, whatever its engine tells of it. */
  close(programId: string): void {
    this.#stages.set(programId, "destroyed");
  }

  #step(programId: string, type: string): string | undefined {
    const stage = this.#stages.get(programId) ?? "none";
    const step = STEPS[type];
    if (step?.from.includes(stage)) {
      this.#stages.set(programId, step.to);
      return undefined;
    }
    if (step === undefined && ALIVE.has(stage)) return undefined;
    if (stage === "none" || stage === "process") return "it came before programCreate";
    return stage === "destroyed" ? "it came after programDestroy" : `it came after ${nameOf(stage)}`;
  }
}

function nameOf(stage: Stage): string {
  return Object.entries(STEPS).find(([, { to }]) => to === stage)?.[0] ?? stage;
}
