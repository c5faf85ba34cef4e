import type { EngineApi } from "./engine_api.ts";

/** Whether the script is to stay for an engine: for every call under way but runs, and for these while somebody cares what comes of them. */
export class Stay {
  readonly #ref: (isNeeded: boolean) => void;
  #calls = 0;
  #isWanted = true;
  #isNeeded = true;

  /** `ref` has what the engine lives in keep the script alive, or not; at first it does. */
  constructor(ref: (isNeeded: boolean) => void) {
    this.#ref = ref;
  }

  /** Whether it is to stay beside the calls: at first it is. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#apply();
  }

  /** A call begins. */
  begin(name: keyof EngineApi): void {
    if (name === "run") return;
    this.#calls++;
    this.#apply();
  }

  /** It is over. */
  end(name: keyof EngineApi): void {
    if (name === "run") return;
    this.#calls--;
    this.#apply();
  }

  #apply(): void {
    const isNeeded = this.#isWanted || this.#calls > 0;
    if (isNeeded !== this.#isNeeded) this.#ref(isNeeded);
    this.#isNeeded = isNeeded;
  }
}
