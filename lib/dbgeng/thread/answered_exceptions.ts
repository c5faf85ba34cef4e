/** Exceptions of threads that stand at a breakpoint. */
import { DEBUG_STATUS_GO, DEBUG_STATUS_GO_HANDLED } from "../generated/constants.ts";
import { type Alone, INSTRUCTION, SYSTEM_CALL } from "./alone.ts";
import { breakAtDispatch, hasBreakpointAt, removeBreakpoint } from "./breakpoints.ts";
import type { EventReceiver } from "./events.ts";
import type { EngineObjects } from "./objects.ts";
import type { WaitOnce } from "./waits.ts";

/**
 * Answers an exception of a thread that stands at a breakpoint. The engine takes that out until the thread has executed something, which may be all
 * of a handler of the program's. So it goes on alone, to where Windows has it look for handlers. Whether it did, and nothing else came up;
 * undefined where it stands at none.
 */
export function answerAtBreakpoint(
  objects: EngineObjects,
  events: EventReceiver,
  alone: Alone,
  wait: WaitOnce,
  status: number,
): boolean | undefined {
  const { answers, hits, machines, steps } = events;
  objects.focusEvent();
  const here = hits.tryHere(events.place());
  if (!here || !hasBreakpointAt(objects, here.instruction)) return undefined;
  hits.leaveThread(here.threadId); // it comes there anew
  const id = status === DEBUG_STATUS_GO_HANDLED ? undefined : breakAtDispatch(objects);
  try {
    return alone.run(here, (frozen) => {
      machines.beforeRun(here, true);
      steps.mayFollow(here); // the engine has it trap, and its handlers go on with that flag
      for (let answer = status;; answer = DEBUG_STATUS_GO) {
        objects.control.SetExecutionStatus(answer);
        const hasCome = wait(id === undefined ? SYSTEM_CALL : INSTRUCTION);
        if (!hasCome) alone.settle(here);
        else if (!answers.mayCarryOn()) return false;
        if (!hasCome || alone.isBack(here)) {
          steps.mayFollow(here); // the breakpoint where Windows looks for handlers came before that
          hits.leaveThread(here.threadId);
          return hasCome && answers.waiting === 0;
        }
        alone.freezeBegun(frozen);
        if (!objects.tryFocus(here)) return false; // at the end of another thread the engine takes no status
      }
    });
  } finally {
    if (id !== undefined && objects.tryFocus({ processId: here.processId })) removeBreakpoint(objects, id);
  }
}
