import { HresultError } from "../../com/hresult.ts";
import { DEBUG_PROCESS_DETACH_ON_EXIT } from "../generated/constants.ts";
import type { EngineObjects } from "./objects.ts";

/**
 * Programs that are to outlive this process. Should it be killed, Windows lets go of what it debugs, or ends it: of all together, so that
 * one program to keep keeps the others. Only running programs are safe then: held ones stay suspended.
 */
export class KeptPrograms {
  readonly #objects: EngineObjects;
  readonly #processes = new Set<number>();
  #isTold = false;

  constructor(objects: EngineObjects) {
    this.#objects = objects;
  }

  /** A process is to be kept. */
  add(processId: number): void {
    this.#processes.add(processId);
    this.tell();
  }

  /** A process is not debugged any more. */
  delete(processId: number): void {
    this.#processes.delete(processId);
    this.tell();
  }

  /** Tells the engine. It takes that only while a program is there: to be called when one comes up. */
  tell(): void {
    const keep = this.#processes.size > 0;
    if (keep === this.#isTold) return;
    try {
      if (keep) this.#objects.client.AddProcessOptions(DEBUG_PROCESS_DETACH_ON_EXIT);
      else this.#objects.client.RemoveProcessOptions(DEBUG_PROCESS_DETACH_ON_EXIT);
      this.#isTold = keep;
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
    }
  }
}
