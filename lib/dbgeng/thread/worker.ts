/**
 * The engine's own thread: a message in, a call of the engine, a message out. Bundled to one string
 * (`generated/worker_source.ts`), since only a worker made from text starts without the right to read files.
 * @module
 */
import { recordFromError } from "../../session/errors.ts";
import { DbgEngine } from "./engine.ts";
import { Lifeline, newSharedWords } from "./lifeline.ts";
import type { EngineMessage, EngineRequest, EngineStart } from "./messages.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<EngineStart | EngineRequest>) => void) | null;
  postMessage(message: EngineMessage): void;
};

let engine: DbgEngine | undefined;
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
    engine = new DbgEngine(shared, (notice) => scope.postMessage({ notice }));
  } else if (engine) scope.postMessage(answer(engine, data));
};
