import type { AttachReason, DebugEngine, EngineReport, StopReport } from "./contract.ts";
import { EngineError } from "./errors.ts";
import { isFree } from "./events.ts";
import type { Arrival, Executed, Place } from "./executed.ts";
import type { Execution } from "./execution.ts";
import type { Handlers } from "./handlers.ts";
import { LifecycleGuard } from "./lifecycle.ts";
import type { Opening } from "./opening.ts";
import type { DebugEvent, Program, ProgramSession } from "./program.ts";
import { Programs } from "./programs.ts";
import type { ExecutionStatus } from "./status.ts";
import type { Trace } from "./trace.ts";

/** What all engines of a session share. */
export interface SessionParts {
  readonly handlers: Handlers;
  readonly trace: Trace;
  readonly session: ProgramSession;
  readonly execution: Execution;
  /** Why a program comes; undefined for an id that the session has not given. */
  reasonOf(programId: string): AttachReason | undefined;
}

/** What came of one run so far. */
interface Run {
  /** What stopped the programs, if an event did. */
  held?: Arrival;
  /** Whether a program has exited: without others, the engine has yet to tell that none is left. */
  hasExited?: true;
}

/** What one engine tells: holds it to the order, puts the program into each event, asks the handlers, answers. */
export class Reports {
  /** How the programs go on with the next run. */
  status: ExecutionStatus = "go";
  readonly #engine: DebugEngine;
  readonly #phase: Executed["phase"];
  readonly #parts: SessionParts;
  readonly #programs: Programs;
  readonly #guard: LifecycleGuard;
  #run: Run = {};
  /** The version of the handlers that the engine was told of. */
  #subscribed = 0;

  constructor(engine: DebugEngine, phase: Executed["phase"], parts: SessionParts) {
    this.#engine = engine;
    this.#phase = phase;
    this.#parts = parts;
    this.#programs = new Programs(parts.session, engine.id, (id) => parts.reasonOf(id) ?? "auto");
    this.#guard = new LifecycleGuard((id) => parts.reasonOf(id));
  }

  /** The programs that are there, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#programs.all;
  }

  /** Whether the engine has yet to tell that no program is left. */
  get owesEnd(): boolean {
    return this.#run.hasExited ?? false;
  }

  /** The attach or launch that is under way, if its program is of this engine. */
  get opening(): Opening | undefined {
    const { opening } = this.#parts.execution;
    return opening?.engine === this.#engine ? opening : undefined;
  }

  /** Tells the engine who listens to what, if that has changed. */
  async subscribe(): Promise<void> {
    const { handlers } = this.#parts;
    while (this.#subscribed !== handlers.version) { // somebody may begin to listen meanwhile
      this.#subscribed = handlers.version;
      await this.#engine.subscribe(handlers.names());
    }
  }

  /** A run begins; how the programs go on. */
  beginRun(): ExecutionStatus {
    const { status } = this;
    this.status = "go";
    this.#run = {};
    return status;
  }

  /** A run is over; what came of it. */
  async endRun(stop: StopReport): Promise<Arrival> {
    if (stop.kind === "held") return this.#run.held ?? {};
    if (stop.kind === "ended") {
      await this.loseAll();
      this.opening?.exited();
      this.opening?.vanish();
      return {};
    }
    const { kind: reason, programId, threadId } = stop;
    const at: Place = { program: programId === undefined ? undefined : this.programs.get(programId), threadId };
    return reason === "break" ? { stop: { reason, ...at } } : { at };
  }

