import type { DebugEngine, EngineReport, StopReport } from "./contract.ts";
import { AttachError } from "./errors.ts";
import type { DebugEvent, Program, Stop } from "./program.ts";
import type { Held, Outcome } from "./held.ts";
import { exitedEarly, type Opening, settle } from "./opening.ts";
import { Reports } from "./reports.ts";
import type { Runners } from "./runners.ts";
import type { ExecutionStatus } from "./status.ts";

/**
 * Runs the programs of one engine: asks it to run, puts what it tells to the handlers, answers, asks again. Goes on by itself
 * until something is to stop; who waits is told by {@linkcode Waiting}.
 */
export class Runner {
  readonly engine: DebugEngine;
  readonly #all: Runners;
  readonly #reports: Reports;
  #loop: PromiseWithResolvers<void> | undefined;
  /** The engine is inside `run`, and takes no other call. */
  #run: Promise<void> | undefined;
  /** Others have stopped: this one is not to run on either. */
  #halted = false;
  #paused = false;
  #subscribed = 0;

  constructor(engine: DebugEngine, all: Runners) {
    this.engine = engine;
    this.#all = all;
    this.#reports = new Reports(this, all);
  }

  /** The programs of this engine, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#reports.programs;
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.#run !== undefined && !this.#reports.areHandled;
  }

  /** Whether the engine is inside `run`, with its programs running or an event being handled. */
  get insideRun(): boolean {
    return this.#run !== undefined;
  }

  /** Whether the loop is under way: programs run, or an event is being handled. */
  get active(): boolean {
    return this.#loop !== undefined;
  }

  /** Whether there is something to run: a program, one that is being opened, or the end of the last one. */
  get hasWork(): boolean {
    return this.programs.size > 0 || this.#reports.owesEnd || this.#isOpening;
  }

