import { requireOptions } from "./arguments.ts";
import { StateError } from "./errors.ts";
import { EVENT_NAMES, type EventName, isFree } from "./events.ts";
import type { DebugEventMap, EventHandler, Program, Stop } from "./program.ts";
import type { WaitOptions } from "./wait_options.ts";
import type { Runners } from "./runners.ts";

/** Gives up one's own wait: what was waited for has come, or cannot come any more. */
const ENOUGH = Symbol("enough");

/**
 * Lets the programs run to the next event of a name, past other stops but interrupts, and leaves them stopped there. At an
 * event that holds nothing they are stopped a little later, unless others wait.
 */
export async function nextEvent<K extends EventName>(
  runners: Runners,
  name: K,
  wait: (options: WaitOptions) => Promise<Stop>,
  options: WaitOptions,
  program?: Program,
): Promise<DebugEventMap[K]> {
  requireOptions("Cannot wait", options);
  const { signal } = options;
  if (!EVENT_NAMES.includes(name)) {
    throw new TypeError(`Cannot wait for "${String(name)}": events are ${EVENT_NAMES.join(", ")}`);
  }
  if (program?.end) throw gone(name, program);
  let found: DebugEventMap[K] | undefined;
  const enough = new AbortController();
  const remove = runners.handlers.add(
    name,
    ((event: DebugEventMap[K]) => {
      found ??= event;
      remove();
      if (!holdsNothing(event)) return "break";
      const isLast = event.type === "programDestroy" && runners.programs.size === 0 && !runners.execution.opening;
      if (!isLast) enough.abort(ENOUGH); // otherwise the end of all is about to be told
      return undefined;
    }) as EventHandler<K>,
    { scope: program && { program } },
  );
  const removals = [remove];
  if (program && name !== "programDestroy") {
    const leave = (): void => void (runners.programs.size > 0 && enough.abort(ENOUGH)); // the others go on without it
    removals.push(runners.handlers.add("programDestroy", leave, { scope: { program } }));
  }
  const both = signal ? AbortSignal.any([enough.signal, signal]) : enough.signal;
  try {
    for (;;) {
      const stop = await wait({ signal: both });
      if (found) return found;
      if (isOf(stop, name, program)) return stop.event as DebugEventMap[K]; // it came before anybody waited
      if (stop.reason === "ended" || program?.end) throw gone(name, program);
      if (stop.reason === "interrupt") throw interrupted(name);
    }
  } catch (error) {
    if (error !== ENOUGH) throw error;
    if (found) return found;
    throw gone(name, program);
  } finally {
    for (const each of removals) each();
  }
}

/** Whether a handler cannot leave the program stopped there. */
function holdsNothing({ type }: { readonly type: EventName }): boolean {
  return isFree({ type }) || type === "programDestroy" || type === "engineCreate";
}

function isOf(stop: Stop, name: EventName, program: Program | undefined): stop is Stop & { reason: "event" } {
  return stop.reason === "event" && stop.event.type === name && (!program || stop.program === program);
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
