import { ComCallback } from "../../com/com_callback.ts";
import { HresultError } from "../../com/hresult.ts";
import type { EngineEvent, EventPlace, WantedEvent } from "../../session/engine.ts";
import { codeText, EngineError } from "../../session/errors.ts";
import {
  DEBUG_EXECUTE_NO_REPEAT,
  DEBUG_EXECUTE_NOT_LOGGED,
  DEBUG_INTERRUPT_ACTIVE,
  DEBUG_OUTCTL_THIS_CLIENT,
  DEBUG_OUTPUT_DEBUGGEE,
  DEBUG_OUTPUT_ERROR,
  DEBUG_OUTPUT_EXTENSION_WARNING,
  DEBUG_OUTPUT_NORMAL,
  DEBUG_OUTPUT_WARNING,
} from "../generated/constants.ts";
import { IDebugOutputCallbacksWide } from "../generated/debug_output_callbacks.ts";
import { movesProgram } from "../moving_commands.ts";
import { besideOwn } from "./breakpoints.ts";
import type { WasCut } from "./debug_strings.ts";
import type { Lifeline } from "./lifeline.ts";
import type { EngineObjects } from "./objects.ts";

const ENGINE_TEXT = DEBUG_OUTPUT_NORMAL | DEBUG_OUTPUT_ERROR | DEBUG_OUTPUT_WARNING | DEBUG_OUTPUT_EXTENSION_WARNING;

/** What one command may print, in characters: an answer that crosses a stream has no room for much more. */
export const MAX_PRINTED = 8_000_000;
const TOO_MUCH = `it printed more than ${MAX_PRINTED.toLocaleString("en-US")} characters; ask for less at a time`;

/** So many pieces become one: each costs more than its text. */
const PIECES = 1_000;

/** What a command has printed. */
class Printed {
  readonly #texts: string[] = [];
  readonly #pieces: string[] = [];
  #length = 0;

  /** Keeps another piece; false when that is too much. */
  add(piece: string): boolean {
    this.#length += piece.length;
    if (this.isTooMuch) return false;
    if (this.#pieces.push(piece) >= PIECES) this.#texts.push(this.#pieces.splice(0).join(""));
    return true;
  }

  get isTooMuch(): boolean {
    return this.#length > MAX_PRINTED;
  }

  get text(): string {
    return [...this.#texts, ...this.#pieces].join("");
  }
}

/** The engine's output callback: keeps apart what the program prints, what the engine says, and the text of a command. */
export class OutputReceiver implements Disposable {
  readonly #objects: EngineObjects;
  readonly #callback: ComCallback<IDebugOutputCallbacksWide>;
  readonly #lifeline: Lifeline;
  #mask = 0;
  #printed: Printed | undefined;

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
      } else if (this.#printed) this.#keep(this.#printed, text);
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
    const printed = this.#printed = new Printed();
    const runs = movesProgram(command);
    this.#lifeline.isCommanded = runs;
    this.#objects.client.SetOutputMask(this.#mask | ENGINE_TEXT);
    try {
      const flags = DEBUG_EXECUTE_NOT_LOGGED | DEBUG_EXECUTE_NO_REPEAT;
      besideOwn(this.#objects, runs, () => {
        this.#objects.control.ExecuteWide(DEBUG_OUTCTL_THIS_CLIENT, command, flags);
      });
    } catch (error) {
      if (!(error instanceof HresultError)) throw error;
      if (!printed.isTooMuch) throw cannotExecute(command, oneLine(printed.text) || "the engine refused", error);
    } finally {
      this.#printed = undefined;
      this.#lifeline.isCommanded = false;
      this.#objects.client.SetOutputMask(this.#mask);
    }
    if (!printed.isTooMuch) return printed.text;
    this.#objects.control.GetInterrupt(); // one that the command did not take would break off the next
    throw cannotExecute(command, TOO_MUCH);
  }

  /** Keeps what a command prints, and breaks one off that prints too much; again and again, for each part of it takes one. */
  #keep(printed: Printed, text: string): void {
    if (!printed.add(text)) this.#objects.control.SetInterrupt(DEBUG_INTERRUPT_ACTIVE);
  }

  /** Takes the callback out of the engine. */
  [Symbol.dispose](): void {
    this.#objects.client.SetOutputCallbacksWide(null);
    this.#callback[Symbol.dispose]();
  }
}

function cannotExecute(command: string, reason: string, error?: HresultError): EngineError {
  const code = error ? codeText(error) : "";
  return new EngineError("failed", `Cannot execute "${oneLine(command)}": ${reason}${code}`, error);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