  /** Whether an opening waits for this engine; one that was given up does until its program is there, to be let go. */
  get #isOpening(): boolean {
    const { opening } = this;
    return opening !== undefined && !(opening.settled && opening.program);
  }

  /** The attach or launch that is under way, if its program is of this engine. */
  get opening(): Opening | undefined {
    const opening = this.#all.opening;
    return opening && this.#all.runnerOf(opening.programId) === this ? opening : undefined;
  }

  /** Lets the programs run, unless they do. */
  start(): void {
    this.#halted = false;
    if (this.#loop) return;
    this.#loop = Promise.withResolvers();
    this.#runSafely(this.#loop);
  }

  /** Resolves when the programs are stopped, who was told to stop them having done so. */
  async settled(): Promise<void> {
    await this.#loop?.promise;
  }

  /** Stops running programs. */
  interrupt(): void {
    if (this.running) this.engine.causeBreak();
  }

  /** Stops the programs because others have stopped: nobody is told. Resolves when they are stopped. */
  async halt(): Promise<void> {
    this.#paused = false; // who pauses them lets them stay stopped
    if (!this.#loop) return;
    this.#halted = true;
    if (!this.running) return; // its event is with the handlers, and it does not run on after that
    this.engine.causeBreak();
    await this.#run;
  }

  /** Whether the loop ended because somebody needs the programs stopped. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether the loop ended because somebody needed the programs stopped; forgets it. */
  takePaused(): boolean {
    const paused = this.#paused;
    this.#paused = false;
    return paused;
  }

  /** Runs to the next stop as a command has told the engine to. */
  continueAsTold(): void {
    this.#reports.status = "noChange";
    this.start();
  }

  /** Takes what the engine tells; the answer says how the program goes on. */
  report(report: EngineReport): Promise<ExecutionStatus> {
    return this.#reports.take(report);
  }

  /** A program is lost: tells its end, however far it had come. */
  lose(program: Program): Promise<void> {
    return this.#reports.lose(program);
  }

  /** The programs are lost with the engine or their machine: tells each one's end. */
  async loseAll(): Promise<void> {
    for (const program of [...this.programs.values()]) await this.lose(program);
  }

  /** Whether the loop is needed between an event and the next. */
  get isToStop(): boolean {
    const { pausing, interruptAsked, waiting, handlers } = this.#all;
    return pausing || interruptAsked || this.#halted || waiting.abortRequested || handlers.version !== this.#subscribed;
  }

  async #runSafely(loop: PromiseWithResolvers<void>): Promise<void> {
    try {
      await Promise.resolve(); // who started it gets to wait for it first
      await this.#runOn();
    } catch (error) {
      this.#end(loop);
      await this.#lost(error);
    } finally {
      this.#end(loop);
      this.#all.retire(this);
    }
  }

  /** The loop is over when somebody is told of its stop: they may start the next one at that very moment. */
  #end(loop = this.#loop): void {
    if (this.#loop !== loop) return;
    this.#loop = undefined;
    loop?.resolve();
  }

  async #runOn(): Promise<void> {
    for (;;) {
      const isOpening = this.#isOpening;
      if (this.programs.size === 0 && !this.#reports.owesEnd && !isOpening) {
        return void await this.#deliver({ reason: "ended" });
      }
      await this.#subscribe();
      if (!isOpening && !await this.#goesOn(undefined, "go")) return; // an interrupt came before the engine could take one
      if (this.#all.pausing) return void (this.#paused = true); // with nothing awaited between this and the run
      if (this.#halted) return;
      const stop = await this.#runEngine();
      const { outcome, event, opening } = await this.#outcome(stop);
      if (outcome === "stay") {
        await this.#all.haltOthers(this);
        return this.#stay(opening);
      }
      if (!await this.#goesOn(stop.kind === "interrupt" ? stop : event, outcome)) return this.#stay(opening);
      if (this.#all.pausing) return void (this.#paused = true);
    }
  }

  /** The programs are stopped, and an opening that was complete with that is settled. */
  #stay(opening: Opening | undefined): void {
    this.#end();
    if (opening?.program) settle(opening, opening.program);
  }

  async #runEngine(): Promise<StopReport> {
    const status = this.#reports.status;
    this.#reports.status = "go";
    this.#reports.owesEnd = false;
    const run = Promise.withResolvers<void>();
    this.#run = run.promise; // an engine may tell something before it gives a promise
    try {
      return await this.engine.run(status);
    } finally {
      this.#run = undefined;
      run.resolve();
    }
  }

  async #subscribe(): Promise<void> {
    const { handlers } = this.#all;
    if (this.#subscribed === handlers.version) return;
    this.#subscribed = handlers.version;
    await this.engine.subscribe(handlers.names());
  }

  async #outcome(stop: StopReport): Promise<Partial<Held> & { readonly outcome: Outcome }> {
    if (stop.kind === "held") {
      return this.#reports.takeHeld() ?? { outcome: "go" };
    }
    if (stop.kind === "ended") {
      this.#reports.owesEnd = false;
      await this.loseAll();
      if (this.opening) settle(this.opening, exitedEarly(this.opening));
      this.opening?.appeared.resolve(undefined);
      return { outcome: { reason: "ended" } };
    }
    const program = stop.programId === undefined ? undefined : this.programs.get(stop.programId);
    const { kind: reason, threadId } = stop;
    return { outcome: { reason, program, threadId } as Stop };
  }

  /** Tells who waits, and whether the programs go on after this. */
  async #goesOn(at: StopReport | DebugEvent | undefined, outcome: Outcome): Promise<boolean> {
    const { waiting } = this.#all;
    if (outcome === "stay") return false;
    if (outcome === "go") {
      const isAsked = this.#all.interruptAsked || waiting.abortRequested;
      if (!isAsked || (this.#reports.owesEnd && this.programs.size === 0)) return true; // who asked is told of the end
      // The interrupt came while an event was handled: the programs are stopped already.
      const program = at && "program" in at ? at.program : undefined;
      const threadId = at && "threadId" in at ? at.threadId : 0;
      outcome = { reason: "interrupt", program, threadId };
    }
    if (outcome.reason !== "interrupt") return await this.#deliver(outcome);
    if (this.#isOpening && !this.opening?.program) return true; // nobody can be told yet of what is coming up
    const asked = this.#all.takeInterrupt();
    if (!asked && this.#halted) return false;
    if (!asked && this.#all.pausing) return true;
    return await this.#deliver(outcome, !asked);
  }

  /** Returns whether the programs go on. */
  async #deliver(stop: Stop, forAbort = false): Promise<boolean> {
    const { waiting, opening } = this.#all;
    if (stop.reason === "ended" && this.#all.othersWork(this)) {
      if (this.#all.interruptAsked || waiting.abortRequested) this.#all.abort(); // it was these that were to stop
      return false;
    }
    const goesOn = waiting.goesOn(forAbort) || (forAbort && (opening?.settled === false || this.#isOpening));
    if (!goesOn) {
      await this.#all.haltOthers(this);
      this.#end();
      // A stop in the middle of an opening completes it: the program is there, and stopped.
      if (stop.reason !== "ended" && !forAbort && opening?.program) settle(opening, opening.program);
    }
    waiting.deliver(stop, forAbort);
    return goesOn;
  }

  /** The engine refused to run, or is gone. */
  async #lost(error: unknown): Promise<void> {
    const failure = error instanceof Error ? error : new Error(String(error));
    // The engine has forgotten every program when the process server of one has gone.
    if (failure instanceof AttachError && failure.kind === "server-unreachable") await this.loseAll();
    this.#all.opening?.appeared.resolve(undefined);
    this.#all.fail(failure);
  }
}
