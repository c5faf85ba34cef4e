/** What is done before a command has the engine run the programs by itself. */
import { EngineError } from "../../session/errors.ts";
import { DEBUG_EVENT_EXCEPTION } from "../generated/constants.ts";
import { movesProgram } from "../moving_commands.ts";
import type { EventReceiver } from "./events.ts";
import { evaluate } from "./lookups.ts";
import type { EngineObjects } from "./objects.ts";
import type { StepOver } from "./step_over.ts";

/** Commands that let programs run to an address, however many instructions it takes. */
const GOES_TO = /^\s*(?:g|[pt]ar?)\s+([^\s;"]+)\s*$/i;
/** One that is waited for inside the engine, with others behind it. */
const GOES_ON = /^\s*g\s*;/i;

/**
 * Carries the threads that stand at a breakpoint over their instructions, if a command has the engine run the programs: it would step over these
 * by itself then. The engine's current thread is carried only where its next instruction is no part of what was asked for. Gives whether
 * that is all there is to do, or something came up that is to be told in place of what the command does.
 */
export function carryBefore(command: string, objects: EngineObjects, events: EventReceiver, over: StepOver): boolean {
  const { answers, breakIns, hits, processes, steps } = events;
  if (!movesProgram(command) || processes.size === 0 || objects.lastEventType() === DEBUG_EVENT_EXCEPTION) return false;
  const place = events.place();
  const target = valueOf(objects, GOES_TO.exec(command)?.[1]);
  if (target !== undefined) hits.addPlace(place.processId, target); // other threads run into it, too
  answers.end = Infinity;
  hits.takeCounting(processes, place);
  const isCarried = target !== undefined || GOES_ON.test(command);
  over.carryAll(new Set(isCarried ? [] : [place.threadId]));
  answers.takeDecision();
  if (!objects.tryFocus(place) || answers.waiting > 0 || breakIns.isAsked) return true;
  steps.mayFollow(place);
  const isThere = target !== undefined && hits.here(place).instruction === target;
  if (isThere) answers.hold({ kind: "break", ...place });
  return isThere;
}

function valueOf(objects: EngineObjects, address: string | undefined): bigint | undefined {
  if (address === undefined) return undefined;
  try {
    return BigInt(evaluate(objects, address));
  } catch (error) {
    if (error instanceof EngineError || error instanceof RangeError) return undefined; // the engine says what is wrong
    throw error;
  }
}
