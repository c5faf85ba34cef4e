import type { EngineReport } from "./contract.ts";
import { EngineError } from "./errors.ts";
import type { DebugEvent, Program } from "./program.ts";
import { type Held, heldAt, outcomeOf, statusAfter } from "./held.ts";
import { isFree } from "./iterate.ts";
import { LifecycleGuard } from "./lifecycle.ts";
import { exitedEarly, letGoEarly, settle } from "./opening.ts";
import { Programs } from "./programs.ts";
import type { Runner } from "./runner.ts";
import type { Runners } from "./runners.ts";
import type { ExecutionStatus } from "./status.ts";

/** What one engine tells: holds it to the order, puts the program into each event, asks the handlers, answers. */
export class Reports {
  /** How the programs go on with the next run. */
  status: ExecutionStatus = "go";
  /** Whether the engine has yet to tell that no program is left. */
  owesEnd = false;
  readonly #runner: Runner;
  readonly #all: Runners;
  readonly #programs: Programs;
  readonly #guard: LifecycleGuard;
  /** Events that are with the handlers: their programs are stopped, though the engine is inside `run`. */
  #handling = 0;
  #held: Held | undefined;

  constructor(runner: Runner, all: Runners) {
    this.#runner = runner;
    this.#all = all;
    this.#programs = new Programs(all.session, runner.engine.id, (id) => all.reasonOf(id) ?? "auto");
    this.#guard = new LifecycleGuard((id) => all.reasonOf(id));
  }

  /** The programs that are there, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#programs.all;
  }

  /** Whether an event is with the handlers. */
  get areHandled(): boolean {
    return this.#handling > 0;
  }

  /** What stopped the programs, if an event did; forgets it. */
  takeHeld(): Held | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** Takes what the engine tells; the answer says how the program goes on. */
  async take(report: EngineReport): Promise<ExecutionStatus> {
    if (!this.#isInOrder(report)) return "go";
    if (report.type === "engineCreate") {
      await this.#dispatch(Object.freeze({ type: report.type, engineId: this.#runner.engine.id }));
      return "go";
    }
    const event = this.#programs.place(report);
    if (!event) return "go";
    if (isFree(event)) return (await this.#dispatch(event)).status;
    if (event.type === "programDestroy") return await this.#destroy(event);
    this.#handling++;
    try {
      return await this.#hold(event);
    } finally {
      this.#handling--;
    }
  }

  /** A program is lost: tells its end, however far it had come. */
  async lose({ id: programId }: Program): Promise<void> {
    this.#guard.close(programId);
    this.#all.trace.add("event", "programDestroy", programId);
    const event = this.#programs.place({ type: "programDestroy", programId, end: { reason: "lost" } });
    if (event?.type === "programDestroy") await this.#destroy(event);
  }

  #isInOrder(report: EngineReport): boolean {
    const defect = this.#guard.check(report);
    const programId = report.type === "engineCreate" ? undefined : report.programId;
    this.#all.trace.add("event", report.type, programId, defect);
    if (defect === undefined) return true;
    const what = `The engine "${this.#runner.engine.id}" broke the order of events: ${report.type}: ${defect}`;
    this.#all.fail(new EngineError("defect", `${what}; report this defect with session.trace`));
    return false;
  }

  #dispatch(event: Parameters<Runners["handlers"]["dispatch"]>[0]): Promise<{ status: ExecutionStatus }> {
    return this.#all.handlers.dispatch(event).then((verdict) => {
      for (const error of verdict.errors) this.#all.fail(error);
      return verdict;
    });
  }

  async #hold(event: DebugEvent): Promise<ExecutionStatus> {
    const { opening } = this.#runner;
    if (opening?.programId === event.program.id && !opening.program) {
      opening.program = event.program;
      opening.appeared.resolve(event.program);
    }
    const { status } = await this.#dispatch(event);
    const isComplete = event.type === "loadComplete" && opening?.program === event.program && !opening.settled;
    const outcome = this.#all.takeStay() ? "stay" : outcomeOf(event, status, isComplete && opening.stops);
    this.status = statusAfter(event, status);
    if (isComplete && outcome === "go") settle(opening, event.program);
    if (outcome === "go" && !this.#runner.isToStop) return this.status;
    this.#held = heldAt(this.#held, isComplete ? { event, outcome, opening } : { event, outcome });
    return "break";
  }

  async #destroy(event: DebugEvent & { type: "programDestroy" }): Promise<ExecutionStatus> {
    const { program, reason, exitCode } = event;
    this.#programs.all.delete(program.id);
    program.finish({ reason, ...(exitCode === undefined ? {} : { exitCode }) });
    if (this.#runner.insideRun && reason === "exited") this.owesEnd = true;
    const { opening } = this.#runner;
    await this.#dispatch(event);
    this.#all.handlers.forget(program);
    // One that is lost failed for a reason that is told yet.
    if (opening?.program === program && reason !== "lost") {
      settle(opening, reason === "exited" ? exitedEarly(opening, exitCode) : letGoEarly(opening));
    }
    return "go";
  }
}
