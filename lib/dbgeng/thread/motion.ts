/** A step of one thread, from when it is asked for until its end, whatever comes between. */
import type { EngineStop } from "../engine_api.ts";
import type { EventPlace } from "../../session/engine.ts";
import { DEBUG_LEVEL_ASSEMBLY } from "../generated/constants.ts";
import { breakAtStepEnd, removeBreakpoint } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import type { Visit } from "./hits.ts";
import { returnAddress } from "./stack.ts";
import { instructionAt } from "./instructions.ts";
import type { EngineObjects } from "./objects.ts";
import type { StepOver } from "./step_over.ts";

/**
 * One instruction, or one round of one that the processor repeats; one instruction with all its rounds and the call that it makes; to the
 * caller of the function.
 */
export type Step = "into" | "over" | "out";

/** The debugger commands that are these steps. */
const COMMANDS: Readonly<Record<string, Step>> = { t: "into", p: "over", gu: "out" };

/** The step that a command asks for, if it is one and nothing else. */
export function stepOfCommand({ control }: EngineObjects, command: string): Step | undefined {
  const step = COMMANDS[command.trim()];
  // By source lines the engine steps by itself.
  return step && control.GetCodeLevel() === DEBUG_LEVEL_ASSEMBLY ? step : undefined;
}

/**
 * The step that is under way. Neither events that are answered, nor the end of a wait, nor a stop in between end it: the program
 * goes on with it, and its end is told as a break. The engine by itself forgets a step as soon as anything comes between.
 */
export class Motion {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #over: StepOver;
  /** Where the thread was that is to execute one instruction. */
  #from: Visit | undefined;
  /** The breakpoint at which the thread is to arrive. */
  #target: { readonly id: number; readonly place: EventPlace } | undefined;
  #hasArrived = false;
  #isRound = false;

  constructor(objects: EngineObjects, events: EventReceiver, over: StepOver) {
    this.#objects = objects;
    this.#events = events;
    this.#over = over;
  }

  /** Begins a step of the engine's current thread, in place of one that is under way. */
  begin(step: Step): void {
    this.forget();
    const place = this.#events.place();
    const from = this.#events.hits.here(place);
    if (step === "out") return this.#goTo(returnAddress(this.#objects), from, (stack) => stack > from.stack);
    const { isCall, repeats } = instructionAt(this.#objects, from.instruction);
    this.#isRound = step === "into" && repeats;
    if (step === "into" || !isCall) this.#from = from;
    else {this.#goTo(this.#objects.control.GetNearInstruction(from.instruction, 1), from, (stack) =>
        stack >= from.stack);}
  }

  /** Gives the step up. */
  forget(): void {
    const target = this.#target;
    this.#from = undefined;
    this.#target = undefined;
    this.#hasArrived = false;
    this.#events.stepEnd = undefined;
    if (target && this.#objects.tryFocus(target.place)) removeBreakpoint(this.#objects, target.id);
  }

  /** The thread that is to make one round of an instruction, and no more. */
  get round(): number | undefined {
    return this.#isRound ? this.#from?.threadId : undefined;
  }

  /**
   * To be called while the programs are stopped, before they go on: executes the instruction, if one is to be. Gives the end of the
   * step, "cut" when something else came up that is to be told or answered first, undefined where there is nothing to do.
   * @param most How long the instruction may take, in milliseconds.
   */
  advance(most: number): EngineStop | "cut" | undefined {
    const from = this.#from;
    if (!from) return undefined;
    if (!this.#objects.tryFocus(from)) return void (this.#from = undefined); // its thread has ended
    if (this.#events.hits.stands(from) && !this.#over.step(from, most, undefined, this.#isRound)) return "cut";
    this.#from = undefined;
    return { kind: "break", processId: from.processId, threadId: from.threadId };
  }

  /** To be called at a stop that is told: a step whose thread has got where it was to get is over with that. */
  stopped({ processId, threadId }: EventPlace): void {
    if (this.#hasArrived) this.forget();
    const from = this.#from;
    const isOver = from?.threadId === threadId && this.#objects.tryFocus({ processId, threadId }) &&
      !this.#events.hits.stands(from);
    if (isOver) this.#from = undefined;
  }

  #goTo(address: bigint, { processId, threadId }: EventPlace, isThere: (stack: bigint) => boolean): void {
    const id = breakAtStepEnd(this.#objects, address);
    this.#target = { id, place: { processId, threadId } };
    this.#events.stepEnd = (hit, visit) => {
      this.#hasArrived ||= hit === id && visit.threadId === threadId && isThere(visit.stack);
      return this.#hasArrived;
    };
  }
}
