import type { EngineApi, EngineConnection, EngineEvent, EngineStop } from "../session/engine.ts";
import type { ExecutionStatus } from "../session/status.ts";
import { DbgEngine, sessionError } from "./thread/engine.ts";

/** How long one wait blocks the script's thread, in milliseconds. */
const SLICE = 20;

/** The engine on the script's own thread: no hop for any call; waits block that thread a slice at a time. */
export class InlineConnection implements EngineConnection {
  onNotice: (event: EngineEvent) => void = () => {};
  readonly #interrupts = new Int32Array(new SharedArrayBuffer(4));
  readonly #engine = new DbgEngine(this.#interrupts, (event) => this.onNotice(event));

  async call<K extends keyof EngineApi>(
    name: K,
    ...values: Parameters<EngineApi[K]>
  ): Promise<ReturnType<EngineApi[K]>> {
    try {
      if (name === "run") return await this.#run(values[0] as ExecutionStatus) as ReturnType<EngineApi[K]>;
      const method = this.#engine[name] as (...values: unknown[]) => unknown;
      return method.apply(this.#engine, values) as ReturnType<EngineApi[K]>;
    } catch (error) {
      throw sessionError(error);
    }
  }

  interrupt(): void {
    Atomics.add(this.#interrupts, 0, 1);
    this.#engine.interrupt();
  }

  dispose(): void {
    this.#engine.close();
  }

  async #run(status: ExecutionStatus): Promise<EngineStop> {
    for (;;) {
      const stop = this.#engine.run(status, SLICE);
      if (stop.kind !== "expired") return stop;
      await new Promise((resolve) => setTimeout(resolve, 0)); // lets timers, signals and messages have their turn
    }
  }
}
