/** What a model of a session notes of a history: who asked for what, what was told to whom, and what must not be. */
import type { EngineReport, Port } from "../../lib/session/contract.ts";
import { AttachError, EngineError, HandlerError, StateError } from "../../lib/session/errors.ts";
import type { DebugEvent, Program, Stop } from "../../lib/session/program.ts";
import { SessionManager } from "../../lib/session/session.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { Clock, idOf, ModelEngine, modelPort, type Observer, type Pending } from "./model_engine.ts";

export const GIVEN_UP = new Error("given up");
export const DEADLINE = 60_000;

/** A call of the session that can take long. */
export interface Call {
  readonly what: "wait" | "next" | "loop" | "open" | "other";
  readonly text: string;
  readonly begun: number;
  readonly controller: AbortController | undefined;
  isAborted: boolean;
  settled: number | undefined;
  error?: unknown;
}

export interface Loop {
  readonly generator: AsyncGenerator<DebugEvent, void, void>;
  readonly controller: AbortController;
  /** From which event on it has to get all. */
  begun: number | undefined;
  readonly got: DebugEvent[];
  /** Its body runs, at this event. */
  at: DebugEvent | undefined;
  isOver: boolean;
}

export interface Held {
  readonly event: DebugEvent;
  readonly what: string;
  readonly begun: number;
  answer(status: ExecutionStatus | undefined): void;
  fail(error: Error): void;
}

/** A session with two engines that a history drives, and all that came of it. */
export class Notes implements Observer {
  readonly pending: Pending[] = [];
  readonly log: string[] = [];
  protected readonly clock = new Clock();
  protected readonly engines: ModelEngine[] = [];
  protected readonly session: SessionManager;
  protected readonly ports: Port[] = [];
  protected readonly calls: Call[] = [];
  protected readonly loops: Loop[] = [];
  protected readonly held: Held[] = [];
  /** Events in the order in which the session's first handler got them. */
  protected readonly events: DebugEvent[] = [];
  protected readonly reports: string[] = [];
  /** Stops by what is their own, and when they were told first. */
  protected readonly told = new Map<unknown, number>();
  /** Events that loops and next() have given. */
  protected readonly given = new Set<unknown>();
  /** What could stop programs, and when. */
  protected readonly origins = new Map<unknown, number>();
  /** In which program engines have stopped for a reason of their own, by the thread. */
  protected readonly stopped = new Map<unknown, string>();
  protected readonly programs: Program[] = [];
  protected readonly releases = new Map<string, string>();
  protected readonly asked = new Set<string>();
  protected readonly faults: string[] = [];
  protected errors: unknown[] = [];
  protected mode = 0;
  protected seq = 0;
  protected interrupts = 0;
  protected interruptsTold = 0;
  protected interruptedAt = 0;
  protected lastRun = 0;
  protected lastStart = 0;
  /** Programs run though nobody waits: they were opened so, or an error ended the wait. */
  protected isFree = false;
  protected isClosed = false;

  constructor() {
    const make = (id: string) => (): ModelEngine => {
      const engine = new ModelEngine(id, this);
      this.engines.push(engine);
      return engine;
    };
    const supplier = (id: string) => ({
      id,
      accepts: (address: string) => address === id,
      addPort: (_: string, host: Parameters<typeof modelPort>[1]) => Promise.resolve(modelPort(id, host)),
    });
    this.session = new SessionManager({ watchExit: false, handlerDeadline: DEADLINE }, {
      engines: { one: make("one"), two: make("two") },
      ports: [supplier("one"), supplier("two")],
      local: { address: "one", engineId: "one" },
    });
  }

  /** Notes something that is wrong, whoever caused it. */
  fault(text: string): void {
    this.note(`WRONG: ${text}`);
    this.faults.push(text);
  }

  protected note(text: string): void {
    this.log.push(`${++this.seq} ${text}`);
  }

  onRun(engine: ModelEngine): void {
    this.note(`engine ${engine.id} runs`);
    this.lastRun = this.seq;
    if (this.isClosed) this.fault("programs run after disposal");
    if (!this.isFree && !this.isWanted) {
      const isUnwanted = engine.isEmpty || this.engines.some(({ isAwaited }) => isAwaited); // or an end is yet to be told
      if (!isUnwanted) this.fault("programs run though nobody wants them to");
    }
    for (const { at } of this.loops) {
      if (at && at.type !== "output" && !at.program.end && at.program.engineId === engine.id) {
        this.fault("programs run while the body of a loop holds them");
      }
    }
    for (const { event, begun } of this.held) {
      if (
        this.clock.now - begun < DEADLINE && !event.program.end && event.program.engineId === engine.id &&
        event.type !== "output"
      ) {
        this.fault("programs run while a handler holds them");
      }
    }
  }

  /** Whether somebody wants programs to run; a loop does while its body holds those of one engine. */
  protected get isWanted(): boolean {
    const isCalled = this.calls.some(({ what, settled }) => what !== "other" && settled === undefined);
    return isCalled || this.isLeaving || this.loops.some(({ isOver }) => !isOver);
  }

