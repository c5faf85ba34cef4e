/** What is done before a command has the engine run the programs by itself. */
import { EngineError } from "../../session/errors.ts";
import { DEBUG_EVENT_EXCEPTION, DEBUG_STATUS_GO, DEBUG_STATUS_GO_NOT_HANDLED } from "../generated/constants.ts";
import { movesProgram } from "../moving_commands.ts";
import type { EventReceiver } from "./events.ts";
import { evaluate } from "./lookups.ts";
import type { EngineObjects } from "./objects.ts";
import type { StepOver } from "./step_over.ts";

/** Commands that let programs run to an address, or to one of several, however many instructions it takes. */
const GOES_TO = /^\s*(?:g|[pt]ar?)((?:\s+[^\s;"]+)+)\s*$/i;
/** One that is waited for inside the engine, with others behind it. */
const GOES_ON = /^\s*g\s*;/i;

/** How often that is tried, where a break-in or the end of a thread comes between. */
const TRIES = 8;

/**
 * Carries the threads that stand at a breakpoint over their instructions, if a command has the engine run the programs: it would step over these
 * by itself then. The engine's current thread is carried only where its next instruction is no part of what was asked for. Gives whether
 * that is all there is to do, or something came up that is to be told in place of what the command does.
 */
export function carryBefore(command: string, objects: EngineObjects, events: EventReceiver, over: StepOver): boolean {
  const { answers, breakIns, hits, processes, steps } = events;
  if (!movesProgram(command) || processes.size === 0) return false;
  if (objects.lastEventType() === DEBUG_EVENT_EXCEPTION && !events.isTrap) return false; // it is answered first
  const place = events.place();
  const targets = targetsOf(objects, command);
  for (const target of targets) hits.addPlace(place.processId, target); // other threads run into it, too
  const { instruction } = hits.here(place);
  answers.end = Infinity;
  hits.takeCounting(processes, place);
  const isCarried = targets.length > 0 || GOES_ON.test(command);
  let decision: number | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const isDone = over.carryAll(new Set(isCarried ? [] : [place.threadId]));
    decision = answers.takeDecision();
    if (isDone || answers.waiting > 0 || breakIns.isAsked || decision === DEBUG_STATUS_GO_NOT_HANDLED) break;
  }
  if (!objects.tryFocus(place) || answers.waiting > 0 || breakIns.isAsked) {
    if (decision !== DEBUG_STATUS_GO) answers.owed = decision;
    return true;
  }
  steps.mayFollow(place);
  const here = hits.here(place).instruction;
  const isThere = here !== instruction && targets.includes(here);
  if (isThere) answers.hold({ kind: "break", ...place });
  return isThere;
}

/** None where one of them is no address: the engine says what is wrong. */
function targetsOf(objects: EngineObjects, command: string): bigint[] {
  const words = GOES_TO.exec(command)?.[1]?.trim().split(/\s+/) ?? [];
  try {
    return words.map((word) => BigInt(evaluate(objects, word)));
  } catch (error) {
    if (error instanceof EngineError || error instanceof RangeError) return [];
    throw error;
  }
}
