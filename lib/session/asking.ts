import type { ProgramRequests } from "./engine.ts";
import { EngineError, StateError } from "./errors.ts";
import type { StepKind } from "./status.ts";
import type { Program, Stop } from "./program.ts";
import type { Runners } from "./runners.ts";

/** Asks the engine about a program, or a thread of it. @throws {StateError} at once while it runs, and when it has left. */
export function askAbout<K extends keyof ProgramRequests>(
  runners: Runners,
  program: Program,
  threadId: number | undefined,
  name: K,
  values: Parameters<ProgramRequests[K]>,
): Promise<ReturnType<ProgramRequests[K]>> {
  const runner = runners.runnerWith(program);
  if (!runner) {
    if (program.end?.reason === "lost") {
      throw new EngineError(
        "lost",
        `Cannot use ${program.name} (process ${program.pid}): it was lost; attach to it again`,
      );
    }
    const gone = "it is not being debugged any more; session.programs holds those that are";
    throw new StateError("program-gone", `Cannot use ${program.name} (process ${program.pid}): ${gone}`);
  }
  if (runner.running) {
    const advice = "call it in a handler, or interrupt() first";
    throw new StateError("running", `Cannot ${words(name)} while programs run: ${advice}`);
  }
  return runner.engine.request(program.id, threadId, name, ...values);
}

/** Runs a command of the debugger; one that has the programs run is over at their next stop. */
export async function execute(runners: Runners, program: Program, command: string): Promise<string> {
  const { execution } = runners;
  const refuse = (): void => execution.refuseWhileHeld(`Cannot run the program by "${command}"`);
  if (runners.runnerWith(program)?.engine.moves?.(command)) refuse();
  const { text, moved } = await askAbout(runners, program, undefined, "execute", [command]);
  if (!moved) return text;
  refuse(); // an alias, or a file of commands
  runners.runnerWith(program)?.continueAsTold();
  await execution.nextStop();
  return text;
}

/** Has a thread carry out one step; gives the next stop, which is its end or something else. */
export async function step(runners: Runners, program: Program, threadId: number, kind: StepKind): Promise<Stop> {
  const { execution } = runners;
  execution.refuseWhileHeld(`Cannot step ${kind}`);
  await askAbout(runners, program, threadId, "step", [kind]);
  runners.runnerWith(program)?.continueAsTold();
  return await execution.nextStop();
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => " " + letter.toLowerCase());
}
