import type { EngineApi, EngineConnection, EngineEvent, EngineStop } from "./engine.ts";
import { AttachError, StateError } from "./errors.ts";
import type { DebugEvent, Stop } from "./events.ts";
import { type Handlers, isInsideHandler } from "./handlers.ts";
import type { Opening } from "./opening.ts";
import type { Program, ProgramEnd, ProgramSession } from "./program.ts";
import { Programs } from "./programs.ts";
import type { ExecutionStatus } from "./status.ts";
import { Waiting } from "./waiting.ts";

/** What came of a stop: the programs go on, stay stopped without anybody being told, or this is told. */
type Outcome = "go" | "stay" | Stop;

/**
 * Runs the programs: asks the engine to run, puts what stopped it to the handlers, answers, asks again. Goes on by itself
 * until something is to stop; who waits is told by {@linkcode Waiting}.
 */
export class Runner {
  readonly engine: EngineConnection;
  readonly handlers: Handlers;
  readonly waiting = new Waiting();
  readonly #programs: Programs;
  #loop: Promise<void> | undefined;
  #status: ExecutionStatus = "go";
  /** Whether the engine is inside `run`: it takes no other call then. */
  #running = false;
  /** How many actions need the programs stopped, and whether the loop ended for them. */
  #pausing = 0;
  #paused = false;
  #stay = false;
  /** Whether the body of a loop over `events()` holds the programs. */
  isHeldByLoop = false;
  #interruptAsked = false;
  /** Whether the engine holds the end of a process, which is over only when it has run again. */
  #ending = false;

  constructor(engine: EngineConnection, handlers: Handlers, session: ProgramSession) {
    this.engine = engine;
    this.handlers = handlers;
    this.#programs = new Programs(session);
    engine.onNotice = (event) => this.#notice(event);
  }

  /** The programs that are debugged now, by process id. */
  get programs(): ReadonlyMap<number, Program> {
    return this.#programs.all;
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.#running;
  }

  /** Whether a stop is to come: of a program, or the end of the last one, of which the engine has yet to tell. */
  get hasStop(): boolean {
    return this.#hasProgram || this.#loop !== undefined;
  }

