/** What can happen in a history: steps of engines, answers of handlers, calls of scripts. */
import { EngineError, StateError } from "../../lib/session/errors.ts";
import type { DebugEvent } from "../../lib/session/program.ts";
import type { ExecutionStatus } from "../../lib/session/status.ts";
import { DEADLINE, GIVEN_UP, type Loop, Notes } from "./model_notes.ts";

const NAMES = ["programCreate", "loadComplete", "loadModule", "breakpoint", "programDestroy", "output"] as const;
const THROWN = "thrown by a handler";

/** Whoever takes part in a history; a number chooses among what is possible. */
export class Acts extends Notes {
  constructor() {
    super();
    for (const name of NAMES) this.session.on(name, (event) => this.onEvent(event as DebugEvent));
  }

  protected step(choice: number): void {
    const running = this.engines.filter((engine) => engine.isRunning);
    const engine = running[choice & 1] ?? running[0];
    if (!engine) return;
    this.note(`engine ${engine.id} steps ${choice >>> 1}`);
    engine.step(choice >>> 1);
  }

  protected answerAsk(choice: number, fails: boolean): void {
    const [ask] = this.pending.splice(choice % Math.max(1, this.pending.length), 1);
    if (!ask) return;
    this.note(`${ask.what} is ${fails ? "refused" : "done"}`);
    if (ask.what === "attach") this.lastStart = this.seq; // programs go on for it, whatever they were stopped at
    if (fails) ask.fail(new EngineError("failed", `refused ${ask.what}`));
    else ask.go();
  }

  protected lose(choice: number): void {
    const engine = this.engines[(choice >>> 3) % Math.max(1, this.engines.length)];
    if (!engine || engine.isLost) return;
    this.note(`engine ${engine.id} dies`);
    engine.lose();
  }

  protected onEvent(event: DebugEvent): Promise<ExecutionStatus | undefined> | ExecutionStatus | undefined {
    this.events.push(event);
    const { program, type } = event;
    this.note(`handler gets ${type} of ${program.id.slice(0, 4)}`);
    if (type === "programCreate") this.programs.push(program);
    if (type === "breakpoint") this.mayStop(event);
    switch (this.mode) {
      case 1:
        if (type !== "output" && type !== "programDestroy") this.mayStop(event);
        return "break";
      case 2: {
        const error = new Error(`${THROWN} ${this.seq}`);
        this.errors.push(error);
        throw error;
      }
      case 3:
        return new Promise((resolve, reject) => {
          this.held.push({ event, what: type, begun: this.clock.now, answer: resolve, fail: reject });
        });
      case 4:
        return this.askInside(event);
      default:
        return undefined;
    }
  }

  /** A handler that lets its program go, and may not wait. */
  protected async askInside({ program }: DebugEvent): Promise<undefined> {
    await this.session.wait().then(
      () => this.fault("a wait inside a handler is not refused"),
      (error) => {
        const kinds = ["in-handler", "closed"];
        if (!(error instanceof StateError && kinds.includes(error.kind))) {
          this.fault(`a wait inside a handler: ${error}`);
        }
      },
    );
    this.asked.add(program.id);
    await program.detach().catch((error) => this.expect(error));
    return undefined;
  }

  protected answerHandler(choice: number): void {
    const [held] = this.held.splice(choice % Math.max(1, this.held.length), 1);
    if (!held) return;
    if (this.clock.now - held.begun >= DEADLINE) return; // it was cut off
    const answer = (choice >>> 4) % 4;
    this.note(`handler of ${held.what} answers ${answer}`);
    const holds = held.event.type !== "output" && held.event.type !== "programDestroy";
    if (answer === 1) {
      if (holds && !held.event.program.end) this.mayStop(held.event);
      held.answer("break");
    } else if (answer === 2) {
      const error = new Error(`${THROWN} ${this.seq}`);
      this.errors.push(error);
      held.fail(error);
    } else held.answer(answer === 3 ? "go" : undefined);
    if (answer === 3) this.origins.delete(held.event);
  }

  protected setMode(choice: number): void {
    this.mode = choice % 8 < 4 ? 0 : choice % 8 - 3;
    this.note(`handlers from now on: ${this.mode}`);
  }

  protected controller(choice: number): AbortController | undefined {
    return choice & 1 ? new AbortController() : undefined;
  }

  protected wait(choice: number): void {
    const controller = this.controller(choice);
    const begun = this.seq;
    const wait = this.session.wait(controller && { signal: controller.signal });
    this.track("wait", "wait", wait, controller).then((stop) => this.onStopTold(stop, begun), () => {});
  }

