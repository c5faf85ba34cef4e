import type { DebugEngine, EngineReport } from "./contract.ts";
import { AttachError, EngineError } from "./errors.ts";
import type { Arrival, Executed } from "./executed.ts";
import type { Opening } from "./opening.ts";
import type { Program } from "./program.ts";
import { Reports, type SessionParts } from "./reports.ts";
import type { ExecutionStatus } from "./status.ts";
import { Machine } from "./transitions.ts";

/** Runs the programs of one engine when the execution wants them to run. */
export class Runner implements Executed {
  readonly engine: DebugEngine;
  readonly phase: Executed["phase"];
  readonly #parts: SessionParts;
  readonly #reports: Reports;
  readonly #onArrival: () => void;
  #isNeeded = true;

  /** `onArrival` is called when a run is over. */
  constructor(engine: DebugEngine, parts: SessionParts, onArrival: () => void) {
    this.engine = engine;
    this.phase = new Machine(`The engine "${engine.id}"`, "stopped");
    this.#parts = parts;
    this.#reports = new Reports(engine, this.phase, parts);
    this.#onArrival = onArrival;
  }

  /** The programs of this engine, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#reports.programs;
  }

  get hasPrograms(): boolean {
    return this.programs.size > 0;
  }

  get hasWork(): boolean {
    return this.hasPrograms || this.#reports.owesEnd || (this.opening?.isComing ?? false);
  }

  get opening(): Opening | undefined {
    return this.#reports.opening;
  }

  /** Whether its programs run at this moment. */
  get running(): boolean {
    return this.phase.is("running", "stopping");
  }

  begin(): void {
    const { execution } = this.#parts;
    const arrive = (arrival: Arrival): void => {
      execution.arrive(this, arrival);
      this.#onArrival();
    };
    this.#run().then(arrive).catch((error) => execution.fail(error));
  }

  causeBreak(): void {
    this.engine.causeBreak();
  }

  ref(isNeeded: boolean): void {
    if (isNeeded !== this.#isNeeded) this.engine.ref?.(isNeeded);
    this.#isNeeded = isNeeded;
  }

  /** Has the next run go on as a command has told the engine to. */
  continueAsTold(): void {
    this.#reports.status = "noChange";
  }

  /** Takes what the engine tells; the answer says how the program goes on. */
  report(report: EngineReport): Promise<ExecutionStatus> {
    return this.#reports.take(report);
  }

  /** A program is lost: tells its end, however far it had come. */
  lose(program: Program): Promise<void> {
    return this.#reports.lose(program);
  }

  /** The programs are lost with the engine: tells each one's end. */
  loseAll(): Promise<void> {
    return this.#reports.loseAll();
  }

  /** One run of the engine; never rejects. */
  async #run(): Promise<Arrival> {
    try {
      await Promise.resolve(); // who started it gets to wait for it first
      await this.#reports.subscribe();
      if (!this.#parts.execution.run(this)) return {};
      return await this.#reports.endRun(await this.engine.run(this.#reports.beginRun()));
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (hasForgotten(failure)) await this.#reports.loseAll();
      return { failure };
    }
  }
}

/** Whether the engine does not know its programs any more: it is gone, or forgets them when the process server of one has gone. */
function hasForgotten(failure: Error): boolean {
  return (failure instanceof AttachError && failure.kind === "server-unreachable") ||
    (failure instanceof EngineError && failure.kind === "lost");
}