  get #hasProgram(): boolean {
    return this.programs.size > 0 || this.#ending;
  }

  /**
   * Refuses what needs the programs to go on where they cannot: in a handler and in the body of a loop over `events()`, which
   * hold them until they are over.
   */
  refuseWhileHeld(action: string): void {
    const where = isInsideHandler() ? "a handler" : this.isHeldByLoop ? "a loop over events()" : undefined;
    if (where === undefined) return;
    const advice = "it holds the programs, which go on only when it is over; do it after";
    throw new StateError("in-handler", `${action} inside ${where}: ${advice}`);
  }

  /** Asks the engine, unless programs run. */
  request = <K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> => {
    if (this.#running) {
      return Promise.reject(
        new StateError(
          "running",
          `Cannot ${words(name)} while programs run: call it in a handler, or interrupt() first`,
        ),
      );
    }
    return this.engine.call(name, ...values);
  };

  /** Lets the programs run, unless they do. */
  start(): void {
    if (this.#loop) return;
    this.#interruptAsked = false; // one that came when an earlier loop had ended already
    this.#loop = Promise.resolve().then(() => this.#runSafely());
  }

  /** Resolves when the programs are stopped, who was told to stop them having done so. */
  async settled(): Promise<void> {
    await this.#loop;
  }

  /** Carries an opening out: `ask` tells the engine of it; resolves when it is complete. */
  async open(opening: Opening, ask: () => Promise<void>): Promise<Program> {
    const done = opening.done.promise;
    done.catch(() => {}); // it is awaited below, after what may reject it
    try {
      await this.whileStopped(async () => {
        // Not before: until here the end of other programs may be told yet.
        this.#programs.opening = opening;
        this.waiting.forgetEnd();
        await ask();
      });
      this.start();
      return await done;
    } finally {
      this.#programs.opening = undefined;
    }
  }

  /** Stops running programs: whoever waits is told. */
  interrupt(): void {
    if (!this.#loop) return;
    this.#interruptAsked = true;
    this.abort();
  }

  /** Stops running programs because a wait was given up: only that one is told. */
  abort(): void {
    if (this.#running) this.engine.interrupt();
  }

  /** The event whose handlers are being called leaves the programs stopped, and nobody is told: an iterator's loop was left. */
  stayAfterEvent(): void {
    this.#stay = true;
  }

  /** Does something that needs the programs stopped, and lets them run on if they did. */
  async whileStopped<T>(action: () => Promise<T>): Promise<T> {
    if (!this.#loop) return await action();
    this.#pausing++;
    try {
      // Not running, it puts an event to handlers, perhaps to the caller, and ends after that.
      if (this.#running) {
        this.engine.interrupt();
        await this.#loop;
      }
      return await action();
    } finally {
      this.#pausing--;
      if (this.#paused && this.#pausing === 0) {
        this.#paused = false;
        await this.#loop; // it may be about to end: only then it can be started again
        this.start();
      }
    }
  }

  /** Has the engine finish with a process whose end it holds, when no program is left. */
  async finish(): Promise<void> {
    if (this.#ending && this.programs.size === 0) await this.#runEngine("go");
  }

  /** Takes a program out of the session. */
  remove(program: Program, end: ProgramEnd): void {
    this.#programs.remove(program, end);
  }

  /** Runs to the next stop, after a command has told the engine how to go on. */
  async runAsTold(): Promise<void> {
    this.#status = "noChange";
    const stopped = this.waiting.next(undefined, () => {});
    this.start();
    await stopped;
  }

  /** The loop is over at the very moment at which somebody is told of its stop: they may start the next one. */
  async #runSafely(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#loop = undefined;
    }
  }

  async #run(): Promise<void> {
    for (;;) {
      const opening = this.#programs.isOpening;
      if (!this.#hasProgram && !opening) return void this.#deliver({ reason: "ended" });
      await this.#subscribe();
      if (this.#pausing > 0) return void (this.#paused = true);
      if (!opening && !this.#goesOn({ kind: "expired" }, "go")) return; // an interrupt came before the engine could take one
      const status = this.#status;
      this.#status = "go";
      const stop = await this.#runEngine(status);
      if (!this.#goesOn(stop, await this.#handle(stop))) return;
      if (this.#pausing > 0) return void (this.#paused = true);
    }
  }

  /** Tells who waits, and whether the programs go on after this. */
  #goesOn(stop: EngineStop, outcome: Outcome): boolean {
    if (outcome === "stay") return false;
    if (outcome === "go") {
      if (!this.#interruptAsked && !this.waiting.abortRequested) return true;
      // The interrupt came while an event was handled: the programs are stopped already.
      const { processId, threadId } = stop.kind === "event" ? stop.event : { processId: 0, threadId: 0 };
      outcome = { reason: "interrupt", program: this.programs.get(processId), threadId };
    }
    if (outcome.reason !== "interrupt") return this.#deliver(outcome);
    const asked = this.#interruptAsked;
    this.#interruptAsked = false;
    if (stop.kind === "interrupt") this.#status = "goHandled";
    if (!asked && this.#pausing > 0) return true;
    return this.#deliver(outcome, !asked);
  }

  async #subscribe(): Promise<void> {
    if (!this.handlers.changed) return;
    this.handlers.changed = false;
    await this.engine.call("subscribe", this.handlers.names());
  }

  async #runEngine(status: ExecutionStatus): Promise<EngineStop> {
    this.#running = true;
    this.#ending = false;
    try {
      return await this.engine.call("run", status);
    } finally {
      this.#running = false;
    }
  }

  /** Returns whether the programs go on. */
  #deliver(stop: Stop, forAbort = false): boolean {
    if (stop.reason !== "ended" && !forAbort) this.#programs.stopped();
    const goesOn = this.waiting.deliver(stop, forAbort);
    return goesOn || (forAbort && this.#programs.opening?.settled === false);
  }

  async #handle(stop: EngineStop): Promise<Outcome> {
    switch (stop.kind) {
      case "event":
        return await this.#handleEvent(stop.event);
      case "initialBreak":
        this.#status = "goHandled";
        return this.#programs.atInitialBreak(stop.processId) ? "stay" : "go";
      case "ended":
        this.#programs.endAll();
        return { reason: "ended" };
      case "expired":
        return "go";
      default: {
        const { processId, threadId } = stop;
        const program = this.programs.get(processId);
        return { reason: stop.kind, program, threadId };
      }
    }
  }

  async #handleEvent(engineEvent: EngineEvent): Promise<Outcome> {
    const event = this.#programs.place(engineEvent);
    if (!event) return "go";
    const { status, errors } = await this.handlers.dispatch(event);
    for (const error of errors) this.#fail(error);
    this.#ending = event.type === "exitProcess";
    const completed = this.#programs.after(event);
    this.#status = status === "noChange" || status === "break" ? defaultStatus(event) : status;
    if (this.#stay) {
      this.#stay = false;
      return "stay";
    }
    if (status === "break" || (status === "noChange" && event.type === "breakpoint")) {
      return { reason: "event", event, program: event.program };
    }
    return completed ? "stay" : "go";
  }

  /** Events that hold nothing: text, and starts and ends of programs that nobody listens to. */
  #notice(engineEvent: EngineEvent): void {
    const event = this.#programs.place(engineEvent);
    if (!event) return;
    this.#programs.after(event);
    this.handlers.dispatch(event).then(({ errors }) => errors.forEach((error) => this.#fail(error)));
  }

  /** Gives an error to whoever is there to take it: an opening, a wait, or else the next wait. */
  #fail(error: Error): void {
    if (!this.#programs.fail(error)) this.waiting.fail(error);
  }

  /** The engine refused to run, or is gone. */
  #lost(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    // The engine has forgotten every program when the process server of one has gone.
    if (failure instanceof AttachError && failure.kind === "server-unreachable") this.#programs.loseAll();
    const { opening } = this.#programs;
    const undone = failure instanceof AttachError && opening?.settled === false ? opening.program : undefined;
    opening?.appeared.resolve(undefined);
    this.#fail(failure);
    if (undone) this.#programs.remove(undone, { reason: "lost" }); // the engine has let it go
  }
}

/** How the program goes on after an event on which nobody decided: as it would without a debugger. */
function defaultStatus(event: DebugEvent): ExecutionStatus {
  return event.type === "exception" ? "goNotHandled" : "go";
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => " " + letter.toLowerCase());
}
