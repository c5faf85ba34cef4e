import type { EngineEvent, WantedEvent } from "../../session/engine.ts";
import { DEBUG_STATUS_BREAK, DEBUG_STATUS_GO } from "../generated/constants.ts";
import type { BreakIns } from "./break_ins.ts";
import type { HeldStop } from "./children.ts";
import type { Visit } from "./hits.ts";

/**
 * How the engine's events are answered: what somebody is to be told of is held, by BREAK, until it is given out; what nobody listens
 * to is decided at once.
 */
export class Answers {
  readonly #breakIns: BreakIns;
  readonly #stops: HeldStop[] = [];
  #decision: number | undefined;
  /** How the event at which the engine is stopped is answered, where something else was told of that stop: an interrupt, an earlier hit. */
  owed: number | undefined;
  /** Which events hold the programs. */
  subscribed: ReadonlySet<WantedEvent> = new Set();
  /** The thread that is carried over an instruction: every event ends the wait then, for it may be the one to be answered first. */
  carried: Visit | undefined;
  /**
   * When the run is to be over, by `performance.now()`. The next event stops it then: each one starts the clock of the
   * engine's wait again, and a busy program would keep it for ever.
   */
  end = Infinity;

  constructor(breakIns: BreakIns) {
    this.#breakIns = breakIns;
  }

  /** The oldest stop that was not given out. */
  next(): HeldStop | undefined {
    return this.#stops.shift();
  }

  /** How many stops were not given out. */
  get waiting(): number {
    return this.#stops.length;
  }

  /**
   * What a callback answered for the event of this wait without holding it. The engine's filters may stop it all the same (an
   * access violation, a break instruction): the wait is to go on with this answer then.
   */
  takeDecision(): number | undefined {
    const decision = this.#decision;
    this.#decision = undefined;
    return decision;
  }

  /**
   * While a thread is carried: whether it can be carried on after what came, or that is to be told or answered first. Hits of
   * other threads can wait: those threads are frozen.
   */
  mayCarryOn(): boolean {
    const isHit = (stop: HeldStop): boolean => stop.kind === "event" && stop.event.type === "breakpoint";
    if (
      !this.#stops.every(isHit) || (this.#decision ?? DEBUG_STATUS_GO) !== DEBUG_STATUS_GO
    ) return false;
    this.#decision = undefined;
    return true;
  }

  /** Holds the programs until the stop is given out. */
  hold(stop: HeldStop): number {
    this.#stops.push(stop);
    return DEBUG_STATUS_BREAK;
  }

  /** Holds an event that somebody listens to; otherwise gives what the engine is to do. */
  report(event: EngineEvent, otherwise: number): number {
    if (this.subscribed.has(event.type)) return this.hold({ kind: "event", event });
    return this.pass(otherwise);
  }

  /** Answers an event that nobody holds; stops all the same when the run is to be over: see {@linkcode end}. */
  pass(status: number): number {
    return this.#mayPass ? status : this.decide(status);
  }

  /** The same for an event that the engine's filters may stop whatever is answered. */
  decide(status: number): number {
    return this.#mayPass ? this.#decision = status : this.stopWith(status);
  }

  /** Stops, and has the wait go on with an answer. */
  stopWith(status: number): number {
    this.#decision = status;
    return DEBUG_STATUS_BREAK;
  }

  get #mayPass(): boolean {
    const { isSettling, isAsked } = this.#breakIns;
    return !this.carried && !isSettling && !isAsked && performance.now() < this.end;
  }
}
