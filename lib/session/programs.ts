import type { AttachReason, EngineReport } from "./contract.ts";
import type { ModuleInfo } from "./engine.ts";
import { type DebugEvent, Program, type ProgramSession } from "./program.ts";

type ProgramReport = Exclude<EngineReport, { type: "engineCreate" }>;

/** The report that a program comes with. */
type Arrival = ProgramReport & { readonly type: "createProcess" | "programCreate" };

/** What it tells of the program. */
interface Details {
  readonly image: ModuleInfo;
  readonly parentId?: number | undefined;
  readonly name?: string;
}

/** The programs of one engine. */
export class Programs {
  /** By program id. */
  readonly all = new Map<string, Program>();
  /** The last program in each process, also one that has left: a child may come up after that. */
  readonly #byProcess = new Map<number, Program>();
  readonly #session: ProgramSession;
  readonly #engineId: string;
  readonly #reasonOf: (programId: string) => AttachReason;

  constructor(session: ProgramSession, engineId: string, reasonOf: (programId: string) => AttachReason) {
    this.#session = session;
    this.#engineId = engineId;
    this.#reasonOf = reasonOf;
  }

  /** The event that a report stands for, with its program; undefined for one that the session has let go of. */
  place(report: ProgramReport): DebugEvent | undefined {
    if (report.type === "createProcess") this.#add(report, { image: report.module, parentId: report.parentId });
    if (report.type === "programCreate") this.#add(report, report);
    const program = this.all.get(report.programId);
    if (!program) return undefined;
    switch (report.type) {
      case "programCreate": {
        const { reason, parent, processId } = program;
        return Object.freeze({ type: report.type, program, processId, threadId: report.threadId, reason, parent });
      }
      case "loadComplete":
        return Object.freeze({ type: report.type, program, ...placeOf(program, report), running: report.running });
      case "entryPoint":
        return Object.freeze({ type: report.type, program, ...placeOf(program, report) });
      case "programDestroy":
        return Object.freeze({ type: report.type, program, ...placeOf(program, { threadId: 0 }), ...report.end });
      default: {
        const { programId: _, ...event } = report;
        return Object.freeze(Object.assign(event, { program })) as DebugEvent;
      }
    }
  }

  #add({ programId: id, processId, architecture }: Arrival, { image, parentId, name }: Details): void {
    if (this.all.has(id)) return;
    const parent = parentId === undefined ? undefined : this.#byProcess.get(parentId);
    const came = { id, engineId: this.#engineId, reason: this.#reasonOf(id), processId };
    const program = new Program(this.#session, { ...came, image, parent, name, architecture });
    this.all.set(id, program);
    this.#byProcess.set(processId, program);
  }
}

function placeOf({ processId }: Program, { threadId }: { readonly threadId: number }): {
  processId: number;
  threadId: number;
} {
  return { processId, threadId };
}
