import type { EngineEvent, EngineInfo, EngineOptions } from "../../session/engine.ts";
import { EventReceiver } from "./events.ts";
import { InputReceiver } from "./input.ts";
import { leaseEngine } from "./lease.ts";
import { Lifeline, type SharedWords } from "./lifeline.ts";
import { EngineObjects } from "./objects.ts";
import { OutputReceiver } from "./output.ts";
import { RunLoop } from "./run.ts";

/** Everything that exists while the engine is open. */
export interface OpenEngine extends Disposable {
  readonly info: EngineInfo;
  readonly objects: EngineObjects;
  readonly events: EventReceiver;
  readonly input: InputReceiver;
  readonly output: OutputReceiver;
  readonly loop: RunLoop;
}

/** Loads the engine and makes what watches it. Its disposal takes all of that away again. */
export function openEngine(
  options: EngineOptions,
  shared: SharedWords,
  notify: (event: EngineEvent) => void,
  patience: number,
): OpenEngine {
  using stack = new DisposableStack();
  const { engine, handle } = stack.use(leaseEngine(options.engine));
  const lifeline = new Lifeline(shared);
  lifeline.lease = Number(handle);
  stack.defer(() => lifeline.lease = 0); // before the handle is another's
  const objects = stack.use(new EngineObjects(engine, options.symbolPath ?? ""));
  const events = stack.use(new EventReceiver(objects, shared));
  const output = stack.use(new OutputReceiver(objects, engine.wasCut, () => events.place(), notify, lifeline));
  const input = stack.use(new InputReceiver(objects));
  const loop = new RunLoop(objects, events, lifeline, patience);
  const owned = stack.move();
  const dispose = (): void => owned[Symbol.dispose]();
  return { info: engine.info, objects, events, input, output, loop, [Symbol.dispose]: dispose };
}
