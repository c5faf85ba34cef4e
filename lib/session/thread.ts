import { requireBigint, requireText } from "./arguments.ts";
import type { ThreadInfo } from "./engine.ts";
import type { OwnRequest } from "./memory.ts";
import type { SourcePlace } from "./source_lines.ts";
import { runTo, type StepEnd, type StepOptions, type Stepper, takeStep } from "./steps.ts";
import { ThreadView } from "./thread_view.ts";
import type { ValueSource } from "./value_steps.ts";

/** One thread of a stopped program. */
export class Thread extends ThreadView {
  readonly #request: OwnRequest;
  readonly #stepper: Stepper;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(source: ValueSource, thread: ThreadInfo, moves: Pick<Stepper, "session" | "move" | "runTo">) {
    super(source, thread);
    const { threadId } = thread;
    this.#request = source.request;
    this.#stepper = { threadId, request: source.request, ...moves };
  }

  /**
   * Executes its next instruction, into a call; with `unit: "line"` it goes on to where another source line begins, in whatever function that has
   * lines. The programs run meanwhile. A confined script needs `control`.
   *
   * @throws {StateError} kind `running` in a handler, whose answer `"stepInto"` does it, in the body of a loop over `events()`, and while another step of the session
   * is under way.
   * @example
   * ```ts no-eval
   * await program.next("breakpoint");
   * const { frame } = await program.thread(threadId).stepInto({ unit: "line" });
   * console.log(frame?.symbol, frame?.line);
   * ```
   */
  async stepInto(options: StepOptions = {}): Promise<StepEnd> {
    return await takeStep(this.#stepper, "into", options);
  }

  /** As {@linkcode stepInto}, but a call and all that it does is one instruction. An exception that leaves the call ends the step only where something stops there. */
  async stepOver(options: StepOptions = {}): Promise<StepEnd> {
    return await takeStep(this.#stepper, "over", options);
  }

  /**
   * Goes on until its function has returned to its caller, as the debugger's `gu`.
   * @throws {EngineError} kind `failed` where it has no caller.
   */
  async stepOut(): Promise<StepEnd> {
    return await takeStep(this.#stepper, "out", {});
  }

  /**
   * Goes on until it comes to a place, as a breakpoint would have it that goes with this: a symbol as `module!name`, an address, or a source line. Where
   * something else stops the programs first, that is told, and the place is forgotten.
   *
   * @throws {EngineError} kind `failed` as {@linkcode Program.breakpoint} does. @throws {StateError} kind `running` in a handler.
   */
  async runTo(place: string | bigint | SourcePlace): Promise<StepEnd> {
    return await runTo(this.#stepper, place);
  }

  /** Sets one register. */
  async writeRegister(name: string, value: bigint | number): Promise<void> {
    const action = "Cannot write a register";
    requireText(action, "its name", name, false);
    if (typeof value === "bigint") requireBigint(action, "value", value, -(1n << 63n), (1n << 64n) - 1n);
    else if (typeof value !== "number") throw new TypeError(`${action}: value is neither a bigint nor a number`);
    await this.#request("writeRegister", name, value);
  }
}
