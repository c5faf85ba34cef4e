import { ComCallback } from "../../com/com_callback.ts";
import { HresultError } from "../../com/hresult.ts";
import type { EngineEvent, EventPlace, WantedEvent } from "../../session/engine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import {
  DEBUG_EXECUTE_NO_REPEAT,
  DEBUG_EXECUTE_NOT_LOGGED,
  DEBUG_OUTCTL_THIS_CLIENT,
  DEBUG_OUTPUT_DEBUGGEE,
  DEBUG_OUTPUT_ERROR,
  DEBUG_OUTPUT_EXTENSION_WARNING,
  DEBUG_OUTPUT_NORMAL,
  DEBUG_OUTPUT_WARNING,
} from "../generated/constants.ts";
import { IDebugOutputCallbacksWide } from "../generated/debug_output_callbacks.ts";
import { movesProgram } from "../moving_commands.ts";
import type { WasCut } from "./debug_strings.ts";
import type { Lifeline } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";

const ENGINE_TEXT = DEBUG_OUTPUT_NORMAL | DEBUG_OUTPUT_ERROR | DEBUG_OUTPUT_WARNING | DEBUG_OUTPUT_EXTENSION_WARNING;

/** The engine's output callback: keeps apart what the program prints, what the engine says, and the text of a command. */
export class OutputReceiver implements Disposable {
  readonly #objects: EngineObjects;
  readonly #callback: ComCallback<IDebugOutputCallbacksWide>;
  readonly #lifeline: Lifeline;
  #mask = 0;
  #captured: string[] | undefined;

  constructor(
    objects: EngineObjects,
    wasCut: WasCut,
    place: () => EventPlace,
    notify: (event: EngineEvent) => void,
    lifeline: Lifeline,
  ) {
    this.#objects = objects;
    this.#lifeline = lifeline;
    const output = (mask: number, words: string | null): void => {
      const text = words ?? "";
      if ((mask & DEBUG_OUTPUT_DEBUGGEE) !== 0) {
        notify({ type: "output", ...place(), text, ...(wasCut() ? { truncated: true } : {}) });
      } else if (this.#captured) this.#captured.push(text);
      else notify({ type: "engineOutput", ...place(), text });
    };
    const handlers = { Output: output } as unknown as Partial<IDebugOutputCallbacksWide>;
    this.#callback = new ComCallback<IDebugOutputCallbacksWide>(IDebugOutputCallbacksWide, handlers);
    objects.client.SetOutputMask(0);
    objects.client.SetOutputCallbacksWide(this.#callback);
  }

  /** Lets through only what somebody listens to. */
  subscribe(names: ReadonlySet<WantedEvent>): void {
    this.#mask = (names.has("output") ? DEBUG_OUTPUT_DEBUGGEE : 0) | (names.has("engineOutput") ? ENGINE_TEXT : 0);
    this.#objects.client.SetOutputMask(this.#mask);
  }

  /** Runs a debugger command and gives what it printed; throws with what the engine says of one that it refuses. */
  execute(command: string): string {
    const captured: string[] = [];
    this.#captured = captured;
    this.#lifeline.isCommanded = movesProgram(command);
    this.#objects.client.SetOutputMask(this.#mask | ENGINE_TEXT);
    try {
      const flags = DEBUG_EXECUTE_NOT_LOGGED | DEBUG_EXECUTE_NO_REPEAT;
      this.#objects.control.ExecuteWide(DEBUG_OUTCTL_THIS_CLIENT, command, flags);
      return captured.join("");
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      const reason = oneLine(captured.join("")) || "the engine refused";
      throw new EngineError("failed", `Cannot execute "${oneLine(command)}": ${reason}${codeText(error)}`, error);
    } finally {
      this.#captured = undefined;
      this.#lifeline.isCommanded = false;
      this.#objects.client.SetOutputMask(this.#mask);
    }
  }

  /** Takes the callback out of the engine. */
  [Symbol.dispose](): void {
    this.#objects.client.SetOutputCallbacksWide(null);
    this.#callback[Symbol.dispose]();
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
