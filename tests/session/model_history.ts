/**
 * Histories of a session: random numbers become calls, engines' steps, handlers' answers, in any order of what is asynchronous.
 * A simple model notes what each was told, and says what is wrong.
 */
import assert from "node:assert/strict";
import { AttachError, EngineError, HandlerError } from "../../lib/session/errors.ts";
import type { DebugEvent, Program, Stop } from "../../lib/session/program.ts";
import { Acts } from "./model_acts.ts";
import { type Call, flush, shown } from "./model_notes.ts";

/** One history. */
export class History extends Acts {
  /** Goes through a history. @throws {AssertionError} that says what is wrong, and how it came. */
  async run(numbers: readonly number[]): Promise<void> {
    try {
      await this.begin(numbers[0] ?? 0);
      for (const number of numbers.slice(1)) {
        this.act(number);
        await this.pass((number >>> 23) & 7);
      }
      await this.drain();
      for (const { what, text, begun, isAborted, settled } of this.calls) {
        // Once engines have stopped, without any patience; an opening may wait a little for its program.
        if (isAborted && settled === undefined && what !== "open") {
          this.fault(`${text} (${begun}) is aborted and pends`);
        }
      }
      for (let i = 0; i < 5 && this.clock.elapse(2000); i++) await this.drain();
      this.checkAtRest();
      await this.checkKept();
      await this.close();
    } catch (error) {
      this.faults.push(error instanceof Error ? error.message : String(error));
    } finally {
      this.clock[Symbol.dispose]();
    }
    assert.equal(this.faults.length, 0, `${this.faults.join("\n")}\n  ${this.log.join("\n  ")}`);
  }

  protected async begin(number: number): Promise<void> {
    for (const id of ["one", "two"]) this.ports.push(await this.session.connect(id));
    const programs = number % 4;
    for (let i = 0; i < programs; i++) {
      this.open(i === 1 ? 1 : 0, i !== 1, !(number & 16) || i === 0);
      await this.drain(true);
    }
  }

  protected async pass(ticks: number): Promise<void> {
    if (ticks < 6) { for (let i = 0; i < ticks; i++) await null; }
    else await flush();
  }

  protected act(number: number): void {
    const kind = number & 31;
    const choice = (number >>> 5) & 0xffff;
    if (kind < 10) return this.step(choice);
    if (kind < 12) return this.answerAsk(choice, false);
    if (kind === 12) return this.answerAsk(choice, true);
    if (kind < 16) return this.answerHandler(choice);
    if (kind < 18) return this.wait(choice);
    if (kind === 18) return this.next(choice);
    if (kind === 19) return this.startLoop(choice);
    if (kind < 22) return this.continueLoop(choice);
    if (kind === 22) return this.leaveLoop(choice);
    if (kind < 25) return this.open(choice & 1, kind === 24, (choice & 6) !== 6, (choice & 8) !== 0);
    if (kind === 25) return this.abort(choice);
    if (kind === 26) return this.interrupt();
    if (kind === 27) return this.letGo(choice);
    if (kind < 30) return this.setMode(choice);
    if (kind === 30) return void (this.clock.elapse() && this.note("time passes"));
    if (choice % 8 === 0) return this.lose(choice);
    if (choice % 8 === 1) this.dispose();
  }

  /** Lets everything happen that can happen by itself; programs that run, run on. */
  protected async drain(comesUp = false): Promise<void> {
    this.mode = 0;
    for (let i = 0; i < 400; i++) {
      await flush();
      const engine = this.engines.find((one) =>
        one.isRunning && (one.isBreakAsked || one.isEmpty || (comesUp && one.isAwaited))
      );
      const body = this.loops.find((loop) => !loop.isOver && this.isInBody(loop));
      if (this.pending.length > 0) this.answerAsk(0, false);
      else if (this.held.length > 0) this.answerHandler(0);
      else if (engine?.isBreakAsked) {
        this.note(`engine ${engine.id} is interrupted`);
        engine.interrupt();
      } else if (engine) {
        this.note(`engine ${engine.id} goes on`);
        engine.step(7 + 12);
      } else if (body) this.ask(body, 0);
      else return;
    }
    this.fault("it never comes to rest");
  }

  protected checkAtRest(): void {
    const isRunning = this.engines.some((engine) => engine.isRunning);
    const pending = this.calls.filter(({ settled }) => settled === undefined);
    const isOpening = pending.some(({ what }) => what === "open");
    for (const call of pending) {
      if (call.isAborted) continue;
      if (call.what === "wait" && call.begun < this.interruptedAt && !isOpening && this.session.programs.size > 0) {
        this.fault(`wait (${call.begun}) is not told of an interrupt`);
      }
      if (call.what === "open") this.checkOpening(call, isRunning);
      else if (call.what === "other" && !/disposal/.test(call.text)) {
        this.fault(`${call.text} (${call.begun}) pends for ever`);
      } else if (!isRunning) this.fault(`${call.text} (${call.begun}) pends, and nothing runs`);
    }
    if (isRunning && !isOpening && !this.engines.some(({ isLost }) => isLost)) {
      for (const key of this.untold(this.lastStart)) this.fault(`programs run on past a stop: ${shown(key)}`);
    }
    this.checkEvents();
  }

