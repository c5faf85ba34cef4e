import { requireInteger } from "./arguments.ts";
import type { RegisterValue, StackFrame, ThreadInfo } from "./engine.ts";
import type { OwnRequest } from "./memory.ts";
import { MAX_FRAMES, reportOf, type ReportOptions, reportRequest, type ThreadReport } from "./thread_report.ts";
import type { TypedValue } from "./typed_value.ts";
import type { ValueSource } from "./value_steps.ts";
import { findLocals, findVariable, type Local } from "./values.ts";

/** What one thread of a stopped program, or of a dump, consists of: its stack, locals and registers. */
export class ThreadView {
  /** Windows' id of the thread. */
  readonly threadId: number;
  /** What the program called it when {@linkcode Program.threads} listed it; undefined without a name, and of one taken by its id. */
  readonly name: string | undefined;
  readonly #source: ValueSource;
  readonly #request: OwnRequest;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(source: ValueSource, { threadId, name }: ThreadInfo) {
    this.threadId = threadId;
    this.name = name;
    this.#source = source;
    this.#request = source.request;
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
}
