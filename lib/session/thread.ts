import { requireBigint, requireInteger, requireText } from "./arguments.ts";
import type { RegisterValue, StackFrame, ThreadInfo } from "./engine.ts";
import type { OwnRequest } from "./memory.ts";
import { MAX_FRAMES, reportOf, type ReportOptions, reportRequest, type ThreadReport } from "./thread_report.ts";

/** One thread of a stopped program. */
export class Thread {
  /** Windows' id of the thread. */
  readonly threadId: number;
  /** What the program called it when {@linkcode Program.threads} listed it; undefined without a name, and of one taken by its id. */
  readonly name: string | undefined;
  readonly #request: OwnRequest;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(request: OwnRequest, { threadId, name }: ThreadInfo) {
    this.threadId = threadId;
    this.name = name;
    this.#request = request;
  }

  /** Its stack, innermost frame first, at most `frames` (64 by default), with symbols and source lines where there are any. */
  async stack(frames = 64): Promise<StackFrame[]> {
    requireInteger("Cannot walk the stack", "frames", frames, 1, MAX_FRAMES);
    return await this.#request("stack", frames);
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

  /** Sets one register. */
  async writeRegister(name: string, value: bigint | number): Promise<void> {
    const action = "Cannot write a register";
    requireText(action, "its name", name, false);
    if (typeof value === "bigint") requireBigint(action, "value", value, -(1n << 63n), (1n << 64n) - 1n);
    else if (typeof value !== "number") throw new TypeError(`${action}: value is neither a bigint nor a number`);
    await this.#request("writeRegister", name, value);
  }
}
