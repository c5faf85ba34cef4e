import { StateError } from "./errors.ts";
import type { Arrival, Executed, Place } from "./executed.ts";
import { held, refuseInHandler } from "./handlers.ts";
import type { Opening } from "./opening.ts";
import type { Program, Stop } from "./program.ts";
import { type Brought, Stops } from "./stops.ts";
import { Machine } from "./transitions.ts";
import { Waiting } from "./waiting.ts";

/** An action that needs the programs stopped. */
interface Pause {
  resolve(): void;
  /** Whether no event may be with its handlers either. */
  readonly isDeep: boolean;
  /** Whether what it is for has begun. */
  isGranted: boolean;
  /** Resolves when that is over. */
  readonly over: Promise<void>;
}

/**
 * When programs run and when they stop, for all engines of a session as one. What is asked for (a start, a pause, an interrupt,
 * an end of waiting) and what engines tell comes together in {@linkcode Execution.advance}, which decides what is next.
 */
export class Execution {
  readonly waiting = new Waiting();
  /** The attach or launch that is under way: there is one at a time. */
  opening: Opening | undefined;
  /** Whether the script stays in any case: nobody lets the programs go when it ends by itself. */
  keepsScript = false;
  readonly #engines: ReadonlySet<Executed>;
  readonly #isListened: () => boolean;
  readonly #wish = new Machine<"rest" | "go" | "interrupt" | "closed">("The session", "rest");
  readonly #pauses = new Set<Pause>();
  /** Loops over `events()` whose bodies hold the programs; whether by themselves, no event being with its handlers. */
  readonly #loops = new Map<symbol, boolean>();
  readonly #stops = new Stops();
  /** Where the programs were stopped last. */
  #at: Place | undefined;

  /** `engines`: those of the session, which come and go. `isListened`: whether somebody listens to what their programs do. */
  constructor(engines: ReadonlySet<Executed>, isListened: () => boolean) {
    this.#engines = engines;
    this.#isListened = isListened;
  }

  /** Whether nobody wants the programs to run. */
  get isAtRest(): boolean {
    return this.#wish.is("rest", "closed");
  }

  /** Whether the session is over. */
  get isClosed(): boolean {
    return this.#wish.is("closed");
  }

  /** Whether the programs are to be stopped, for a moment at least. */
  get mustStop(): boolean {
    return this.isAtRest || this.#pauses.size > 0 || (this.#stops.any && !this.#goesPast) ||
      this.waiting.abortRequested ||
      this.#isInterruptDue || [...this.#loops.values()].includes(true) || (this.opening?.isToBeUndone ?? false);
  }

  /** Whether a script that has nothing else to do is to stay: something is to come that somebody waits for, or listens to. */
  get #isNeeded(): boolean {
    if (this.isClosed) return false;
    if (this.keepsScript || this.#pauses.size > 0 || this.opening?.isOpen || this.opening?.isComing) return true;
    return !this.isAtRest && (this.waiting.any || this.waiting.abortRequested || this.#isListened());
  }

  /** Whether a program is awaited that is to come up: what interrupts and stops without anybody to tell have to wait for. */
  get #isAwaited(): boolean {
    return this.opening?.isAwaited ?? false;
  }

