import { AsyncLocalStorage } from "node:async_hooks";
import { requireFunction, requireOptions } from "./arguments.ts";
import type { WantedEvent } from "./engine.ts";
import { HandlerError, StateError } from "./errors.ts";
import { EVENT_NAMES, type EventName, isFree } from "./events.ts";
import type { DebugEvent, DebugEventMap, EventHandler, Program } from "./program.ts";
import { type ExecutionStatus, isExecutionStatus, leastExecution } from "./status.ts";
import { after } from "./time.ts";

/** What leads to a program: an opening has none at first, and its handlers are there before it. */
export interface Scope {
  /** Only this program's events. */
  readonly program?: Program | undefined;
}

/** Limits of one handler. */
export interface HandlerOptions extends Scope {
  /** Takes the handler away when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** How a handler is added. */
export interface AddOptions {
  readonly scope?: Scope | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Takes as long as it takes: an iterator's, which holds the event while the loop's body runs. @default {false} */
  readonly unlimited?: boolean;
}

type AnyEvent = DebugEvent | DebugEventMap["engineCreate"];

interface Entry {
  readonly name: EventName;
  readonly handler: (event: AnyEvent) => unknown;
  /** Only this program's events; those of all without one. */
  readonly scope: Scope | undefined;
  /** An iterator's: it holds the event as long as the loop body takes. */
  readonly unlimited: boolean;
}

/** What the handlers of one event came to. */
export interface Verdict {
  readonly status: ExecutionStatus;
  readonly errors: readonly HandlerError[];
}

const insideHandler = new AsyncLocalStorage<true>();

/** Refuses what would wait for its own end: where the caller runs, directly or through awaits, inside an event handler. */
export function refuseInHandler(action: string): void {
  if (insideHandler.getStore() === true) throw held(action, "a handler");
}

/** What needs the programs to go on, where they cannot. */
export function held(action: string, where: string): StateError {
  const advice = "it holds the programs, which go on only when it is over; do it after";
  return new StateError("in-handler", `${action} inside ${where}: ${advice}`);
}

/** The handlers of a session, and how an event is put to them. */
export class Handlers {
  readonly #entries = new Set<Entry>();
  readonly #deadline: number;
  /** Counts changes of the set of wanted events: engines that were told of an earlier one are to be told again. */
  version = 1;
  /** Called after each change of who listens; `isWider`: whether engines have to tell something more. */
  onChange: (isWider: boolean) => void = () => {};
  #names: readonly WantedEvent[] | undefined;

  /** `deadline`: milliseconds that a handler may take. */
  constructor(deadline: number) {
    this.#deadline = deadline;
  }

  /** Whether there is one. */
  get any(): boolean {
    return this.#entries.size > 0;
  }

  /** Adds a handler; the function given back takes it away. */
  add<K extends EventName>(
    name: K,
    handler: EventHandler<K>,
    options: AddOptions = {},
  ): () => void {
    if (!EVENT_NAMES.includes(name)) {
      throw new TypeError(`Cannot listen to "${String(name)}": events are ${EVENT_NAMES.join(", ")}`);
    }
    requireFunction(`Cannot listen to "${name}"`, "the handler", handler);
    requireOptions(`Cannot listen to "${name}"`, options);
    const entry: Entry = {
      name,
      handler: handler as (event: AnyEvent) => unknown,
      scope: options.scope,
      unlimited: options.unlimited ?? false,
    };
    const remove = (): void => {
      if (this.#entries.delete(entry)) this.#change();
      options.signal?.removeEventListener("abort", remove);
    };
    if (options.signal?.aborted) return remove;
    const isWider = isOfEngine(name) && !this.names().includes(name);
    this.#entries.add(entry);
    this.#change(isWider);
    options.signal?.addEventListener("abort", remove);
    return remove;
  }

  /** Takes one handler away, wherever it was added. */
  remove(name: EventName, handler: unknown): void {
    this.#removeAll((entry) => entry.name === name && entry.handler === handler);
  }

  /** Takes the handlers of a program away, which has left the session. */
  forget(program: Program): void {
    this.#removeAll((entry) => entry.scope?.program === program);
  }

  /** Names of engines' events that somebody listens to. */
  names(): readonly WantedEvent[] {
    this.#names ??= [...new Set([...this.#entries].map((entry) => entry.name))].filter(isOfEngine);
    return this.#names;
  }

  /** Calls the handlers one after another and merges their answers. Never throws. */
  async dispatch(event: AnyEvent): Promise<Verdict> {
    const answers: ExecutionStatus[] = [];
    const errors: HandlerError[] = [];
    for (const entry of [...this.#entries]) {
      // It was let go meanwhile: the last of its events has been told; text comes when it comes.
      if (event.type !== "engineCreate" && event.type !== "programDestroy" && event.program.end && !isFree(event)) {
        break;
      }
      if (entry.name !== event.type || !this.#entries.has(entry)) continue; // one before it may have taken it away
      if (entry.scope && (event.type === "engineCreate" || entry.scope.program !== event.program)) continue;
      try {
        const answer = await this.#call(entry, event);
        if (isExecutionStatus(answer)) answers.push(answer);
        else if (answer !== undefined) {
          throw new TypeError(`Cannot use what the handler returned: ${String(answer)} is no execution status`);
        }
      } catch (cause) {
        errors.push(cause instanceof HandlerError ? cause : failure(event.type, cause));
      }
    }
    return { status: leastExecution(answers), errors };
  }

  #removeAll(isOut: (entry: Entry) => boolean): void {
    const before = this.#entries.size;
    for (const entry of this.#entries) if (isOut(entry)) this.#entries.delete(entry);
    if (this.#entries.size < before) this.#change();
  }

  #change(isWider = false): void {
    this.version++;
    this.#names = undefined;
    this.onChange(isWider);
  }

  async #call(entry: Entry, event: AnyEvent): Promise<unknown> {
    if (entry.unlimited) return await entry.handler(event);
    const answer = insideHandler.run(true, () => entry.handler(event));
    if (!(answer instanceof Promise) || this.#deadline === Infinity) return await answer;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const seconds = this.#deadline / 1000;
    const stop = after(this.#deadline, () => {
      const message =
        `The handler of "${event.type}" was cut off: it took longer than ${seconds} s; the program goes on (option "handlerDeadline")`;
      reject(new HandlerError(event.type, message, { timedOut: true }));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      stop();
    }
  }
}

const LIFECYCLE: ReadonlySet<string> = new Set(["engineCreate", "programCreate", "loadComplete", "programDestroy"]);

/** Those of a program's life come whether or not somebody listens; its entry point does not. */
function isOfEngine(name: EventName): name is WantedEvent {
  return !LIFECYCLE.has(name);
}

function failure(name: EventName, cause: unknown): HandlerError {
  const text = (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).replaceAll(/\s+/g, " ");
  return new HandlerError(name, `The handler of "${name}" threw ${text}; the program goes on`, { cause });
}
