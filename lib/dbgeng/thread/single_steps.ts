/** Single steps as exceptions: of the debugger's steps, of the processor's breakpoints, and of the program's own trap flag. */
import { HresultError } from "../../com/hresult.ts";
import type { EventPlace } from "../../session/engine.ts";
import { hasDataBreakpoint } from "./breakpoints.ts";
import type { Hits, Visit } from "./hits.ts";
import { readRegister } from "./inspect.ts";
import type { EngineObjects } from "./objects.ts";
import { isTrapSet, setTrap, unlessEnding } from "./trap_flag.ts";

/** The bits of dr6 that say which of the processor's breakpoints was hit, and that it was the trap flag. */
const HITS = 0xfn;
const TRAPPED = 0x4000n;

/** What steps are asked inside callbacks. */
export interface StepEnds {
  /** Whether a hit of a step's breakpoint is where that step was to get. */
  arrives(id: number, hit: Visit): boolean;
  /** Whether a single step is where one was to get. */
  traps(place: EventPlace): boolean;
  /** A process is not debugged any more. */
  forget(processId: number): void;
}

/** Knows which threads were told to execute one instruction, and have yet to trap for it. */
export class SingleSteps {
  readonly #objects: EngineObjects;
  readonly #hits: Hits;
  /** By thread id, with its process. */
  readonly #trapping = new Map<number, number>();
  /** Where steps end. */
  ends: StepEnds | undefined;

  constructor(objects: EngineObjects, hits: Hits) {
    this.#objects = objects;
    this.#hits = hits;
  }

  /** A process is not debugged any more. */
  forget(processId: number): void {
    for (const [threadId, of] of [...this.#trapping]) if (of === processId) this.#trapping.delete(threadId);
    this.ends?.forget(processId);
  }

  /** A thread is told to execute an instruction. */
  mayFollow({ processId, threadId }: EventPlace): void {
    this.#trapping.set(threadId, processId);
  }

  /** A thread has trapped, has hit a breakpoint instead, or has ended; whether it was yet to trap. */
  over(threadId: number): boolean {
    return this.#trapping.delete(threadId);
  }

  /** Whether a thread that was told to has yet to trap, or the engine to hear of it. */
  isYetToTrap({ threadId }: EventPlace): boolean {
    return this.#trapping.has(threadId);
  }

  /** A thread that was told to has come to an event of its own: it traps no more, unless that came before the instruction was executed. */
  cameBack({ threadId }: EventPlace): void {
    unlessEnding(() => {
      if (this.#trapping.has(threadId) && !isTrapSet(this.#objects)) this.over(threadId);
    });
  }

  /** Inside the callback of an exception of the program's: a thread that was yet to trap is not, or its program would do so when it goes on behind that. */
  raised({ threadId }: EventPlace): void {
    if (!this.over(threadId) || this.#hits.of(threadId)?.traps === "now") return;
    unlessEnding(() => setTrap(this.#objects, false));
  }

  /**
   * Inside the callback of a single step: whether it is the debugger's, which somebody is to be told of where a breakpoint of the processor
   * brought it about, or a step ends. Undefined for one of the program's own.
   */
  take(place: EventPlace): "step" | "breakpoint" | "end" | undefined {
    const { threadId } = place;
    // One that stands at a hit may have been told to trap as well: see resetTrap.
    const visit = this.#hits.of(threadId);
    const isStep = this.over(threadId) || (visit !== undefined && visit.traps === undefined);
    if (isStep) this.#hits.trapped(threadId);
    if (this.ends?.traps(place)) return "end";
    if (isStep) return "step";
    return this.#isOfBreakpoint() ? "breakpoint" : undefined;
  }

  /** Under Wine the engine does not always know a data breakpoint of its own again; the program would die of it. */
  #isOfBreakpoint(): boolean {
    if (!hasDataBreakpoint(this.#objects)) return false;
    try {
      return (readRegister(this.#objects, "dr6") & (HITS | TRAPPED)) !== TRAPPED;
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      return true; // nothing tells
    }
  }
}
