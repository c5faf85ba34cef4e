import type { Departure, EngineApi, EngineConnection, EngineInput, EngineStop } from "./engine_api.ts";
import type { EngineEvent } from "../session/engine.ts";
import type { ExecutionStatus } from "../session/status.ts";
import { InputPipes } from "./input_pipe.ts";
import { DbgEngine } from "./thread/engine.ts";
import { askForInterrupt, Lifeline, newSharedWords } from "./thread/lifeline.ts";
import { Turns } from "./turns.ts";
import { Watchdog } from "./watchdog.ts";

/** How long one wait blocks the script's thread, in milliseconds. */
const SLICE = 20;

/** How long calls one upon another may keep the script's other tasks away, in milliseconds. */
const BURST = 100;

/** How long a step may block the script's thread, in milliseconds. It takes a fraction of one, unless it waits in the kernel. */
const PATIENCE = 2_000;

/** How often an engine that is to leave is interrupted before the script ends without it: about three seconds. */
const LEAVE_TRIES = 150;

/** The engine on the script's own thread: no hop for any call; waits block that thread a slice at a time. */
export class InlineConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  readonly #shared = newSharedWords();
  readonly #lifeline = new Lifeline(this.#shared);
  readonly #watchdog = new Watchdog(this.#shared);
  readonly #engine = new DbgEngine(this.#shared, (event) => this.onNotice(event), PATIENCE);
  readonly #inputs = new InputPipes();
  readonly #turns = new Turns(BURST);
  #isAsked = false;
  #running = false;
  /** When the script's other tasks had their last turn. */
  #lastTurn = performance.now();
  /** Their turn, while programs run. */
  #turn: number | undefined;
  #isNeeded = true;

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    if (name === "connectServer") this.#watchdog.start();
    try {
      if (name === "run") return await this.#run(values[0] as ExecutionStatus) as ReturnType<EngineApi[K]>;
      const method = this.#engine[name] as (...values: unknown[]) => unknown;
      return this.#timed(() => method.apply(this.#engine, values)) as ReturnType<EngineApi[K]>;
    } catch (error) {
      throw this.#within(() => this.#engine.failure(error));
    } finally {
      await this.#turns.give();
    }
  }

  #timed<T>(action: () => T): T {
    const begin = performance.now();
    try {
      return this.#within(action);
    } finally {
      this.#turns.slept(performance.now() - begin);
    }
  }

  #within<T>(action: () => T): T {
    this.#lifeline.enter();
    try {
      return action();
    } finally {
      this.#lifeline.leave();
    }
  }

  openInput(): EngineInput {
    return this.#inputs.open();
  }

  interrupt(): void {
    if (!this.#isAsked) askForInterrupt(this.#shared);
    this.#isAsked = true;
  }

  leaveNow(departures: readonly Departure[]): void {
    try {
      for (let tries = 0; this.#running && tries < LEAVE_TRIES; tries++) {
        this.interrupt();
        if (this.#engine.run("noChange", SLICE).kind !== "expired") break;
      }
    } finally {
      this.#engine.leave(departures);
    }
  }

  /** Only a run keeps the script: all else is over when the call has returned. */
  ref(isNeeded: boolean): void {
    this.#isNeeded = isNeeded;
    if (this.#turn === undefined) return;
    if (isNeeded) Deno.refTimer(this.#turn);
    else Deno.unrefTimer(this.#turn);
  }

  dispose(): void {
    this.#watchdog.stop();
    this.#inputs.close();
    this.#engine.close();
  }

  async #run(status: ExecutionStatus): Promise<EngineStop> {
    this.#running = true;
    try {
      for (;;) {
        // Not only when a slice is over: events that come one upon another would keep timers, signals and messages away.
        if (performance.now() - this.#lastTurn >= SLICE) await this.#giveTurn();
        const stop = this.#within(() => this.#engine.run(status, SLICE));
        if (stop.kind !== "expired") return stop;
      }
    } finally {
      this.#running = false;
      this.#isAsked = false;
    }
  }

  async #giveTurn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = setTimeout(resolve, 0) as unknown as number;
    this.ref(this.#isNeeded);
    await promise;
    this.#turn = undefined;
    this.#lastTurn = performance.now();
  }
}
