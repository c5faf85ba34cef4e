import type { AttachReason, DebugEngine, Port } from "./contract.ts";
import { StateError } from "./errors.ts";
import { type Handlers, isInsideHandler } from "./handlers.ts";
import { type Opening, settle } from "./opening.ts";
import type { Program, ProgramSession } from "./program.ts";
import { Runner } from "./runner.ts";
import type { Trace } from "./trace.ts";
import { Waiting } from "./waiting.ts";

/** What a session knows of a program to which it has given an id. */
interface Known {
  reason: AttachReason;
  port?: Port;
  runner?: Runner;
}

/** All engines of a session as one: they run together, and when one has stopped the others are stopped too. */
export class Runners {
  readonly handlers: Handlers;
  readonly trace: Trace;
  readonly session: ProgramSession;
  readonly waiting = new Waiting();
  /** The attach or launch that is under way: there is one at a time. */
  opening: Opening | undefined;
  /** Whether the body of a loop over `events()` holds the programs. */
  isHeldByLoop = false;
  readonly #runners = new Map<DebugEngine, Runner>();
  readonly #known = new Map<string, Known>();
  /** Engines that the session has loaded stay for the next program; others leave with theirs. */
  readonly #isLoaded: (engine: DebugEngine) => boolean;
  #interruptAsked = false;
  /** How many actions need the programs stopped. */
  #pausing = 0;
  #stay = false;

  constructor(handlers: Handlers, trace: Trace, session: ProgramSession, isLoaded: (engine: DebugEngine) => boolean) {
    this.handlers = handlers;
    this.trace = trace;
    this.session = session;
    this.#isLoaded = isLoaded;
  }