  /** What has stopped programs since, was not told, and has not ended with its program. */
  protected untold(since: number): unknown[] {
    return [...this.origins].filter(([key, seq]) =>
      seq > since && !this.told.has(key) && !this.given.has(key) && !this.programOf(key)?.end
    ).map(([key]) => key);
  }

  protected programOf(key: unknown): Program | undefined {
    if (typeof key === "object") return (key as DebugEvent).program;
    return this.programs.find(({ id }) => id === this.stopped.get(key));
  }

  /** An opening waits for its program, for its turn, or for a script that was told of a stop to go on. */
  protected checkOpening(call: Call, isRunning: boolean): void {
    if (
      this.calls.some(({ what, begun, settled }) => what === "open" && settled === undefined && begun < call.begun)
    ) return;
    const isHeld = [...this.told.values(), ...this.origins.values()].some((seq) => seq > call.begun);
    const isError = this.calls.some(({ what, settled, error }) =>
      settled && settled > call.begun && (error || what === "wait" || what === "next")
    );
    if (!isRunning && !isHeld && !isError) this.fault(`${call.text} (${call.begun}) pends, and nothing runs`);
  }

  protected checkEvents(): void {
    const lost = this.events.filter(({ type }) => type === "programDestroy").length;
    const told = this.events.length - lost;
    const reported = this.reports.filter((type) => type !== "programDestroy").length;
    const isCut = this.calls.some(({ text }) => text === "disposal"); // engines that are left behind tell nobody
    if (told !== reported && !isCut) this.fault(`${reported} events, of which handlers got ${told}`);
    const ends = this.events.filter(({ type }) => type === "programDestroy").map(({ program }) => program);
    if (new Set(ends).size < ends.length) this.fault("the end of a program is told twice");
    for (const [index, { begun, got, isOver }] of this.loops.entries()) {
      if (isOver || begun === undefined) continue;
      const all = this.events.slice(begun);
      // A program that was let go or lost while an event of it was with the handlers has had its last event.
      const wasLast = (event: DebugEvent): boolean =>
        event.program.end?.reason === "lost" &&
        all.findLast(({ type, program }) => program === event.program && type !== "programDestroy") === event;
      const missed = all.filter((event) =>
        !got.includes(event) && !this.releases.has(event.program.id) && !wasLast(event)
      );
      if (missed.length > 0) this.fault(`loop ${index} has missed ${missed.map(({ type }) => type)}`);
      for (const program of this.programs) {
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
  protected async checkKept(): Promise<void> {
    if (this.isClosed || this.calls.some(({ settled }) => settled === undefined)) return;
    const missing = new Set(this.untold(Math.max(this.lastRun, this.lastStart)));
    const error = this.errors.at(-1);
    const isHeldByLoop = this.loops.some(({ at }) => at);
    if ((missing.size === 0 && !error) || isHeldByLoop) return;
    do {
      const told = await this.lastWait();
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
  protected async lastWait(): Promise<unknown> {
    const wait = this.session.wait();
    this.track("wait", "the last wait", wait).catch(() => {});
    let told: unknown;
    wait.then((stop) => told = stop, (thrown) => told = thrown);
    await flush();
    return told;
  }

  protected async close(): Promise<void> {
    const live = [...this.session.programs.values()];
    const wasClosed = this.calls.some(({ text }) => text === "disposal");
    this.dispose();
    await this.drain();
    for (let i = 0; i < 20 && this.clock.elapse(15_000); i++) await this.drain();
    await flush();
    for (const call of this.calls) {
      if (call.settled === undefined) this.fault(`${call.text} (${call.begun}) pends after disposal`);
    }
    for (const engine of this.engines) {
      if (engine.disposals !== 1) this.fault(`engine ${engine.id} was disposed ${engine.disposals} times`);
    }
    for (const program of live) this.checkRelease(program, wasClosed);
    this.checkEvents();
  }

  protected checkRelease(program: Program, wasClosed: boolean): void {
    const engine = this.engines.findLast(({ id }) => id === program.engineId);
    if (engine?.isLost || wasClosed || this.asked.has(program.id)) return;
    const how = program.root.reason === "launch" ? "terminate" : "detach";
    if (this.releases.get(program.id) !== how) this.fault(`${program.id.slice(0, 4)} is not let go by ${how}`);
  }
}
