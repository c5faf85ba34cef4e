/**
 * Histories of a session: random numbers become calls, engines' steps, handlers' answers, in any order of what is asynchronous.
 * A simple model notes what each was told, and says what is wrong.
 */
import assert from "node:assert/strict";
import type { EngineReport, Port } from "../../lib/session/contract.ts";
import { AttachError, EngineError, HandlerError, StateError } from "../../lib/session/errors.ts";
import type { DebugEvent, Program, Stop } from "../../lib/session/program.ts";
import { SessionManager } from "../../lib/session/session.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { Clock, idOf, ModelEngine, modelPort, type Observer, type Pending } from "./model_engine.ts";

const NAMES = ["programCreate", "loadComplete", "loadModule", "breakpoint", "programDestroy", "output"] as const;
const GIVEN_UP = new Error("given up");
const DEADLINE = 60_000;
const THROWN = "thrown by a handler";

/** A call of the session that can take long. */
interface Call {
  readonly what: "wait" | "next" | "loop" | "open" | "other";
  readonly text: string;
  readonly begun: number;
  readonly controller: AbortController | undefined;
  isAborted: boolean;
  settled: number | undefined;
  error?: unknown;
}

interface Loop {
  readonly generator: AsyncGenerator<DebugEvent, void, void>;
  readonly controller: AbortController;
  /** From which event on it has to get all. */
  begun: number | undefined;
  readonly got: DebugEvent[];
  /** Its body runs, at this event. */
  at: DebugEvent | undefined;
  isOver: boolean;
}

interface Held {
  readonly event: DebugEvent;
  readonly what: string;
  readonly begun: number;
  answer(status: ExecutionStatus | undefined): void;
  fail(error: Error): void;
}

/** One history. */
export class History implements Observer {
  readonly pending: Pending[] = [];
  readonly log: string[] = [];
  readonly #clock = new Clock();
  readonly #engines: ModelEngine[] = [];
  readonly #session: SessionManager;
  readonly #ports: Port[] = [];
  readonly #calls: Call[] = [];
  readonly #loops: Loop[] = [];
  readonly #held: Held[] = [];
  /** Events in the order in which the session's first handler got them. */
  readonly #events: DebugEvent[] = [];
  readonly #reports: string[] = [];
  /** Stops by what is their own, and when they were told first. */
  readonly #told = new Map<unknown, number>();
  /** Events that loops and next() have given. */
  readonly #given = new Set<unknown>();
  /** What could stop programs, and when. */
  readonly #origins = new Map<unknown, number>();
  /** In which program engines have stopped for a reason of their own, by the thread. */
  readonly #stopped = new Map<unknown, string>();
  readonly #programs: Program[] = [];
  readonly #releases = new Map<string, string>();
  readonly #asked = new Set<string>();
  readonly #faults: string[] = [];
  #errors: unknown[] = [];
  #mode = 0;
  #seq = 0;
  #interrupts = 0;
  #interruptsTold = 0;
  #interruptedAt = 0;
  #lastRun = 0;
  #lastStart = 0;
  /** Programs run though nobody waits: they were opened so, or an error ended the wait. */
  #isFree = false;
  #isClosed = false;