  /** Every engine's runner. */
  get all(): Runner[] {
    return [...this.#runners.values()];
  }

  /** The programs that are debugged now, by program id. */
  get programs(): ReadonlyMap<string, Program> {
    const [first, ...rest] = this.all;
    if (!first) return new Map();
    return rest.length === 0 ? first.programs : new Map(this.all.flatMap(({ programs }) => [...programs]));
  }

  /** Whether programs run at this moment. */
  get running(): boolean {
    return this.all.some(({ running }) => running);
  }

  /** Whether a stop is to come: of a program, or the end of the last one. */
  get hasStop(): boolean {
    return this.all.some(({ active, hasWork }) => active || hasWork);
  }

  /** Whether an action needs the programs stopped. */
  get pausing(): boolean {
    return this.#pausing > 0;
  }

  /** Whether `interrupt()` was called and no stop has answered it. */
  get interruptAsked(): boolean {
    return this.#interruptAsked;
  }

  /** The runner of an engine, made if need be. */
  of(engine: DebugEngine): Runner {
    const runner = this.#runners.get(engine) ?? new Runner(engine, this);
    this.#runners.set(engine, runner);
    return runner;
  }

  /** A new program id: of a child, until {@linkcode expect} says otherwise. */
  newProgramId(): string {
    const id = crypto.randomUUID();
    this.#known.set(id, { reason: "auto" });
    return id;
  }

  /** A program is about to be opened. */
  expect(programId: string, reason: AttachReason, port: Port): void {
    this.#known.set(programId, { reason, port });
  }

  /** Which engine a program that is being opened takes. */
  assign(programId: string, runner: Runner): void {
    const known = this.#known.get(programId);
    if (known) known.runner = runner;
  }

  /** Why a program comes; undefined for an id that was not given here. */
  reasonOf(programId: string): AttachReason | undefined {
    return this.#known.get(programId)?.reason;
  }

  /** The runner of a program that is being, or was, opened. */
  runnerOf(programId: string): Runner | undefined {
    return this.#known.get(programId)?.runner;
  }

  /** The runner of a program that is debugged. */
  runnerWith(program: Program): Runner | undefined {
    return this.all.find(({ programs }) => programs.get(program.id) === program);
  }

  /** The program that was opened there under this process id and is debugged yet. */
  findAt(port: Port, processId: number): Program | undefined {
    return [...this.programs.values()].find((program) =>
      program.processId === processId && this.#known.get(program.root.id)?.port === port
    );
  }

  /** Refuses what needs the programs to go on where they cannot: in a handler and in the body of a loop over `events()`. */
  refuseWhileHeld(action: string): void {
    const where = isInsideHandler() ? "a handler" : this.isHeldByLoop ? "a loop over events()" : undefined;
    if (where === undefined) return;
    const advice = "it holds the programs, which go on only when it is over; do it after";
    throw new StateError("in-handler", `${action} inside ${where}: ${advice}`);
  }

  /** An opening that is under way fails: the session is over. */
  close(): void {
    const { opening } = this;
    if (!opening) return;
    this.opening = undefined;
    settle(opening, new StateError("closed", `${opening.action}: the session was disposed meanwhile`));
    opening.appeared.resolve(undefined);
  }

  /** Lets every program run. */
  start(): void {
    if (!this.all.some(({ active }) => active)) this.#interruptAsked = false; // it came when the loops had ended already
    for (const runner of this.all) if (runner.hasWork) runner.start();
  }

  /** Resolves when the programs are stopped. */
  async settled(): Promise<void> {
    await Promise.all(this.all.map((runner) => runner.settled()));
  }

  /** Gives an error to whoever is there to take it: an opening, a wait, or else the next wait. */
  fail(error: Error): void {
    if (this.opening && !this.opening.settled) settle(this.opening, error);
    else this.waiting.fail(error);
  }

  /** Stops running programs: whoever waits is told. */
  interrupt(): void {
    if (!this.all.some(({ active }) => active)) return;
    this.#interruptAsked = true;
    this.abort();
  }

  /** Stops running programs because a wait was given up: only that one is told. */
  abort(): void {
    this.all.find(({ running }) => running)?.interrupt(); // the first one's stop halts the others
  }

  /** Whether an interrupt was asked for; forgets it. */
  takeInterrupt(): boolean {
    const asked = this.#interruptAsked;
    this.#interruptAsked = false;
    return asked;
  }

  /** The event whose handlers are being called leaves the programs stopped, and nobody is told: an iterator's loop was left. */
  stayAfterEvent(): void {
    this.#stay = true;
  }

  /** Whether {@linkcode stayAfterEvent} was called; forgets it. */
  takeStay(): boolean {
    const stay = this.#stay;
    this.#stay = false;
    return stay;
  }

  /** Whether programs of other engines run, whose stop is to come. */
  othersWork(one: Runner): boolean {
    return this.all.some((other) => other !== one && (other.active || other.hasWork));
  }

  /** Stops the programs of all other engines. */
  async haltOthers(one: Runner): Promise<void> {
    if (this.#runners.size === 1) return;
    await Promise.all(this.all.filter((other) => other !== one).map((other) => other.halt()));
  }

  /** Does something that needs the programs stopped, and lets them run on if they did. */
  async whileStopped<T>(action: () => Promise<T>): Promise<T> {
    const active = this.all.filter((runner) => runner.active);
    if (active.length === 0) return await action();
    this.#pausing++;
    try {
      // One that does not run puts an event to handlers, perhaps to the caller, and ends after that.
      for (const runner of active) {
        if (!runner.running) continue;
        runner.interrupt();
        await runner.settled();
      }
      return await action();
    } finally {
      this.#pausing--;
      if (this.#pausing === 0) await this.#resume();
    }
  }

  async #resume(): Promise<void> {
    const paused = this.all.filter((one) => one.takePaused());
    // One that has no program any more tells the end of all, unless others run by then.
    const inOrder = paused.toSorted((one, other) => Number(other.hasWork) - Number(one.hasWork));
    for (const runner of inOrder) {
      await runner.settled(); // it may be about to end: only then it can be started again
      runner.start();
    }
  }

  /** An engine that came with a program leaves with it. */
  retire(runner: Runner): void {
    if (runner.active || runner.paused || runner.hasWork || this.#isLoaded(runner.engine)) return;
    if (!this.#runners.delete(runner.engine)) return;
    runner.engine.dispose().catch((error) => this.waiting.fail(error));
  }
}
