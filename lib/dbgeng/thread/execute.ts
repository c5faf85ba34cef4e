import { DEBUG_STATUS_BREAK, DEBUG_STATUS_NO_DEBUGGEE } from "../generated/constants.ts";
import { withEngineNames } from "./module_names.ts";
import type { EngineObjects } from "./objects.ts";
import type { OpenEngine } from "./open_engine.ts";

/** Has the engine carry out a command about a process, which is its current one; gives what it said, and whether programs are to run or have run. */
export function execute(
  { events, input, output, loop }: OpenEngine,
  objects: EngineObjects,
  processId: number,
  given: string,
): { text: string; moved: boolean } {
  const command = withEngineNames(objects, given, events.images.known(processId));
  input.begin();
  if (loop.begin(command)) return { text: "", moved: true };
  events.hits.counts.giveBack();
  const { waiting } = events.answers;
  const hasRun = (): boolean => events.answers.waiting > waiting;
  const text = events.hits.beside(() => output.execute(command), hasRun);
  events.answers.takeDecision(); // about an event inside the command
  const status = objects.control.GetExecutionStatus();
  // A command in front of others, as in "g; k", is waited for inside the engine: what stopped it is there already.
  const moves = status !== DEBUG_STATUS_BREAK && status !== DEBUG_STATUS_NO_DEBUGGEE;
  if (moves || hasRun()) loop.obey(moves);
  return { text, moved: moves || hasRun() };
}
