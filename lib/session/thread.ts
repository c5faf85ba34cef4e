import { requireBigint, requireInteger, requireText } from "./arguments.ts";
import type { RegisterValue, StackFrame, ThreadInfo } from "./engine.ts";
import type { OwnRequest } from "./memory.ts";
import type { SourcePlace } from "./source_lines.ts";
import { runTo, type StepEnd, type StepOptions, type Stepper, takeStep } from "./steps.ts";
import type { TypedValue } from "./typed_value.ts";
import type { ValueSource } from "./value_steps.ts";
import { findLocals, findVariable, type Local } from "./values.ts";
import { MAX_FRAMES, reportOf, type ReportOptions, reportRequest, type ThreadReport } from "./thread_report.ts";

/** One thread of a stopped program. */
export class Thread {
  /** Windows' id of the thread. */
  readonly threadId: number;
  /** What the program called it when {@linkcode Program.threads} listed it; undefined without a name, and of one taken by its id. */
  readonly name: string | undefined;
  readonly #source: ValueSource;
  readonly #request: OwnRequest;
  readonly #stepper: Stepper;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(source: ValueSource, { threadId, name }: ThreadInfo, moves: Pick<Stepper, "move" | "runTo">) {
    this.threadId = threadId;
    this.name = name;
    this.#source = source;
    this.#request = source.request;
    this.#stepper = { threadId, request: source.request, ...moves };
  }

  /** Its stack, innermost frame first, at most `frames` (64 by default), with symbols and source lines where there are any. */
  async stack(frames = 64): Promise<StackFrame[]> {
    requireInteger("Cannot walk the stack", "frames", frames, 1, MAX_FRAMES);
    return await this.#request("stack", frames);
  }

  /**
   * Parameters and locals of the function that a frame of its stack is in, by name; `frame` counts as {@linkcode stack} does, from the innermost,
   * 0, and inlined functions have frames of their own. Needs private symbols (a PDB with types). Reading what is in memory needs `read-memory`
   * in a confined script, what is in registers `control`.
   *
   * @throws {EngineError} kind `failed` where there is no such frame.
   * @example
   * ```ts no-eval
   * for (const { name, value } of await program.thread(threadId).locals()) console.log(name, await value?.read());
   * ```
   */
  async locals(frame = 0): Promise<Local[]> {
    return await findLocals(this.#source, frame);
  }

  /** A variable as `module!name`, its own where each thread has one; else that of {@linkcode Program.variable}. */
  async variable(name: string): Promise<TypedValue> {
    return await findVariable(this.#source, name);
  }

  /** Its registers by name (`rip`, `rsp`, …). */
  registers(): Promise<Record<string, RegisterValue>> {
    return this.#request("registers");
  }

  /**
   * What is told of a crash, in one request instead of one for each part: its stack and registers, the modules and threads of its program, as far
   * as they are asked for. What cannot be had, also because a confined script lacks the right, is named in `failed`.
   *
   * @example
   * ```ts no-eval
   * const { stack = [], failed } = await program.thread(threadId).report({ frames: 64, modules: true });
   * ```
   */
  async report(options: ReportOptions): Promise<ThreadReport> {
    return reportOf(await this.#request("report", reportRequest(options)));
  }

  /**
   * Executes its next instruction, into a call; with `unit: "line"` it goes on to where another source line begins, in whatever function that has
   * lines. The programs run meanwhile. A confined script needs `control`.
   *
   * @throws {StateError} kind `running` in a handler, whose answer `"stepInto"` does it, and in the body of a loop over `events()`.
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
