import type { EngineEvent } from "./engine.ts";
import { AttachError } from "./errors.ts";
import type { DebugEvent } from "./events.ts";
import { type Opening, settle } from "./opening.ts";
import { Program, type ProgramEnd, type ProgramSession } from "./program.ts";

/** The programs of a session, and the one that is being opened. */
export class Programs {
  /** By process id. */
  readonly all = new Map<number, Program>();
  readonly #session: ProgramSession;
  #opening: Opening | undefined;

  constructor(session: ProgramSession) {
    this.#session = session;
  }

  /** The attach or launch that is under way. */
  get opening(): Opening | undefined {
    return this.#opening;
  }

  set opening(opening: Opening | undefined) {
    this.#opening = opening;
  }

  /** Whether an opening waits for the engine. */
  get isOpening(): boolean {
    return this.#opening !== undefined && !(this.#opening.settled && this.#opening.program);
  }

  /** Puts the program into an event; undefined for one of a process that is not, or not any more, of the session. */
  place(engineEvent: EngineEvent): DebugEvent | undefined {
    if (engineEvent.type === "createProcess") this.#add(engineEvent);
    const program = this.all.get(engineEvent.processId);
    return program && Object.freeze({ ...engineEvent, program }) as DebugEvent;
  }

  #add(event: EngineEvent & { type: "createProcess" }): void {
    const opening = this.#opening;
    const opened = opening && !opening.program && event.parentId === undefined;
    const program = new Program(this.#session, event.processId, event.module, opened ? opening.origin : "child");
    this.all.set(event.processId, program);
    if (!opened) return;
    opening.program = program;
    opening.appeared.resolve(program);
  }

  /** After an event's handlers. Returns whether the programs stay stopped because an opening is complete. */
  after(event: DebugEvent): boolean {
    const opening = this.#opening?.program === event.program ? this.#opening : undefined;
    if (event.type === "exitProcess") {
      this.remove(event.program, { reason: "exited", exitCode: event.exitCode });
      if (opening) settle(opening, exitedEarly(opening, event.exitCode));
    }
    if (event.type !== "createProcess" || !opening || opening.untilBreak || opening.settled) return false;
    settle(opening, event.program);
    return opening.stops;
  }

  /** At the breakpoint where Windows hands a process over. Returns whether the programs stay stopped there. */
  atInitialBreak(processId: number): boolean {
    const opening = this.#opening;
    if (!opening?.program || opening.program.processId !== processId || opening.settled) return false;
    settle(opening, opening.program);
    return opening.stops;
  }

  /** A stop in the middle of an opening completes it: the program is there, and stopped. */
  stopped(): void {
    if (this.#opening?.program) settle(this.#opening, this.#opening.program);
  }

  /** Takes a program out. */
  remove(program: Program, end: ProgramEnd): void {
    if (this.all.get(program.processId) === program) this.all.delete(program.processId);
    program.finish(end);
    if (this.#opening?.program === program && end.reason !== "exited") settle(this.#opening, letGoEarly(this.#opening));
  }

  /** The engine has no process any more. */
  endAll(): void {
    this.loseAll();
    if (!this.#opening) return;
    settle(this.#opening, exitedEarly(this.#opening));
    this.#opening.appeared.resolve(undefined);
  }

  /** The engine has forgotten every program. */
  loseAll(): void {
    for (const program of [...this.all.values()]) this.remove(program, { reason: "lost" });
  }

  /** Fails the opening that is under way; whether there was one. */
  fail(error: Error): boolean {
    if (!this.#opening || this.#opening.settled) return false;
    settle(this.#opening, error);
    return true;
  }
}

function exitedEarly(opening: Opening, exitCode?: number): AttachError {
  const code = exitCode === undefined ? "" : ` with code ${exitCode}`;
  return new AttachError(
    "exited",
    `${opening.action}: it ended${code} before it was complete; look at why it ends, or launch it under the debugger`,
  );
}

function letGoEarly(opening: Opening): AttachError {
  return new AttachError("exited", `${opening.action}: it was let go before that was complete; do it after`);
}
