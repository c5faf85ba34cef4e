import type { RegisterValue, StackFrame } from "./engine.ts";
import type { OwnRequest } from "./memory.ts";

/** One thread of a stopped program. */
export class Thread {
  /** Windows' id of the thread. */
  readonly threadId: number;
  readonly #request: OwnRequest;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(request: OwnRequest, threadId: number) {
    this.threadId = threadId;
    this.#request = request;
  }

  /** Its stack, innermost frame first, at most `frames` (64 by default), with symbols and source lines where there are any. */
  stack(frames = 64): Promise<StackFrame[]> {
    return this.#request("stack", frames);
  }

  /** Its registers by name (`rip`, `rsp`, …). */
  registers(): Promise<Record<string, RegisterValue>> {
    return this.#request("registers");
  }

  /** Sets one register. */
  writeRegister(name: string, value: bigint | number): Promise<void> {
    return this.#request("writeRegister", name, value);
  }
}
