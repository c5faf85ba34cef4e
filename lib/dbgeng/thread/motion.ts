/** A step of one thread, from when it is asked for until its end, whatever comes between. */
import type { EngineStop } from "../engine_api.ts";
import type { EventPlace } from "../../session/engine.ts";
import {
  DEBUG_CURRENT_DISASM,
  DEBUG_CURRENT_SYMBOL,
  DEBUG_LEVEL_ASSEMBLY,
  DEBUG_OUTCTL_OVERRIDE_MASK,
  DEBUG_OUTCTL_THIS_CLIENT,
} from "../generated/constants.ts";
import { breakAtStepEnd, removeBreakpoint } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import type { Visit } from "./hits.ts";
import { returnAddress } from "./stack.ts";
import { instructionAt } from "./instructions.ts";
import { evaluate } from "./lookups.ts";
import type { EngineObjects } from "./objects.ts";
import type { StepOver } from "./step_over.ts";

/**
 * One instruction, or one round of one that the processor repeats; one instruction with all its rounds and the call that it makes; to the
 * caller of the function.
 */
export type Step = "into" | "over" | "out";

/** Steps of one kind, one after another. */
export interface Steps {
  readonly step: Step;
  readonly count: number;
}

/** The debugger commands that are these steps. */
const COMMANDS: Readonly<Record<string, Step>> = { t: "into", p: "over", gu: "out" };

/** Such a command: `p`, `t 5`, `pr` (the registers it is to show are those of a prompt, which there is none of), `gu`. */
const STEPS = /^(?:([pt])r?(?:\s+(0[xn][\da-f]+|[\da-f]+))?|(gu))$/i;

/** The steps that a command asks for, if it is that and nothing else. */
export function stepsOfCommand(objects: EngineObjects, command: string): Steps | undefined {
  const [, name, count, out] = STEPS.exec(command.trim()) ?? [];
  const step = COMMANDS[(name ?? out ?? "").toLowerCase()];
  // By source lines the engine steps by itself.
  if (!step || objects.control.GetCodeLevel() !== DEBUG_LEVEL_ASSEMBLY) return undefined;
  const steps = { step, count: count === undefined ? 1 : Number(evaluate(objects, count)) };
  return steps.count > 0 ? steps : undefined;
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
  /** The steps that are to be made, this one included. */
  #steps: Steps | undefined;

  constructor(objects: EngineObjects, events: EventReceiver, over: StepOver) {
    this.#objects = objects;
    this.#events = events;
    this.#over = over;
  }

  /** Begins steps of the engine's current thread, in place of what is under way. */
  begin(steps: Steps): void {
    this.forget();
    this.#steps = steps;
    const { step } = steps;
    const place = this.#events.place();
    const from = this.#events.hits.here(place);
    if (step === "out") return this.#goTo(returnAddress(this.#objects), from, (stack) => stack > from.stack);
    const { isCall, repeats } = instructionAt(this.#objects, from.instruction);
    this.#isRound = step === "into" && repeats;
    if (step === "into" || !isCall) this.#from = from;
    else {this.#goTo(this.#objects.control.GetNearInstruction(from.instruction, 1), from, (stack) =>
        stack >= from.stack);}
  }

  /** At a break: whether it is the end of a step that another one follows, which is begun. */
  goesOn(place: EventPlace): boolean {
    const { step, count } = this.#steps ?? { count: 0 };
    const isEnd = this.#hasArrived || !(this.#from || this.#target);
    if (!step || count <= 1 || !isEnd || !this.#objects.tryFocus(place)) return false;
    this.#show();
    this.begin({ step, count: count - 1 });
    return true;
  }

  /** Says where the thread is, as the engine does between steps. */
  #show(): void {
    if (!this.#events.answers.subscribed.has("engineOutput")) return;
    const control = DEBUG_OUTCTL_THIS_CLIENT | DEBUG_OUTCTL_OVERRIDE_MASK; // whatever kind of text that is
    this.#objects.control.OutputCurrentState(control, DEBUG_CURRENT_SYMBOL | DEBUG_CURRENT_DISASM);
  }

  /** Gives the steps up. */
  forget(): void {
    const target = this.#target;
    this.#steps = undefined;
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
    const from = this.#from;
    const hasLeft = from?.threadId === threadId && this.#objects.tryFocus({ processId, threadId }) &&
      !this.#events.hits.stands(from);
    if (this.#hasArrived || hasLeft || !(from || this.#target)) this.forget();
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