  protected next(choice: number): void {
    const controller = this.controller(choice);
    const name = NAMES[(choice >>> 1) % NAMES.length] ?? "output";
    const options = controller ? { signal: controller.signal } : {};
    const program = choice & 64 ? [...this.session.programs.values()][(choice >>> 7) % 4] : undefined;
    const next = program ? program.next(name, options) : this.session.next(name, options);
    this.track("next", `next ${name}`, next, controller).then((event) => {
      if (event.type !== name || (program && event.program !== program)) this.fault("next() gives another event");
      this.given.add(event);
    }, () => {});
  }

  protected startLoop(choice: number): void {
    if (this.loops.filter(({ isOver }) => !isOver).length >= 2) return;
    const controller = new AbortController();
    let generator: Loop["generator"];
    try {
      generator = this.session.events({ signal: controller.signal });
    } catch (error) {
      return this.expect(error);
    }
    const loop: Loop = { generator, controller, begun: undefined, got: [], at: undefined, isOver: false };
    this.loops.push(loop);
    this.ask(loop, choice);
  }

  protected ask(loop: Loop, _choice: number): void {
    loop.at = undefined;
    const next = loop.generator.next();
    loop.begun ??= this.events.length;
    this.track("loop", `loop ${this.loops.indexOf(loop)}`, next, loop.controller).then(({ done, value }) => {
      loop.isOver = done ?? false;
      if (!value) return;
      if (loop.got.includes(value)) this.fault("a loop gets an event twice");
      loop.got.push(value);
      this.given.add(value);
      loop.at = value.type === "programDestroy" ? undefined : value;
      const mustHold = value.type !== "output" && value.type !== "programDestroy";
      const engine = this.engines.findLast(({ id }) => id === value.program.engineId);
      if (mustHold && engine?.isRunning && !engine.isLost && !value.program.end) {
        this.fault("a program runs while it is held for a loop");
      }
    }, () => loop.isOver = true);
  }

  protected continueLoop(choice: number): void {
    const waiting = this.loops.filter((loop) => !loop.isOver && this.isInBody(loop));
    const loop = waiting[choice % Math.max(1, waiting.length)];
    if (loop) this.ask(loop, choice);
  }

  protected isInBody(loop: Loop): boolean {
    const text = `loop ${this.loops.indexOf(loop)}`;
    return !this.calls.some((call) => call.text === text && call.settled === undefined);
  }

  protected leaveLoop(choice: number): void {
    const bodies = this.loops.filter((loop) => !loop.isOver && this.isInBody(loop));
    const loop = bodies[choice % Math.max(1, bodies.length)];
    if (!loop) return;
    loop.isOver = true;
    loop.at = undefined;
    this.track("other", "leaving the loop", loop.generator.return());
  }

  protected open(which: number, isLaunch: boolean, stops: boolean, hasSignal = false): void {
    const controller = hasSignal ? new AbortController() : undefined;
    const port = this.ports[which];
    if (!port) return;
    const options = { port, initialBreak: stops, ...(controller && { signal: controller.signal }) };
    const pid = 10 + this.seq;
    const open = isLaunch ? this.session.launch("app.exe", options) : this.session.attach(pid, options);
    const text = `${isLaunch ? "launch" : "attach"} ${stops ? "" : "running "}on ${port.name}`;
    this.track("open", text, open, controller).then((program) => {
      if (!stops) this.isFree = true;
      if (program.end && program.end.reason !== "lost" && !this.asked.has(program.id) && !this.isClosed) {
        this.note("its program has ended since");
      }
    }, () => {});
  }

  protected abort(choice: number): void {
    const calls = this.calls.filter(({ controller, settled, isAborted }) =>
      controller && settled === undefined && !isAborted
    );
    const call = calls[choice % Math.max(1, calls.length)];
    if (!call) return;
    this.note(`${call.text} (${call.begun}) is aborted`);
    for (const each of this.calls) if (each.controller === call.controller) each.isAborted = true;
    call.controller?.abort(GIVEN_UP);
  }

  protected interrupt(): void {
    this.note("interrupt");
    try {
      this.session.interrupt();
      this.interrupts++;
      this.interruptedAt = this.seq;
    } catch (error) {
      this.expect(error);
    }
  }

  protected letGo(choice: number): void {
    const programs = [...this.session.programs.values()];
    const program = programs[(choice >>> 1) % Math.max(1, programs.length)];
    if (!program) return;
    this.asked.add(program.id);
    const how = choice & 1 ? "detach" : "terminate";
    this.track("other", `${how} ${program.id.slice(0, 4)}`, program[how]());
  }

  protected dispose(): void {
    if (this.isClosed) return;
    this.track("other", "disposal", this.session[Symbol.asyncDispose]()).then(() => this.isClosed = true, () => {
      this.isClosed = true;
    });
  }
}
