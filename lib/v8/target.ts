import type { ExecutionStatus } from "../session/status.ts";
import type { InspectorClient } from "./client.ts";
import type { ConsoleCall, ExceptionDetails, InspectorTarget, ParsedScript, Pause } from "./protocol.ts";
import { OWN_SCRIPT, Scripts } from "./scripts.ts";

/** Something that happened in the program. */
export type Occurrence =
  | { readonly kind: "paused"; readonly pause: Pause }
  | { readonly kind: "output"; readonly call: ConsoleCall }
  | { readonly kind: "thrown"; readonly details: ExceptionDetails }
  /** A break was asked for and the program, blocked in a system call, did not pause. */
  | { readonly kind: "unanswered" }
  /** The program has ended and waits for us to disconnect. */
  | { readonly kind: "ending" }
  | { readonly kind: "closed" };

/** How long a program may take to pause; one that is blocked in a system call executes nothing anyway. */
export const PAUSE_MILLISECONDS = 3000;

/** A pause that comes inside our own nudge is undone by Deno: it is asked for again after so many milliseconds. */
export const PAUSE_AGAIN_MILLISECONDS = 300;

/** How long to wait before a request that Deno may have lost is sent again. */
const RESEND_MILLISECONDS = 150;

/** Wakes an idle event loop, so that there is a statement to pause at; the timers keep no program alive. */
const NUDGE = `for (const ms of [0, 20, 100, 500, 1500]) {
  const timer = setTimeout(() => {}, ms);
  if (typeof timer === "object") timer.unref(); else Deno.unrefTimer(timer);
}
//# sourceURL=${OWN_SCRIPT}`;

const RESUME: { readonly [K in ExecutionStatus]?: string } = {
  stepInto: "Debugger.stepInto",
  stepOver: "Debugger.stepOver",
};

/** The program behind an inspector: what state it is in, what happened in it; pauses it and lets it go on. */
export class Target {
  readonly client: InspectorClient;
  readonly scripts = new Scripts();
  /** As it was listed at its address. */
  readonly listed: InspectorTarget;
  /** Called when it has ended and waits for us to disconnect. */
  onEnd: () => void = () => {};
  /** Whether it was told to begin, if it waited for a debugger. */
  begun = false;
  #queue: Occurrence[] = [];
  #wake: () => void = () => {};
  readonly #stopWaiters: (() => void)[] = [];
  #pause: Pause | undefined;
  #pauseAsked = false;
  #hasEnded = false;
  #isClosed = false;
  #isReplaying = true;
  #isWaitingForDebugger = false;
  #mainContext: number | undefined;

  /** Takes over a connection. */
  constructor(client: InspectorClient, listed: InspectorTarget) {
    this.client = client;
    this.listed = listed;
    client.onEvent = (method, params) => this.#handlers[method]?.(params);
    client.closed.then(() => {
      this.#isClosed = true;
      this.#push({ kind: "closed" });
    });
  }

  /** Where it is paused. */
  get pause(): Pause | undefined {
    return this.#pause;
  }

  /** Whether it executes nothing: it is paused, or has ended. */
  get stopped(): boolean {
    return this.#pause !== undefined || this.isOver;
  }

  /** Whether it has ended, or the connection is gone. */
  get isOver(): boolean {
    return this.#hasEnded || this.#isClosed;
  }

  /** Whether it has ended and waits for us to disconnect, or did so. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether it waits for a debugger before its first statement. */
  get isWaitingForDebugger(): boolean {
    return this.#isWaitingForDebugger;
  }

