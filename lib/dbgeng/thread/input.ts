import { ComCallback } from "../../com/com_callback.ts";
import { IDebugInputCallbacks } from "../generated/debug_input_callbacks.ts";
import type { EngineObjects } from "./objects.ts";

/** Ends what commands such as `a` and `eb` ask for. */
const NOTHING = "";
/** Leaves `.shell`, which would ask until its program ends; that one finds the end of its input. */
const LEAVE_SHELL = ".shell_quit";

/** The engine's input callback: it waits for a line without an end, and nobody is there to type one. So each time an end is the answer. */
export class InputReceiver implements Disposable {
  readonly #objects: EngineObjects;
  readonly #callback: ComCallback<IDebugInputCallbacks>;
  #asked = 0;

  constructor(objects: EngineObjects) {
    this.#objects = objects;
    this.#callback = new ComCallback<IDebugInputCallbacks>(IDebugInputCallbacks, { StartInput: () => this.#answer() });
    objects.client.SetInputCallbacks(this.#callback);
  }

  /** A command begins, which has not asked yet. */
  begin(): void {
    this.#asked = 0;
  }

  /** The engine does not tell who asks: who is not content with the one end gets the other. */
  #answer(): void {
    this.#objects.control.ReturnInputWide(this.#asked++ % 2 === 0 ? NOTHING : LEAVE_SHELL);
  }

  /** Takes the callback out of the engine. */
  [Symbol.dispose](): void {
    this.#objects.client.SetInputCallbacks(null);
    this.#callback[Symbol.dispose]();
  }
}