  /** Takes what the engine tells; the answer says how the program goes on. */
  async take(report: EngineReport): Promise<ExecutionStatus> {
    // An engine that was left behind when the session was disposed may tell something yet.
    if (this.#parts.execution.isClosed || !this.#isInOrder(report)) return "go";
    if (report.type === "engineCreate") {
      await this.#dispatch(Object.freeze({ type: report.type, engineId: this.#engine.id }));
      return "go";
    }
    const event = this.#programs.place(report);
    if (!event) return "go";
    if (isFree(event)) return await this.#dispatch(event);
    const tell = (): Promise<void> => event.type === "programDestroy" ? this.#destroy(event) : this.#hold(event);
    // A program that is let go has its end told outside a run, or while another event is with the handlers.
    const isLetGo = event.type === "programDestroy" && this.#phase.is("stopped");
    if (!isLetGo && !this.#isHandled) return await this.#handle(event, tell);
    await tell();
    return "go";
  }

  /** A program is lost: tells its end, however far it had come. */
  async lose({ id: programId }: Program): Promise<void> {
    this.#guard.close(programId);
    this.#parts.trace.add("event", "programDestroy", programId);
    const event = this.#programs.place({ type: "programDestroy", programId, end: { reason: "lost" } });
    if (event?.type === "programDestroy") await this.#destroy(event);
  }

  /** The programs are lost with the engine or their machine: tells each one's end. */
  async loseAll(): Promise<void> {
    this.#run = {};
    for (const program of [...this.programs.values()]) await this.lose(program);
  }

  #isInOrder(report: EngineReport): boolean {
    const defect = this.#guard.check(report);
    const programId = report.type === "engineCreate" ? undefined : report.programId;
    this.#parts.trace.add("event", report.type, programId, defect);
    if (defect === undefined) return true;
    const what = `The engine "${this.#engine.id}" broke the order of events: ${report.type}: ${defect}`;
    this.#parts.execution.fail(new EngineError("defect", `${what}; report this defect with session.trace`));
    return false;
  }

  async #dispatch(event: Parameters<Handlers["dispatch"]>[0]): Promise<ExecutionStatus> {
    const { status, errors } = await this.#parts.handlers.dispatch(event);
    for (const error of errors) this.#parts.execution.fail(error);
    return status;
  }

  /** While an event is with its handlers the programs are stopped; an engine that is lost meanwhile gets no answer. */
  async #handle(event: DebugEvent, tell: () => Promise<void>): Promise<ExecutionStatus> {
    const run = this.#run;
    const isEnd = event.type === "programDestroy";
    const isToStop = this.#phase.is("stopping");
    this.#phase.move(isEnd ? "part" : "report");
    await tell();
    // An end cannot hold the others for actions: its answer does, unless such an action has brought it about.
    if (isEnd && event.reason === "exited") await this.#parts.execution.actionsOver();
    if (run !== this.#run || !this.#isHandled) return "break";
    // From here to the answer nothing may be awaited: what is decided meanwhile counts on it.
    const { execution, handlers } = this.#parts;
    const mustHold = isToStop || execution.mustStop || handlers.version !== this.#subscribed;
    if (!isEnd && mustHold) run.held ??= { at: event };
    this.#phase.move(run.held ? "hold" : isToStop ? "stop" : "goOn");
    execution.advance();
    if (isEnd) return "go";
    if (run.held) return "break";
    const { status } = this;
    this.status = "go"; // what it was answers this event, and not the next run
    return status;
  }

  get #isHandled(): boolean {
    return this.#phase.is("handling", "parting");
  }

  async #hold(event: DebugEvent): Promise<void> {
    const { opening } = this;
    if (opening?.programId === event.program.id && !opening.program) opening.appear(event.program);
    const answer = await this.#dispatch(event);
    const isComplete = event.type === "loadComplete" && opening?.program === event.program && opening.isOpen;
    this.status = statusAfter(event, answer);
    const isKept = answer === "break" || (answer === "noChange" && event.type === "breakpoint");
    if (isKept || (isComplete && opening.stops)) {
      // Several events may come at the same place, a process with its program: the first that stops is told.
      const { held } = this.#run;
      const stop = { reason: "event", event, program: event.program } as const;
      if (!held?.stop || (isKept && !held.isKept)) this.#run.held = { stop, isKept };
    } else if (isComplete) opening.complete();
  }

  async #destroy(event: DebugEvent & { type: "programDestroy" }): Promise<void> {
    const { program, reason, exitCode, cause } = event;
    this.#programs.all.delete(program.id);
    program.finish({
      ...{ reason, ...(exitCode === undefined ? {} : { exitCode }) },
      ...(cause === undefined ? {} : { cause }),
    });
    if (!this.#isHandled) this.#parts.execution.forget(program);
    if (reason === "exited") this.#run.hasExited = true;
    const { opening } = this;
    await this.#dispatch(event);
    this.#parts.handlers.forget(program);
    // One that is lost failed for a reason that is told yet.
    if (opening?.program !== program || reason === "lost") return;
    if (reason === "exited") opening.exited(exitCode, cause);
    else opening.letGo(cause);
  }
}

/** How the program goes on after an event; where nobody decided, as it would without a debugger. */
function statusAfter(event: DebugEvent, status: ExecutionStatus): ExecutionStatus {
  if (status !== "noChange" && status !== "break") return status;
  return event.type === "exception" ? "goNotHandled" : "go";
}
