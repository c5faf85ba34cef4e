import type { ProgramEnd } from "./contract.ts";
import { StateError } from "./errors.ts";
import { type DebugEventMap, EVENT_NAMES, type EventHandler, type EventName, type Stop } from "./events.ts";
import type { Program, WaitOptions } from "./program.ts";
import type { Runners } from "./runners.ts";

/**
 * Lets the programs run to the next event of a name, past other stops but interrupts, and leaves them stopped there. An event
 * that holds nothing is given as it comes; the programs are stopped a little later then.
 */
export async function nextEvent<K extends EventName>(
  runners: Runners,
  name: K,
  wait: (options: WaitOptions) => Promise<Stop>,
  { signal }: WaitOptions,
  program?: Program,
): Promise<DebugEventMap[K]> {
  if (!EVENT_NAMES.includes(name)) {
    throw new TypeError(`Cannot wait for "${name}": events are ${EVENT_NAMES.join(", ")}`);
  }
  if (program?.end) throw gone(name, program);
  const options = waitingFor(runners, name === "programDestroy" ? undefined : program, signal);
  let found: DebugEventMap[K] | undefined;
  const remove = runners.handlers.add(
    name,
    ((event: DebugEventMap[K]) => {
      if (found) return undefined;
      found = event;
      remove();
      // A stop that nobody else is told of: it is what this one waits for.
      if (runners.running) runners.interrupt();
      return "break";
    }) as EventHandler<K>,
    { scope: program && { program } },
  );
  try {
    for (;;) {
      const stop = await wait(options).catch(passLeft);
      if (found) return found;
      if (stop?.reason === "ended" || program?.end) throw gone(name, program);
      if (stop?.reason === "interrupt") throw interrupted(name);
    }
  } finally {
    remove();
  }
}

/** Lets the programs run until one has left the session, past every stop, and leaves the others stopped. */
export async function runToEnd(
  runners: Runners,
  wait: (options: WaitOptions) => Promise<Stop>,
  { signal }: WaitOptions,
  program: Program,
): Promise<ProgramEnd> {
  const options = waitingFor(runners, program, signal);
  while (!program.end) await wait(options).catch(passLeft);
  return program.end;
}

const LEFT = new Error("The program has left the session");

/** Options of a wait for a program: when it leaves and others stay, no stop would come. */
function waitingFor(runners: Runners, program: Program | undefined, signal: AbortSignal | undefined): WaitOptions {
  if (!program) return signal ? { signal } : {};
  const left = new AbortController();
  program.ended.then(() => {
    if (runners.programs.size > 0) left.abort(LEFT);
  });
  return { signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal };
}

function passLeft(error: unknown): undefined {
  if (error !== LEFT) throw error;
}

function gone(name: string, program: Program | undefined): StateError {
  const who = program ? program.name : "every program";
  return new StateError("program-gone", `Cannot wait for "${name}" any more: ${who} has left the session`);
}

function interrupted(name: string): StateError {
  return new StateError(
    "interrupted",
    `Cannot wait for "${name}" any more: interrupt() stopped the programs; wait again`,
  );
}
