/** A step of one thread, from when it is asked for until its end, whatever comes between. */
import type { EngineStop } from "../engine_api.ts";
import type { EngineEvent, EventPlace } from "../../session/engine.ts";
import { EngineError } from "../../session/errors.ts";
import type { StepKind } from "../../session/status.ts";
import {
  DEBUG_CURRENT_DISASM,
  DEBUG_CURRENT_SYMBOL,
  DEBUG_LEVEL_ASSEMBLY,
  DEBUG_OUTCTL_OVERRIDE_MASK,
  DEBUG_OUTCTL_THIS_CLIENT,
} from "../generated/constants.ts";
import { breakAtContexts, breakAtStepEnd, hasBreakpointAt, removeBreakpoint } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import type { Visit } from "./hits.ts";
import { returnAddress } from "./stack.ts";
import { instructionAt } from "./instructions.ts";
import { evaluate } from "./lookups.ts";
import type { EngineObjects } from "./objects.ts";
import { BEGINNINGS, type StepOver } from "./step_over.ts";
import { setTrap, trapIn, unlessEnding } from "./trap_flag.ts";

/** Steps of one kind, one after another. */
export interface Steps {
  readonly step: StepKind;
  readonly count: number;
}

/** The debugger commands that are these steps. */
const COMMANDS: Readonly<Record<string, StepKind>> = { t: "into", p: "over", gu: "out" };

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

/** The steps of one thread that are under way. */
interface Stepping {
  readonly place: EventPlace;
  /** The steps that are to be made, this one included. */
  readonly steps: Steps;
  /** Whether it is one round of an instruction, and no more. */
  readonly isRound: boolean;
  /** Where the thread was that is to execute one instruction. */
  from: Visit | undefined;
  /** The breakpoint at which the thread is to arrive, with its stack. */
  readonly target: { readonly id: number; readonly isThere: (stack: bigint) => boolean } | undefined;
  /** The stack at which the instruction has raised an exception that was not handled here: the thread traps when its program goes on behind that. */
  raised: bigint | undefined;
  /** Breakpoints that it passes on the way there, and the registers that point to its CONTEXT then. */
  readonly contexts: Map<number, string>;
  hasArrived: boolean;
}

/**
 * The steps that are under way, of each thread one. Neither events that are answered, nor the end of a wait, nor a stop in between end them: the
 * program goes on with them, and their ends are told as breaks. The engine by itself forgets a step as soon as anything comes between.
 */
export class Motion {
  readonly #objects: EngineObjects;
  readonly #events: EventReceiver;
  readonly #over: StepOver;
  /** By thread id. */
  readonly #steppings = new Map<number, Stepping>();

  constructor(objects: EngineObjects, events: EventReceiver, over: StepOver) {
    this.#objects = objects;
    this.#events = events;
    this.#over = over;
    events.steps.ends = {
      arrives: (id, hit) => this.#arrives(id, hit),
      traps: (place) => this.#traps(place),
      forget: (processId) => this.#drop(processId),
    };
  }