  /** Turns the debugger on. The runtime reports again what was there before: scripts are kept, the rest is dropped. */
  async enable(): Promise<void> {
    const limit = PAUSE_MILLISECONDS;
    await this.client.call("Runtime.enable", {}, limit);
    await this.client.call("NodeRuntime.enable", {}, limit).catch(() => {});
    await this.client.call("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true }, limit).catch(() => {});
    await this.client.call("Debugger.enable", {}, limit);
    await this.client.call("Debugger.setBlackboxPatterns", { patterns: ["^node:", "^ext:", `^${OWN_SCRIPT}`] }, limit)
      .catch(() => {});
    this.#isReplaying = false;
  }

  /** Lets it begin if it waits for a debugger, until it is paused. Deno loses such a request that comes early. */
  async beginPaused(milliseconds?: number): Promise<void> {
    const end = milliseconds === undefined ? Infinity : Date.now() + milliseconds;
    while (!this.stopped && Date.now() < end) {
      this.begun = true;
      this.client.send("Runtime.runIfWaitingForDebugger");
      await this.#untilStopped(RESEND_MILLISECONDS);
    }
  }

  /** Pauses it. A program that does not pause in time counts as paused: it is blocked and executes nothing. */
  async hold(): Promise<void> {
    const end = Date.now() + PAUSE_MILLISECONDS;
    while (!this.stopped && Date.now() < end) {
      this.askPause();
      await this.#untilStopped(PAUSE_AGAIN_MILLISECONDS);
    }
  }

  /** Asks it to pause. */
  askPause(): void {
    this.#pauseAsked = true;
    this.client.send("Runtime.evaluate", { expression: NUDGE, silent: true, disableBreaks: true });
    this.client.send("Debugger.pause");
  }

  /** Whether a pause was asked for that has not come yet; forgets it. */
  takePauseAsked(): boolean {
    const asked = this.#pauseAsked;
    this.#pauseAsked = false;
    return asked;
  }

  /** Lets it go on, unless it is paused for something that was not looked at yet. */
  resume(status: ExecutionStatus): void {
    if (!this.#pause || this.#queue.some(({ kind }) => kind === "paused")) return;
    this.#pause = undefined;
    this.client.send(RESUME[status] ?? "Debugger.resume");
  }

  /** What happened next; waits for it. */
  async next(): Promise<Occurrence> {
    for (;;) {
      const first = this.#queue.shift();
      if (first) return first;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Reports that a break that was asked for did not come, if it did not. */
  giveUpPause(): void {
    if (!this.stopped) this.#push({ kind: "unanswered" });
  }

  /** Takes the pause that it is in as looked at. */
  acknowledgePause(): void {
    this.#queue = this.#queue.filter(({ kind }) => kind !== "paused");
  }

  #push(occurrence: Occurrence): void {
    this.#queue.push(occurrence);
    this.#wakeAll();
  }

  #wakeAll(): void {
    this.#wake();
    if (!this.stopped) return;
    for (const waiter of this.#stopWaiters.splice(0)) waiter();
  }

  async #untilStopped(milliseconds: number): Promise<void> {
    if (this.stopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#stopWaiters.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#push({ kind: "ending" });
    this.onEnd();
  }

  // deno-lint-ignore no-explicit-any -- each event has parameters of its own
  readonly #handlers: Readonly<Record<string, (params: any) => void>> = {
    "Debugger.scriptParsed": (script: ParsedScript) => this.scripts.add(script, this.#isReplaying),
    "Debugger.paused": (pause: Pause) => {
      this.#pause = pause;
      this.#push({ kind: "paused", pause });
    },
    // Comes for our own resumes too, whose pause is forgotten already: else somebody resumed it, or Deno by itself.
    "Debugger.resumed": () => {
      this.#pause = undefined;
      this.#queue = this.#queue.filter(({ kind }) => kind !== "paused");
    },
    "Runtime.consoleAPICalled": (call: ConsoleCall) => {
      if (!this.#isReplaying) this.#push({ kind: "output", call });
    },
    "Runtime.exceptionThrown": ({ exceptionDetails }: { exceptionDetails: ExceptionDetails }) => {
      if (!this.#isReplaying) this.#push({ kind: "thrown", details: exceptionDetails });
    },
    "Runtime.executionContextCreated": (
      { context }: { context: { id: number; auxData?: { isDefault?: boolean } } },
    ) => {
      if (context.auxData?.isDefault) this.#mainContext ??= context.id;
    },
    "Runtime.executionContextDestroyed": ({ executionContextId }: { executionContextId: number }) => {
      if (executionContextId === this.#mainContext) this.#end();
    },
    "NodeRuntime.waitingForDebugger": () => this.#isWaitingForDebugger = true,
    "NodeRuntime.waitingForDisconnect": () => this.#end(),
  };
}
