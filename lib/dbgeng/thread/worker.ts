/**
 * The engine's own thread: a message in, a call of the engine, a message out. Bundled to one string
 * (`generated/worker_source.ts`), since only a worker made from text starts without the right to read files.
 * @module
 */
import { recordFromError } from "../../session/errors.ts";
import { EngineBorder } from "./border.ts";
import { DbgEngine } from "./engine.ts";
import { Lifeline, newSharedWords } from "./lifeline.ts";
import type { EngineMessage, EngineRequest, EngineStart } from "./messages.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<EngineStart | EngineRequest>) => void) | null;
  postMessage(message: EngineMessage): void;
};

let engine: DbgEngine | undefined;
let border: EngineBorder | undefined;
let shared = newSharedWords();
let lifeline = new Lifeline(shared);

function answer(target: DbgEngine, { id, name, values }: EngineRequest): EngineMessage {
  try {
    lifeline.enter();
    const value = (target[name] as (...values: unknown[]) => unknown).apply(target, [...values]);
    return name === "open" ? { id, value, pointer: target.interruptPointer } : { id, value };
  } catch (error) {
    return { id, error: recordFromError(target.failure(error)) };
  } finally {
    lifeline.leave();
    if (name === "leave") {
      Atomics.store(shared, 1, 1);
      Atomics.notify(shared, 1);
    }
  }
}

scope.onmessage = ({ data }) => {
  if ("shared" in data) {
    shared = data.shared;
    lifeline = new Lifeline(shared);
    const own = border = new EngineBorder(data.doors, (message) => scope.postMessage(message));
    engine = new DbgEngine(shared, (notice) => own.notify({ notice }));
  } else if (engine && border) {
    border.saw();
    for (let request: EngineRequest | undefined = data; request; request = border.next()) {
      border.answer(answer(engine, request));
    }
  }
};