  /** Begins steps of the engine's current thread, in place of those of it that are under way. */
  begin(steps: Steps): void {
    const place = this.#events.place();
    this.#forget(place.threadId);
    const from = this.#events.hits.here(place);
    const { isCall, leads, repeats } = instructionAt(this.#objects, from.instruction);
    const behind = (): bigint => this.#objects.control.GetNearInstruction(from.instruction, 1);
    const target = steps.step === "out"
      ? this.#target(callerOf(this.#objects), (stack) => stack > from.stack)
      : steps.step === "over" && isCall
      ? this.#target(behind(), (stack) => stack >= from.stack)
      : !leads && this.#isBeginning(place)
      ? this.#target(behind(), () => true)
      : undefined;
    const isRound = steps.step === "into" && repeats;
    this.#steppings.set(place.threadId, {
      ...{ place, steps, target, isRound, raised: undefined, contexts: new Map(), hasArrived: false },
      from: target ? undefined : from,
    });
  }

  /**
   * The engine's current thread, whose steps have just begun, has stopped at a break instruction. To pass it is a step of its own, as the engine
   * has it, in which nothing is executed; whether it was one.
   */
  passBreak(): boolean {
    const place = this.#events.place();
    const stepping = this.#steppings.get(place.threadId);
    if (!stepping?.from || !this.#events.hits.passBreak(place)) return false;
    stepping.from = undefined;
    this.#events.answers.hold({ kind: "break", ...place });
    return true;
  }

  /** At a break: whether it is the end of a step that another one follows, which is begun. */
  goesOn(place: EventPlace): boolean {
    const stepping = this.#steppings.get(place.threadId);
    if (!stepping || stepping.steps.count <= 1 || !isOver(stepping) || !this.#objects.tryFocus(place)) return false;
    const { step, count } = stepping.steps;
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

  /** Gives all steps up. */
  forget(): void {
    for (const threadId of [...this.#steppings.keys()]) this.#forget(threadId);
  }

  /** A process has gone, and its breakpoints with it. */
  #drop(processId: number): void {
    for (const [threadId, { place }] of [...this.#steppings]) {
      if (place.processId === processId) this.#steppings.delete(threadId);
    }
  }

  #forget(threadId: number): void {
    const stepping = this.#steppings.get(threadId);
    if (!stepping) return;
    const { target, place, raised, contexts } = stepping;
    this.#steppings.delete(threadId);
    if (raised !== undefined) this.#events.steps.mayFollow(place);
    if (!this.#objects.tryFocus({ processId: place.processId })) return;
    for (const id of target ? [target.id] : contexts.keys()) removeBreakpoint(this.#objects, id);
  }

  /** The threads that are to make one round of an instruction, and no more. */
  get rounds(): ReadonlySet<number> {
    const rounds = [...this.#steppings.values()].filter(({ isRound, from }) => isRound && from);
    return new Set(rounds.map(({ place }) => place.threadId));
  }

  /**
   * To be called while the programs are stopped, before they go on: executes the instructions that are to be. Gives the end of a
   * step, "cut" when something else came up that is to be told or answered first, undefined where there is nothing to do.
   * @param most How long an instruction may take, in milliseconds.
   */
  advance(most: number): EngineStop | "cut" | undefined {
    const end = this.finished();
    if (end) return end;
    const waiting = [...this.#steppings.values()].filter((stepping) => this.#isWaiting(stepping));
    const stepping = waiting.find(({ from }) => from && !this.#over.isSuspended(from));
    const from = stepping?.from;
    if (!from) { for (const { from } of waiting) this.#letTrap(from); } // their own program has suspended these: they execute nothing now
    if (!from || !this.#objects.tryFocus(from)) return undefined;
    const isAlone = waiting.length > 1 || undefined; // the others are not to run
    if (!this.#over.step(from, most, isAlone, stepping.isRound)) return "cut";
    return this.#end(stepping);
  }

  /**
   * The end of a step whose thread has executed its instruction, as somebody is yet to be told.
   * @param isAtException Whether the engine has stopped at an exception: a step of its thread goes on when that is answered.
   */
  finished(isAtException = false): EngineStop | undefined {
    if (this.#steppings.size === 0) return undefined;
    if (isAtException) this.#objects.focusEvent();
    const but = isAtException ? this.#events.place().threadId : undefined;
    const stepping = this.#steppings.values().find(({ from }) =>
      from && from.threadId !== but && this.#objects.tryFocus(from) && !this.#events.hits.stands(from)
    );
    return stepping && this.#end(stepping);
  }

  #end(stepping: Stepping): EngineStop {
    stepping.from = undefined;
    return { kind: "break", ...stepping.place };
  }

  /** Has a thread trap behind its instruction when it goes on with others; one at a hit comes there again, and is carried. */
  #letTrap(from: Visit | undefined): void {
    if (!from || !this.#stands(from)) return;
    if (this.#events.hits.of(from.threadId) && hasBreakpointAt(this.#objects, from.instruction)) return;
    this.#events.steps.mayFollow(from);
    this.#events.machines.beforeRun(from, true);
    unlessEnding(() => setTrap(this.#objects, true));
  }

  /** Whether a thread is to execute an instruction, and has not ended. */
  #isWaiting({ from, place }: Stepping): boolean {
    if (this.#objects.tryFocus(place)) return from !== undefined;
    this.#forget(place.threadId);
    return false;
  }

  /**
   * Whether a thread has just begun: Windows has it prepare itself first, where it would trap, and once more when it gets to its own code. One
   * of a 32-bit program does not come back to this 64-bit code.
   */
  #isBeginning({ processId }: EventPlace): boolean {
    return BEGINNINGS.includes(this.#objects.lastEventType()) && this.#objects.isAtOwnEvent() &&
      this.#events.machines.of(processId) !== "x86";
  }

  #stands(from: Visit): boolean {
    return this.#objects.tryFocus(from) && this.#events.hits.stands(from);
  }

  /**
   * To be called before an exception is answered, with which all threads go on: those that are to execute an instruction trap behind it. A step
   * whose instruction has raised the exception goes on with what the program executes next, as the
   * processor has it: the thread's trap flag is set in the CONTEXT that its handlers get. Where one is a block of the program's, another CONTEXT is made.
   */
  raised(isHandled: boolean): void {
    if (this.#steppings.size === 0) return;
    this.#objects.focusEvent();
    const place = this.#events.place();
    for (const { from } of this.#steppings.values()) if (from?.threadId !== place.threadId) this.#letTrap(from);
    this.#objects.focusEvent();
    const stepping = this.#steppings.get(place.threadId);
    if (!stepping?.from) return;
    unlessEnding(() => setTrap(this.#objects, true));
    if (isHandled) return this.#events.steps.mayFollow(place); // it comes back to the instruction, or is behind it at once
    stepping.raised = stepping.from.stack;
    stepping.from = undefined;
    for (const [id, register] of breakAtContexts(this.#objects)) stepping.contexts.set(id, register);
  }

  /** To be called at a stop that is told: a step whose thread has got where it was to get is over with that. */
  stopped(place: EngineEvent | EventPlace): void {
    const stepping = this.#steppings.get(place.threadId);
    if (!stepping) return;
    const isException = "type" in place && place.type === "exception"; // it is answered first
    const hasLeft = !isException && stepping.from && !this.#stands(stepping.from);
    if (hasLeft || isOver(stepping)) this.#forget(place.threadId);
  }

  #target(address: bigint, isThere: (stack: bigint) => boolean): Stepping["target"] {
    return { id: breakAtStepEnd(this.#objects, address), isThere };
  }

  /** Inside the callback of a breakpoint: whether it is a step's end, which was not told yet. */
  #arrives(id: number, { threadId, stack }: Visit): boolean {
    const stepping = this.#steppings.get(threadId);
    const register = stepping?.contexts.get(id);
    if (register && stepping?.raised !== undefined) trapIn(this.#objects, register, stepping.raised);
    if (!stepping || stepping.hasArrived || stepping.target?.id !== id) return false;
    return stepping.hasArrived = stepping.target.isThere(stack);
  }

  /** Inside the callback of a single step: whether it is a step's end, which was not told yet. */
  #traps({ threadId }: EventPlace): boolean {
    const stepping = this.#steppings.get(threadId);
    if (!stepping || stepping.target || isOver(stepping)) return false;
    const { from, isRound } = stepping;
    const isCarried = this.#events.answers.carried?.threadId === threadId; // the wait tells
    if (from && (isCarried || (!isRound && this.#events.hits.stands(from)))) return false;
    stepping.from = undefined;
    stepping.raised = undefined;
    return stepping.hasArrived = true;
  }
}

/** @throws {EngineError} where nobody has called the function, as far as its stack tells. */
function callerOf(objects: EngineObjects): bigint {
  const address = returnAddress(objects);
  if (address !== 0n) return address;
  throw new EngineError("failed", "Cannot step out: the function has no caller; step by p or t, or go on");
}

/** Whether the end of a step was found, though not told yet. */
function isOver({ from, target, raised, hasArrived }: Stepping): boolean {
  return hasArrived || !(from || target || raised !== undefined);
}
