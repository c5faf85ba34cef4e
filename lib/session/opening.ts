import type { DebugEngine } from "./contract.ts";
import { AttachError, StateError } from "./errors.ts";
import { exitCodeText } from "./exit_code.ts";
import type { Program } from "./program.ts";
import { Machine } from "./transitions.ts";

/** An attach or a launch that is under way. */
export class Opening {
  readonly programId: string;
  /** Whether the program stays stopped when the opening is complete. */
  readonly stops: boolean;
  /** Whether other programs run for this one only. */
  hasStarted = false;
  /** Which engine takes the program, once that is known. */
  engine: DebugEngine | undefined;
  readonly #action: string;
  readonly #done = Promise.withResolvers<Program>();
  readonly #appeared = Promise.withResolvers<Program | undefined>();
  readonly #state = new Machine<
    "asking" | "refused" | "coming" | "unwanted" | "there" | "complete" | "failed"
  >("An opening", "asking");
  #program: Program | undefined;
  /** Set while the next one waits until nothing is left of this one. */
  #inTheWay: PromiseWithResolvers<never> | undefined;

  /** `action`: what a failure's text begins with. */
  constructor(programId: string, stops: boolean, action: string) {
    this.programId = programId;
    this.stops = stops;
    this.#action = action;
    this.#done.promise.catch(() => {}); // who opens awaits it, after other things that may reject it
  }

  /** Its outcome. */
  get done(): Promise<Program> {
    return this.#done.promise;
  }

  /** Resolves when its program is there, or with undefined when there will be none. */
  get appeared(): Promise<Program | undefined> {
    return this.#appeared.promise;
  }

  /** The program, once it is there. */
  get program(): Program | undefined {
    return this.#program;
  }

  /** Whether its outcome is to come. */
  get isOpen(): boolean {
    return this.#state.is("asking", "coming", "there");
  }

  /** Whether its program is to come up, be it to be let go at once: the engine has to run for that. */
  get isComing(): boolean {
    return this.#state.is("coming", "unwanted");
  }

  /** Whether somebody waits for the program to come up. */
  get isAwaited(): boolean {
    return this.isComing && (this.isOpen || this.#inTheWay !== undefined);
  }

  /** Whether programs will run for it, be it for what comes of an engine that was asked before it was given up. */
  get isAboutToRun(): boolean {
    return this.isAwaited || this.#state.is("refused");
  }

  /** Whether it has failed, and its program is to be let go, or others are to be stopped again. */
  get isToBeUndone(): boolean {
    if (!this.#state.is("failed")) return false;
    return this.hasStarted || (this.#program !== undefined && !this.#program.end);
  }

  /** The next one waits until nothing is left of this one; rejects when that cannot come about for now. */
  stepAside(): Promise<never> {
    this.#inTheWay ??= Promise.withResolvers();
    this.#inTheWay.promise.catch(() => {});
    return this.#inTheWay.promise;
  }

  /** The next one does not wait any more. */
  stay(): void {
    this.#inTheWay = undefined;
  }

  /** Programs cannot run for it to come up: the next one, if it waits for that, fails. Whether it does. */
  obstruct(reason: unknown): boolean {
    if (!this.#inTheWay || !this.isComing) return false;
    this.#inTheWay.reject(reason);
    this.#inTheWay = undefined;
    return true;
  }

  /** Its engine was asked: the program may come up from now on, even if the opening has failed by then. */
  asked(): void {
    if (this.#state.is("asking", "refused")) this.#state.move("asked");
  }

  /** Its program is there. */
  appear(program: Program): void {
    this.#state.move("appear");
    this.#program = program;
    this.#appeared.resolve(program);
  }

  /** There will be no program. */
  vanish(): void {
    if (this.#program === undefined && !this.#state.is("failed")) this.#state.move("vanish");
    this.#appeared.resolve(undefined);
  }

  /** It has come about, if its outcome is to come. */
  complete(): void {
    if (!this.#state.is("there") || !this.#program) return;
    this.#state.move("complete");
    this.#done.resolve(this.#program);
  }

  /** It has failed or was given up, if its outcome is to come. */
  fail(reason: unknown): void {
    if (!this.isOpen) return;
    this.#state.move("fail");
    this.#done.reject(reason);
  }

  /** Its program ended before it was complete; `cause`: why it could not be loaded, if that is known. */
  exited(exitCode?: number, cause = "look at why it ends"): void {
    const code = exitCode === undefined ? "" : ` with code ${exitCodeText(exitCode)}`;
    this.fail(new AttachError("exited", `${this.#action}: it ended${code} before it was complete; ${cause}`));
  }

  /** Its program was let go, by a handler if there is no other `cause`. */
  letGo(cause = "do it after"): void {
    this.fail(new AttachError("exited", `${this.#action}: it was let go before that was complete; ${cause}`));
  }

  /** Its session is over. */
  close(): void {
    this.fail(new StateError("closed", `${this.#action}: the session was disposed meanwhile`));
    this.vanish();
  }
}