  /** Whether the programs go on for it past stops that nobody waits for. */
  get #goesPast(): boolean {
    return this.#isAwaited && !this.isAtRest && !this.waiting.any;
  }

  get #isInterruptDue(): boolean {
    return this.#wish.is("interrupt") && this.#hasPrograms && !this.opening?.isAboutToRun;
  }

  /**
   * Lets the programs run: stops that nobody has waited for are over.
   * @throws {StateError} when the session was disposed.
   */
  start(): void {
    this.#refuseClosed();
    if (this.isAtRest) this.waiting.forgetStops();
    this.#wish.move("start");
    this.advance();
  }

  /** Lets the programs run and waits for their next stop; who `passesOver` it leaves it to others, too. */
  nextStop(signal?: AbortSignal, passesOver = false): Promise<Stop> {
    this.#refuseClosed();
    signal?.throwIfAborted();
    const stop = this.waiting.next(signal, (isLate) => {
      if (isLate || !this.#hasPrograms) this.#rejectAborted();
      else this.advance();
    }, passesOver);
    this.start();
    return stop;
  }

  /** Stops running programs: whoever waits is told. */
  interrupt(): void {
    if (this.isAtRest) return;
    this.#wish.move("interrupt");
    this.advance();
  }

  /** The session is over: an opening that is under way fails, and nothing runs any more. */
  close(): void {
    this.opening?.close();
    this.opening = undefined;
    this.#wish.move("close");
    this.advance();
  }

  /** Somebody does not want the programs to run any more: without others that do they stop, and nobody is told. */
  leave(): void {
    if (this.waiting.any || this.isAtRest) return;
    const { opening } = this;
    if (opening?.isOpen || opening?.isAwaited) return void (opening.hasStarted = true); // they run on for that
    this.#wish.move("tell");
    this.advance();
  }

  /**
   * Does something that needs the programs stopped, and lets them run on if they did. An event may be with its handlers, perhaps
   * with the caller, unless it `isDeep`.
   */
  async whileStopped<T>(action: () => Promise<T>, isDeep = false): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const pause: Pause = { resolve, isDeep, isGranted: false, over: over.promise };
    this.#pauses.add(pause);
    this.advance();
    try {
      await promise;
      return await action();
    } finally {
      this.#pauses.delete(pause);
      over.resolve();
      this.advance();
    }
  }

  /** Resolves when nothing is under way any more that was let begin while an event is with its handlers. */
  async actionsOver(): Promise<void> {
    const next = (): Pause | undefined => [...this.#pauses].find(({ isGranted }) => isGranted);
    for (let pause = next(); pause; pause = next()) await pause.over;
  }

  /** Engines hear at once of what more they have to tell: when their programs run, these stop for it. */
  refresh(): void {
    if (this.#some(({ phase }) => phase.is("running"))) void this.whileStopped(() => Promise.resolve());
  }

  /** The body of a loop over `events()` begins: its event is with the handlers, or was kept, so that nothing else holds it. */
  beginBody(loop: symbol, isKept = false): void {
    this.#loops.set(loop, isKept || this.#loops.get(loop) === true);
  }

  /** The body of a loop is over. */
  endBody(loop: symbol): void {
    if (this.#loops.delete(loop)) this.advance();
  }

  /** Refuses what needs the programs to go on where they cannot: in a handler and in the body of a loop over `events()`. */
  refuseWhileHeld(action: string): void {
    refuseInHandler(action);
    if (this.#loops.size > 0) throw held(action, "a loop over events()");
  }

  /** Gives an error to whoever is there to take it: an opening, a wait, or else the next wait. */
  fail(error: Error): void {
    if (this.opening?.isOpen) this.opening.fail(error);
    else this.waiting.fail(error);
    this.ref();
  }

  /** An engine is ready to run: whether its programs do, or are to stay stopped after all. */
  run(engine: Executed): boolean {
    if (this.mustStop) return false;
    engine.phase.move("run");
    this.#stops.pass(engine);
    return true;
  }

  /** A program has left while it was stopped. */
  forget(program: Program): void {
    this.#stops.forget(program);
  }

  /** An engine has come back from a run, or has not begun it. */
  arrive(engine: Executed, arrival: Arrival): void {
    const { stop, isKept = true, at, failure } = arrival;
    engine.phase.move("return");
    this.#at = at ?? this.#at;
    if (failure) this.#fail(engine, failure);
    if (stop) this.#stops.add(engine, { stop, isKept });
    this.advance();
  }

  /** An engine refused to run, or is gone: it keeps those of others from running only if it has anything left to run. */
  #fail(engine: Executed, failure: Error): void {
    const { opening } = engine.hasWork ? this : engine;
    const isTaken = opening?.isOpen ?? false;
    opening?.fail(failure);
    engine.opening?.vanish();
    const isNextOne = opening?.obstruct(failure) ?? false;
    if (!(isTaken || isNextOne) || this.waiting.any) this.waiting.fail(failure);
    if (engine.hasWork || !(this.opening?.isOpen || this.#isAwaited)) this.#wish.move("tell");
  }

  /** Tells the engines whether the script is to stay: after each change of who waits or listens. */
  ref(): void {
    const isNeeded = this.#isNeeded;
    for (const engine of this.#engines) engine.ref(isNeeded);
  }

  /** Does what is next: has engines run or stop, and when nothing runs tells who is to be told. */
  advance(): void {
    const { mustStop } = this;
    for (const engine of this.#engines) {
      if (mustStop && engine.phase.is("running")) {
        engine.phase.move("stop");
        engine.causeBreak();
      } else if (!mustStop && engine.phase.is("stopped") && engine.hasWork) {
        engine.phase.move("start");
        this.#at = undefined;
        engine.begin();
      }
    }
    if (!this.#some(({ phase }) => phase.is("starting", "running", "stopping", "held"))) this.#decide();
    this.ref();
  }

  /** No program runs: tells whoever is to be told, and lets them run on if they are to. */
  #decide(): void {
    const isParting = this.#some(({ phase }) => phase.is("parting"));
    const isHandled = isParting || this.#some(({ phase }) => phase.is("handling"));
    const stops = isParting || this.#goesPast ? [] : this.#stops.take();
    if (stops.length === 0 && !isHandled) stops.push(...this.#due());
    if (stops.length > 0) this.#tell(stops);
    else if (!isParting) this.#rejectAborted();
    for (const pause of this.#pauses) if (!pause.isDeep || !isHandled) this.#grant(pause);
    if (!this.mustStop && this.#some(({ phase, hasWork }) => phase.is("stopped") && hasWork)) this.advance();
  }

  #grant(pause: Pause): void {
    pause.isGranted = true;
    pause.resolve();
  }

  /** What is to be told though no engine has told it: the end of all, an interrupt. */
  #due(): Brought[] {
    if (this.isAtRest) return [];
    if (!this.#some(({ hasWork }) => hasWork)) return [{ stop: { reason: "ended" }, isKept: true }];
    const { program, threadId = 0 } = this.#at ?? {};
    return this.#isInterruptDue ? [{ stop: { reason: "interrupt", program, threadId }, isKept: true }] : [];
  }

  #tell(stops: readonly Brought[]): void {
    this.#wish.move("tell");
    // A stop in the middle of an opening completes it: the program is there, and stopped.
    this.opening?.complete();
    for (const { stop, isKept } of stops) this.waiting.deliver(stop, isKept);
  }

  #rejectAborted(): void {
    // Without programs nothing is to be stopped, and the end of the last one is yet to be told.
    if (this.waiting.rejectAborted() && this.#hasPrograms) this.leave();
  }

  #refuseClosed(): void {
    if (this.isClosed) throw new StateError("closed", "Cannot run the programs: the session was disposed");
  }

  get #hasPrograms(): boolean {
    return this.#some((engine) => engine.hasPrograms);
  }

  #some(is: (engine: Executed) => boolean): boolean {
    for (const engine of this.#engines) if (is(engine)) return true;
    return false;
  }
}
