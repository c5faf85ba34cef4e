/** Programs that have come up and whose first events are still to come. */
import type { EngineAttach, EngineStop } from "../engine_api.ts";

/** Events that every program begins with. */
const FIRST: ReadonlySet<string> = new Set(["createProcess", "createThread", "loadModule"]);

/**
 * Which programs have come no further than the events that they begin with. The engine must not abandon one of these: who takes it up cannot let it
 * run any more; and what is still to come of it comes nevertheless, for a program that the engine does not know, which hears nothing of others
 * any more, or crashes.
 */
export class Starting {
  readonly #ids = new Set<number>();
  #takenUp: number | undefined;

  /** Whether a program has not come further. */
  has(processId: number): boolean {
    return this.#ids.has(processId);
  }

  /** A program is to come up; its first events have come to another debugger already, where it is taken up from that one. */
  expect(attach: EngineAttach | undefined): void {
    this.#takenUp = attach?.existing ? attach.processId : undefined;
  }

  /** The engine has stopped. */
  stopped(stop: EngineStop): void {
    if (stop.kind === "event") {
      const { type, processId } = stop.event;
      if (type === "createProcess") this.#begin(processId);
      else if (!FIRST.has(type)) this.#ids.delete(processId);
    } else if (stop.kind === "interrupt" || stop.kind === "ended") this.#ids.clear(); // all others' events came before it
    else if ("processId" in stop) this.#ids.delete(stop.processId);
  }

  /** One of this number may have been let go before its first stop. */
  #begin(processId: number): void {
    if (processId !== this.#takenUp) return void this.#ids.add(processId);
    this.#ids.delete(processId);
    this.#takenUp = undefined;
  }
}