  constructor() {
    const make = (id: string) => (): ModelEngine => {
      const engine = new ModelEngine(id, this);
      this.#engines.push(engine);
      return engine;
    };
    const supplier = (id: string) => ({
      id,
      accepts: (address: string) => address === id,
      addPort: (_: string, host: Parameters<typeof modelPort>[1]) => Promise.resolve(modelPort(id, host)),
    });
    this.#session = new SessionManager({ watchExit: false, handlerDeadline: DEADLINE }, {
      engines: { one: make("one"), two: make("two") },
      ports: [supplier("one"), supplier("two")],
      local: { address: "one", engineId: "one" },
    });
    for (const name of NAMES) this.#session.on(name, (event) => this.#onEvent(event as DebugEvent));
  }

  /** Goes through a history. @throws {AssertionError} that says what is wrong, and how it came. */
  async run(numbers: readonly number[]): Promise<void> {
    try {
      await this.#begin(numbers[0] ?? 0);
      for (const number of numbers.slice(1)) {
        this.#act(number);
        await this.#pass((number >>> 23) & 7);
      }
      await this.#drain();
      for (const { what, text, begun, isAborted, settled } of this.#calls) {
        // Once engines have stopped, without any patience; an opening may wait a little for its program.
        if (isAborted && settled === undefined && what !== "open") {
          this.fault(`${text} (${begun}) is aborted and pends`);
        }
      }
      for (let i = 0; i < 5 && this.#clock.elapse(2000); i++) await this.#drain();
      this.#checkAtRest();
      await this.#checkKept();
      await this.#close();
    } catch (error) {
      this.#faults.push(error instanceof Error ? error.message : String(error));
    } finally {
      this.#clock[Symbol.dispose]();
    }
    assert.equal(this.#faults.length, 0, `${this.#faults.join("\n")}\n  ${this.log.join("\n  ")}`);
  }

  /** Notes something that is wrong, whoever caused it. */
  fault(text: string): void {
    this.#note(`WRONG: ${text}`);
    this.#faults.push(text);
  }

  #note(text: string): void {
    this.log.push(`${++this.#seq} ${text}`);
  }

  async #begin(number: number): Promise<void> {
    for (const id of ["one", "two"]) this.#ports.push(await this.#session.connect(id));
    const programs = number % 4;
    for (let i = 0; i < programs; i++) {
      this.#open(i === 1 ? 1 : 0, i !== 1, !(number & 16) || i === 0);
      await this.#drain(true);
    }
  }

  async #pass(ticks: number): Promise<void> {
    if (ticks < 6) { for (let i = 0; i < ticks; i++) await null; }
    else await flush();
  }

  #act(number: number): void {
    const kind = number & 31;
    const choice = (number >>> 5) & 0xffff;
    if (kind < 10) return this.#step(choice);
    if (kind < 12) return this.#answerAsk(choice, false);
    if (kind === 12) return this.#answerAsk(choice, true);
    if (kind < 16) return this.#answerHandler(choice);
    if (kind < 18) return this.#wait(choice);
    if (kind === 18) return this.#next(choice);
    if (kind === 19) return this.#startLoop(choice);
    if (kind < 22) return this.#continueLoop(choice);
    if (kind === 22) return this.#leaveLoop(choice);
    if (kind < 25) return this.#open(choice & 1, kind === 24, (choice & 6) !== 6, (choice & 8) !== 0);
    if (kind === 25) return this.#abort(choice);
    if (kind === 26) return this.#interrupt();
    if (kind === 27) return this.#letGo(choice);
    if (kind < 30) return this.#setMode(choice);
    if (kind === 30) return void (this.#clock.elapse() && this.#note("time passes"));
    if (choice % 8 === 0) return this.#lose(choice);
    if (choice % 8 === 1) this.#dispose();
  }

  // --- what engines do ---

  #step(choice: number): void {
    const running = this.#engines.filter((engine) => engine.isRunning);
    const engine = running[choice & 1] ?? running[0];
    if (!engine) return;
    this.#note(`engine ${engine.id} steps ${choice >>> 1}`);
    engine.step(choice >>> 1);
  }

  #answerAsk(choice: number, fails: boolean): void {
    const [ask] = this.pending.splice(choice % Math.max(1, this.pending.length), 1);
    if (!ask) return;
    this.#note(`${ask.what} is ${fails ? "refused" : "done"}`);
    if (ask.what === "attach") this.#lastStart = this.#seq; // programs go on for it, whatever they were stopped at
    if (fails) ask.fail(new EngineError("failed", `refused ${ask.what}`));
    else ask.go();
  }

  #lose(choice: number): void {
    const engine = this.#engines[(choice >>> 3) % Math.max(1, this.#engines.length)];
    if (!engine || engine.isLost) return;
    this.#note(`engine ${engine.id} dies`);
    engine.lose();
  }

  onRun(engine: ModelEngine): void {
    this.#note(`engine ${engine.id} runs`);
    this.#lastRun = this.#seq;
    if (this.#isClosed) this.fault("programs run after disposal");
    if (!this.#isFree && !this.#isWanted) {
      const isUnwanted = engine.isEmpty || this.#engines.some(({ isAwaited }) => isAwaited); // or an end is yet to be told
      if (!isUnwanted) this.fault("programs run though nobody wants them to");
    }
    for (const { at } of this.#loops) {
      if (at && at.type !== "output" && !at.program.end && at.program.engineId === engine.id) {
        this.fault("programs run while the body of a loop holds them");
      }
    }
    for (const { event, begun } of this.#held) {
      if (
        this.#clock.now - begun < DEADLINE && !event.program.end && event.program.engineId === engine.id &&
        event.type !== "output"
      ) {
        this.fault("programs run while a handler holds them");
      }
    }
  }

  /** Whether somebody wants programs to run; a loop does while its body holds those of one engine. */
  get #isWanted(): boolean {
    const isCalled = this.#calls.some(({ what, settled }) => what !== "other" && settled === undefined);
    return isCalled || this.#isLeaving || this.#loops.some(({ isOver }) => !isOver);
  }

  onReport(report: EngineReport): void {
    this.#reports.push(report.type);
    this.#note(`told ${report.type}`);
  }

  onStop(thread: number, programId: string): void {
    this.#note(`stops by itself at ${thread} of ${programId.slice(0, 4)}`);
    this.#stopped.set(thread, programId);
    this.#mayStop(thread);
  }

  /** An attach whose program is to come up lets programs go on past stops that nobody waits for, even if it fails before they run. */
  onReturn({ id }: ModelEngine): void {
    const isWaited = this.#calls.some(({ what, settled, isAborted }) =>
      ["wait", "next", "loop"].includes(what) && settled === undefined && !isAborted
    );
    const isAwaited = this.#calls.some(({ what, settled }) => what === "open" && settled === undefined) &&
      this.#engines.some(({ isAwaited }) => isAwaited);
    if (!isAwaited || isWaited) return;
    for (const key of this.#origins.keys()) {
      const engineId = typeof key === "number" ? idOf(key) : (key as DebugEvent).program.engineId;
      if (engineId === id) this.#given.add(key);
    }
  }

  /** Notes what may stop the programs; a loop and next() pass over it. */
  #mayStop(key: unknown): void {
    this.#origins.set(key, this.#seq);
    const isPassedOver = this.#calls.some(({ what, settled }) => what === "next" && settled === undefined) ||
      this.#loops.some(({ isOver }) => !isOver);
    if (isPassedOver) this.#given.add(key);
  }

  onRelease(programId: string, how: string): void {
    this.#note(`${how} of ${programId.slice(0, 4)}`);
    if (this.#releases.has(programId)) this.fault("a program is let go twice");
    this.#releases.set(programId, how);
  }

  // --- what handlers do ---

  #onEvent(event: DebugEvent): Promise<ExecutionStatus | undefined> | ExecutionStatus | undefined {
    this.#events.push(event);
    const { program, type } = event;
    this.#note(`handler gets ${type} of ${program.id.slice(0, 4)}`);
    if (type === "programCreate") this.#programs.push(program);
    if (type === "breakpoint") this.#mayStop(event);
    switch (this.#mode) {
      case 1:
        if (type !== "output" && type !== "programDestroy") this.#mayStop(event);
        return "break";
      case 2: {
        const error = new Error(`${THROWN} ${this.#seq}`);
        this.#errors.push(error);
        throw error;
      }
      case 3:
        return new Promise((resolve, reject) => {
          this.#held.push({ event, what: type, begun: this.#clock.now, answer: resolve, fail: reject });
        });
      case 4:
        return this.#askInside(event);
      default:
        return undefined;
    }
  }

  /** A handler that lets its program go, and may not wait. */
  async #askInside({ program }: DebugEvent): Promise<undefined> {
    await this.#session.wait().then(
      () => this.fault("a wait inside a handler is not refused"),
      (error) => {
        const kinds = ["in-handler", "closed"];
        if (!(error instanceof StateError && kinds.includes(error.kind))) {
          this.fault(`a wait inside a handler: ${error}`);
        }
      },
    );
    this.#asked.add(program.id);
    await program.detach().catch((error) => this.#expect(error));
    return undefined;
  }

  #answerHandler(choice: number): void {
    const [held] = this.#held.splice(choice % Math.max(1, this.#held.length), 1);
    if (!held) return;
    if (this.#clock.now - held.begun >= DEADLINE) return; // it was cut off
    const answer = (choice >>> 4) % 4;
    this.#note(`handler of ${held.what} answers ${answer}`);
    const holds = held.event.type !== "output" && held.event.type !== "programDestroy";
    if (answer === 1) {
      if (holds && !held.event.program.end) this.#mayStop(held.event);
      held.answer("break");
    } else if (answer === 2) {
      const error = new Error(`${THROWN} ${this.#seq}`);
      this.#errors.push(error);
      held.fail(error);
    } else held.answer(answer === 3 ? "go" : undefined);
    if (answer === 3) this.#origins.delete(held.event);
  }

  #setMode(choice: number): void {
    this.#mode = choice % 8 < 4 ? 0 : choice % 8 - 3;
    this.#note(`handlers from now on: ${this.#mode}`);
  }

  // --- what scripts do ---

  #track<T>(what: Call["what"], text: string, promise: Promise<T>, controller?: AbortController): Promise<T> {
    this.#note(`${text} is called`);
    const call: Call = {
      what,
      text,
      begun: this.#seq,
      controller,
      isAborted: controller?.signal.aborted ?? false,
      settled: undefined,
    };
    this.#calls.push(call);
    if (what !== "other") this.#lastStart = this.#seq;
    promise.then(
      (value) => {
        this.#note(`${text} (${call.begun}) gives ${shown(value)}`);
        call.settled = this.#seq;
      },
      (error) => {
        this.#note(`${text} (${call.begun}) throws ${error}`);
        call.settled = this.#seq;
        call.error = error;
        if (error === GIVEN_UP && !call.isAborted) this.fault("a call that was not aborted is");
        this.#expect(error);
        const isError = error instanceof HandlerError || error instanceof EngineError;
        if (isError) this.#isFree = true;
      },
    );
    return promise;
  }

  /** What calls may throw; a defect of the session is none of that. */
  #expect(error: unknown): void {
    if (error === GIVEN_UP) return;
    if (error instanceof HandlerError) {
      this.#errors = []; // of several that nobody waited for one is kept
      return;
    }
    if (error instanceof EngineError || error instanceof AttachError) this.#errors = [];
    if (error instanceof StateError && error.kind === "in-handler" && !this.#mayBeHeld) {
      this.fault(`refused for nothing: ${error.message}`);
    }
    if (error instanceof EngineError && error.kind === "defect") this.fault(error.message);
    if (!(error instanceof Error) || error.name === "AssertionError" || error instanceof TypeError) {
      this.fault(`${error instanceof Error ? error.stack : error}`);
    }
  }

  get #isLeaving(): boolean {
    return this.#calls.some(({ text, settled }) => text === "leaving the loop" && settled === undefined);
  }

  /** Whether the body of a loop may hold programs: it does a little before it begins, and until it was left. */
  get #mayBeHeld(): boolean {
    return this.#isLeaving || this.#loops.some(({ isOver }) => !isOver);
  }

  #controller(choice: number): AbortController | undefined {
    return choice & 1 ? new AbortController() : undefined;
  }

  #wait(choice: number): void {
    const controller = this.#controller(choice);
    const begun = this.#seq;
    const wait = this.#session.wait(controller && { signal: controller.signal });
    this.#track("wait", "wait", wait, controller).then((stop) => this.#onStopTold(stop, begun), () => {});
  }

  #onStopTold(stop: Stop, begun: number): void {
    if (!this.#isWanted) {
      this.#isFree = false;
      if (this.#engines.some((engine) => engine.isRunning)) this.fault("programs run when a stop is told");
    }
    const key = stop.reason === "event" ? stop.event : stop.reason === "break" ? stop.threadId : stop;
    const first = this.#told.get(key);
    if (first === undefined) {
      this.#told.set(key, this.#seq);
      if (stop.reason === "interrupt") this.#interruptsTold++;
      if (this.#interruptsTold > this.#interrupts) this.fault("an interrupt is told that nobody asked for");
      return;
    }
    if (stop.reason !== "ended" && begun > first) this.fault("a stop is told twice");
  }

  #next(choice: number): void {
    const controller = this.#controller(choice);
    const name = NAMES[(choice >>> 1) % NAMES.length] ?? "output";
    const options = controller ? { signal: controller.signal } : {};
    const program = choice & 64 ? [...this.#session.programs.values()][(choice >>> 7) % 4] : undefined;
    const next = program ? program.next(name, options) : this.#session.next(name, options);
    this.#track("next", `next ${name}`, next, controller).then((event) => {
      if (event.type !== name || (program && event.program !== program)) this.fault("next() gives another event");
      this.#given.add(event);
    }, () => {});
  }

  #startLoop(choice: number): void {
    if (this.#loops.filter(({ isOver }) => !isOver).length >= 2) return;
    const controller = new AbortController();
    let generator: Loop["generator"];
    try {
      generator = this.#session.events({ signal: controller.signal });
    } catch (error) {
      return this.#expect(error);
    }
    const loop: Loop = { generator, controller, begun: undefined, got: [], at: undefined, isOver: false };
    this.#loops.push(loop);
    this.#ask(loop, choice);
  }

  #ask(loop: Loop, _choice: number): void {
    loop.at = undefined;
    const next = loop.generator.next();
    loop.begun ??= this.#events.length;
    this.#track("loop", `loop ${this.#loops.indexOf(loop)}`, next, loop.controller).then(({ done, value }) => {
      loop.isOver = done ?? false;
      if (!value) return;
      if (loop.got.includes(value)) this.fault("a loop gets an event twice");
      loop.got.push(value);
      this.#given.add(value);
      loop.at = value.type === "programDestroy" ? undefined : value;
      const mustHold = value.type !== "output" && value.type !== "programDestroy";
      const engine = this.#engines.findLast(({ id }) => id === value.program.engineId);
      if (mustHold && engine?.isRunning && !engine.isLost && !value.program.end) {
        this.fault("a program runs while it is held for a loop");
      }
    }, () => loop.isOver = true);
  }

  #continueLoop(choice: number): void {
    const waiting = this.#loops.filter((loop) => !loop.isOver && this.#isInBody(loop));
    const loop = waiting[choice % Math.max(1, waiting.length)];
    if (loop) this.#ask(loop, choice);
  }

  #isInBody(loop: Loop): boolean {
    const text = `loop ${this.#loops.indexOf(loop)}`;
    return !this.#calls.some((call) => call.text === text && call.settled === undefined);
  }

  #leaveLoop(choice: number): void {
    const bodies = this.#loops.filter((loop) => !loop.isOver && this.#isInBody(loop));
    const loop = bodies[choice % Math.max(1, bodies.length)];
    if (!loop) return;
    loop.isOver = true;
    loop.at = undefined;
    this.#track("other", "leaving the loop", loop.generator.return());
  }

  #open(which: number, isLaunch: boolean, stops: boolean, hasSignal = false): void {
    const controller = hasSignal ? new AbortController() : undefined;
    const port = this.#ports[which];
    if (!port) return;
    const options = { port, initialBreak: stops, ...(controller && { signal: controller.signal }) };
    const pid = 10 + this.#seq;
    const open = isLaunch ? this.#session.launch("app.exe", options) : this.#session.attach(pid, options);
    const text = `${isLaunch ? "launch" : "attach"} ${stops ? "" : "running "}on ${port.name}`;
    this.#track("open", text, open, controller).then((program) => {
      if (!stops) this.#isFree = true;
      if (program.end && program.end.reason !== "lost" && !this.#asked.has(program.id) && !this.#isClosed) {
        this.#note("its program has ended since");
      }
    }, () => {});
  }

  #abort(choice: number): void {
    const calls = this.#calls.filter(({ controller, settled, isAborted }) =>
      controller && settled === undefined && !isAborted
    );
    const call = calls[choice % Math.max(1, calls.length)];
    if (!call) return;
    this.#note(`${call.text} (${call.begun}) is aborted`);
    for (const each of this.#calls) if (each.controller === call.controller) each.isAborted = true;
    call.controller?.abort(GIVEN_UP);
  }

  #interrupt(): void {
    this.#note("interrupt");
    try {
      this.#session.interrupt();
      this.#interrupts++;
      this.#interruptedAt = this.#seq;
    } catch (error) {
      this.#expect(error);
    }
  }

  #letGo(choice: number): void {
    const programs = [...this.#session.programs.values()];
    const program = programs[(choice >>> 1) % Math.max(1, programs.length)];
    if (!program) return;
    this.#asked.add(program.id);
    const how = choice & 1 ? "detach" : "terminate";
    this.#track("other", `${how} ${program.id.slice(0, 4)}`, program[how]());
  }

  #dispose(): void {
    if (this.#isClosed) return;
    this.#track("other", "disposal", this.#session[Symbol.asyncDispose]()).then(() => this.#isClosed = true, () => {
      this.#isClosed = true;
    });
  }

  // --- the end of a history ---

  /** Lets everything happen that can happen by itself; programs that run, run on. */
  async #drain(comesUp = false): Promise<void> {
    this.#mode = 0;
    for (let i = 0; i < 400; i++) {
      await flush();
      const engine = this.#engines.find((one) =>
        one.isRunning && (one.isBreakAsked || one.isEmpty || (comesUp && one.isAwaited))
      );
      const body = this.#loops.find((loop) => !loop.isOver && this.#isInBody(loop));
      if (this.pending.length > 0) this.#answerAsk(0, false);
      else if (this.#held.length > 0) this.#answerHandler(0);
      else if (engine?.isBreakAsked) {
        this.#note(`engine ${engine.id} is interrupted`);
        engine.interrupt();
      } else if (engine) {
        this.#note(`engine ${engine.id} goes on`);
        engine.step(7 + 12);
      } else if (body) this.#ask(body, 0);
      else return;
    }
    this.fault("it never comes to rest");
  }

  #checkAtRest(): void {
    const isRunning = this.#engines.some((engine) => engine.isRunning);
    const pending = this.#calls.filter(({ settled }) => settled === undefined);
    const isOpening = pending.some(({ what }) => what === "open");
    for (const call of pending) {
      if (call.isAborted) continue;
      if (call.what === "wait" && call.begun < this.#interruptedAt && !isOpening && this.#session.programs.size > 0) {
        this.fault(`wait (${call.begun}) is not told of an interrupt`);
      }
      if (call.what === "open") this.#checkOpening(call, isRunning);
      else if (call.what === "other" && !/disposal/.test(call.text)) {
        this.fault(`${call.text} (${call.begun}) pends for ever`);
      } else if (!isRunning) this.fault(`${call.text} (${call.begun}) pends, and nothing runs`);
    }
    if (isRunning && !isOpening && !this.#engines.some(({ isLost }) => isLost)) {
      for (const key of this.#untold(this.#lastStart)) this.fault(`programs run on past a stop: ${shown(key)}`);
    }
    this.#checkEvents();
  }

  /** What has stopped programs since, was not told, and has not ended with its program. */
  #untold(since: number): unknown[] {
    return [...this.#origins].filter(([key, seq]) =>
      seq > since && !this.#told.has(key) && !this.#given.has(key) && !this.#programOf(key)?.end
    ).map(([key]) => key);
  }

  #programOf(key: unknown): Program | undefined {
    if (typeof key === "object") return (key as DebugEvent).program;
    return this.#programs.find(({ id }) => id === this.#stopped.get(key));
  }

  /** An opening waits for its program, for its turn, or for a script that was told of a stop to go on. */
  #checkOpening(call: Call, isRunning: boolean): void {
    if (
      this.#calls.some(({ what, begun, settled }) => what === "open" && settled === undefined && begun < call.begun)
    ) return;
    const isHeld = [...this.#told.values(), ...this.#origins.values()].some((seq) => seq > call.begun);
    const isError = this.#calls.some(({ what, settled, error }) =>
      settled && settled > call.begun && (error || what === "wait" || what === "next")
    );
    if (!isRunning && !isHeld && !isError) this.fault(`${call.text} (${call.begun}) pends, and nothing runs`);
  }

  #checkEvents(): void {
    const lost = this.#events.filter(({ type }) => type === "programDestroy").length;
    const told = this.#events.length - lost;
    const reported = this.#reports.filter((type) => type !== "programDestroy").length;
    const isCut = this.#calls.some(({ text }) => text === "disposal"); // engines that are left behind tell nobody
    if (told !== reported && !isCut) this.fault(`${reported} events, of which handlers got ${told}`);
    const ends = this.#events.filter(({ type }) => type === "programDestroy").map(({ program }) => program);
    if (new Set(ends).size < ends.length) this.fault("the end of a program is told twice");
    for (const [index, { begun, got, isOver }] of this.#loops.entries()) {
      if (isOver || begun === undefined) continue;
      const all = this.#events.slice(begun);
      // A program that was let go or lost while an event of it was with the handlers has had its last event.
      const wasLast = (event: DebugEvent): boolean =>
        event.program.end?.reason === "lost" &&
        all.findLast(({ type, program }) => program === event.program && type !== "programDestroy") === event;
      const missed = all.filter((event) =>
        !got.includes(event) && !this.#releases.has(event.program.id) && !wasLast(event)
      );
      if (missed.length > 0) this.fault(`loop ${index} has missed ${missed.map(({ type }) => type)}`);
      for (const program of this.#programs) {
        const order = got.filter((event) =>
          event.program === program && all.includes(event) && event.type !== "output"
        );
        const first = all.filter((event) =>
          got.includes(event) && event.program === program && event.type !== "output"
        );
        if (order.some((event, at) => event !== first[at])) this.fault(`loop ${index} gets events in another order`);
      }
    }
  }

  /** A stop that nobody was told of and that still holds is what the next wait gives; and so is an error. */
  async #checkKept(): Promise<void> {
    if (this.#isClosed || this.#calls.some(({ settled }) => settled === undefined)) return;
    const missing = new Set(this.#untold(Math.max(this.#lastRun, this.#lastStart)));
    const error = this.#errors.at(-1);
    const isHeldByLoop = this.#loops.some(({ at }) => at);
    if ((missing.size === 0 && !error) || isHeldByLoop) return;
    do {
      const told = await this.#lastWait();
      if (told instanceof EngineError || told instanceof AttachError) return; // of several errors the last one is kept
      if (error) {
        if (!(told instanceof HandlerError)) this.fault(`an error is lost: ${error}`);
        return;
      }
      const stop = told as Stop | undefined;
      if (!stop) return this.fault(`stops are lost: ${[...missing].map(shown)}`);
      missing.delete(stop.reason === "event" ? stop.event : stop.reason === "break" ? stop.threadId : undefined);
    } while (missing.size > 0);
  }

  /** What a wait gives at once. */
  async #lastWait(): Promise<unknown> {
    const wait = this.#session.wait();
    this.#track("wait", "the last wait", wait).catch(() => {});
    let told: unknown;
    wait.then((stop) => told = stop, (thrown) => told = thrown);
    await flush();
    return told;
  }

  async #close(): Promise<void> {
    const live = [...this.#session.programs.values()];
    const wasClosed = this.#calls.some(({ text }) => text === "disposal");
    this.#dispose();
    await this.#drain();
    for (let i = 0; i < 20 && this.#clock.elapse(15_000); i++) await this.#drain();
    await flush();
    for (const call of this.#calls) {
      if (call.settled === undefined) this.fault(`${call.text} (${call.begun}) pends after disposal`);
    }
    for (const engine of this.#engines) {
      if (engine.disposals !== 1) this.fault(`engine ${engine.id} was disposed ${engine.disposals} times`);
    }
    for (const program of live) this.#checkRelease(program, wasClosed);
    this.#checkEvents();
  }

  #checkRelease(program: Program, wasClosed: boolean): void {
    const engine = this.#engines.findLast(({ id }) => id === program.engineId);
    if (engine?.isLost || wasClosed || this.#asked.has(program.id)) return;
    const how = program.root.reason === "launch" ? "terminate" : "detach";
    if (this.#releases.get(program.id) !== how) this.fault(`${program.id.slice(0, 4)} is not let go by ${how}`);
  }
}

function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return String(value);
  const { reason, type, event, threadId, done, value: inner } = value as Record<string, unknown>;
  if (done !== undefined) return done ? "its end" : shown(inner);
  if (reason !== undefined && type === undefined) return `${reason} ${event ? shown(event) : threadId ?? ""}`;
  return String(type ?? (value as { name?: string }).name ?? "something");
}

/** Lets all microtasks run. */
function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