  onReport(report: EngineReport): void {
    this.reports.push(report.type);
    this.note(`told ${report.type}`);
  }

  onStop(thread: number, programId: string): void {
    this.note(`stops by itself at ${thread} of ${programId.slice(0, 4)}`);
    this.stopped.set(thread, programId);
    this.mayStop(thread);
  }

  /** An attach whose program is to come up lets programs go on past stops that nobody waits for, even if it fails before they run. */
  onReturn({ id }: ModelEngine): void {
    const isWaited = this.calls.some(({ what, settled, isAborted }) =>
      ["wait", "next", "loop"].includes(what) && settled === undefined && !isAborted
    );
    const isAwaited = this.calls.some(({ what, settled }) => what === "open" && settled === undefined) &&
      this.engines.some(({ isAwaited }) => isAwaited);
    if (!isAwaited || isWaited) return;
    for (const key of this.origins.keys()) {
      const engineId = typeof key === "number" ? idOf(key) : (key as DebugEvent).program.engineId;
      if (engineId === id) this.given.add(key);
    }
  }

  /** Notes what may stop the programs; a loop and next() pass over it. */
  protected mayStop(key: unknown): void {
    this.origins.set(key, this.seq);
    const isPassedOver = this.calls.some(({ what, settled }) => what === "next" && settled === undefined) ||
      this.loops.some(({ isOver }) => !isOver);
    if (isPassedOver) this.given.add(key);
  }

  onRelease(programId: string, how: string): void {
    this.note(`${how} of ${programId.slice(0, 4)}`);
    if (this.releases.has(programId)) this.fault("a program is let go twice");
    this.releases.set(programId, how);
  }

  protected track<T>(what: Call["what"], text: string, promise: Promise<T>, controller?: AbortController): Promise<T> {
    this.note(`${text} is called`);
    const call: Call = {
      what,
      text,
      begun: this.seq,
      controller,
      isAborted: controller?.signal.aborted ?? false,
      settled: undefined,
    };
    this.calls.push(call);
    if (what !== "other") this.lastStart = this.seq;
    promise.then(
      (value) => {
        this.note(`${text} (${call.begun}) gives ${shown(value)}`);
        call.settled = this.seq;
      },
      (error) => {
        this.note(`${text} (${call.begun}) throws ${error}`);
        call.settled = this.seq;
        call.error = error;
        if (error === GIVEN_UP && !call.isAborted) this.fault("a call that was not aborted is");
        this.expect(error);
        const isError = error instanceof HandlerError || error instanceof EngineError;
        if (isError) this.isFree = true;
      },
    );
    return promise;
  }

  /** What calls may throw; a defect of the session is none of that. */
  protected expect(error: unknown): void {
    if (error === GIVEN_UP) return;
    if (error instanceof HandlerError) {
      this.errors = []; // of several that nobody waited for one is kept
      return;
    }
    if (error instanceof EngineError || error instanceof AttachError) this.errors = [];
    if (error instanceof StateError && error.kind === "in-handler" && !this.mayBeHeld) {
      this.fault(`refused for nothing: ${error.message}`);
    }
    if (error instanceof EngineError && error.kind === "defect") this.fault(error.message);
    if (!(error instanceof Error) || error.name === "AssertionError" || error instanceof TypeError) {
      this.fault(`${error instanceof Error ? error.stack : error}`);
    }
  }

  protected get isLeaving(): boolean {
    return this.calls.some(({ text, settled }) => text === "leaving the loop" && settled === undefined);
  }

  /** Whether the body of a loop may hold programs: it does a little before it begins, and until it was left. */
  protected get mayBeHeld(): boolean {
    return this.isLeaving || this.loops.some(({ isOver }) => !isOver);
  }

  protected onStopTold(stop: Stop, begun: number): void {
    if (!this.isWanted) {
      this.isFree = false;
      if (this.engines.some((engine) => engine.isRunning)) this.fault("programs run when a stop is told");
    }
    const key = stop.reason === "event" ? stop.event : stop.reason === "break" ? stop.threadId : stop;
    const first = this.told.get(key);
    if (first === undefined) {
      this.told.set(key, this.seq);
      if (stop.reason === "interrupt") this.interruptsTold++;
      if (this.interruptsTold > this.interrupts) this.fault("an interrupt is told that nobody asked for");
      return;
    }
    if (stop.reason !== "ended" && begun > first) this.fault("a stop is told twice");
  }
}

/** A value in a few words. */
export function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return String(value);
  const { reason, type, event, threadId, done, value: inner } = value as Record<string, unknown>;
  if (done !== undefined) return done ? "its end" : shown(inner);
  if (reason !== undefined && type === undefined) return `${reason} ${event ? shown(event) : threadId ?? ""}`;
  return String(type ?? (value as { name?: string }).name ?? "something");
}

/** Lets all microtasks run. */
export function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
