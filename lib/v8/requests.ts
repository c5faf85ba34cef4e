import type { ProgramRequests, StackFrame, Value } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import { makeReport } from "../session/thread_report.ts";
import { MAIN_THREAD } from "./life.ts";
import type { Evaluation } from "./protocol.ts";
import { addressAt, OWN_SCRIPT } from "./scripts.ts";
import { PAUSE_MILLISECONDS, type Target } from "./target.ts";
import { textOf, valueOf } from "./values.ts";

type Answers = {
  readonly [K in keyof ProgramRequests]: (
    target: Target,
    ...values: Parameters<ProgramRequests[K]>
  ) => Promise<ReturnType<ProgramRequests[K]>>;
};

const ANSWERS: Answers = {
  threads: () => Promise.resolve([{ threadId: MAIN_THREAD }]),
  modules: (target) => Promise.resolve(target.scripts.list()),
  stack: (target, frames) => Promise.resolve(stackOf(target).slice(0, frames)),
  evaluate: async (target, expression): Promise<Value> => valueOf(target.client, await evaluate(target, expression)),
  execute: async (target, command) => ({ text: textOf(await evaluate(target, command)), moved: false }),
  report: (target, request) =>
    Promise.resolve(makeReport(request, {
      stack: (frames) => stackOf(target).slice(0, frames),
      registers: () => {
        throw refusal("read registers");
      },
      modules: () => target.scripts.list(),
      threads: () => [{ threadId: MAIN_THREAD }],
    })),
  registers: () => refuse("read registers"),
  writeRegister: () => refuse("write a register"),
  read: () => refuse("read memory"),
  write: () => refuse("write memory"),
  nameAt: () => refuse("look up an address"),
  addressOf: () => refuse("look up a symbol"),
  variable: () => refuse("look up a variable"),
  type: () => refuse("look up a type"),
  locals: () => refuse("read locals"),
  breakpoints: () => refuse("set a breakpoint"),
  sourceLines: () => refuse("look up a source line"),
  position: () => refuse("look up where a thread is: stack() tells"),
  step: () => refuse("step a thread: an answer of a handler does"),
  writeDump: () => refuse("write a dump"),
};

/** Answers a question about a program. */
export async function answerRequest<K extends keyof ProgramRequests>(
  target: Target,
  threadId: number | undefined,
  name: K,
  values: Parameters<ProgramRequests[K]>,
): Promise<ReturnType<ProgramRequests[K]>> {
  if (threadId !== undefined && threadId !== MAIN_THREAD) {
    throw new EngineError("failed", `Cannot look at thread ${threadId}: a script runtime has one, ${MAIN_THREAD}`);
  }
  return await ANSWERS[name](target, ...values);
}

function stackOf({ pause, scripts }: Target): StackFrame[] {
  const frames = pause?.callFrames ?? [];
  return frames.map(({ functionName, location }, index) => {
    const caller = frames[index + 1];
    return {
      address: addressAt(location),
      returnAddress: caller ? addressAt(caller.location) : 0n,
      frameAddress: 0n,
      stackAddress: 0n,
      symbol: functionName || null,
      displacement: 0n,
      file: scripts.nameOf(location.scriptId) ?? null,
      line: location.lineNumber + 1,
    };
  });
}

async function evaluate({ client, pause }: Target, text: string): Promise<Evaluation> {
  const expression = `${text}\n//# sourceURL=${OWN_SCRIPT}`;
  const options = { expression, silent: true, generatePreview: true };
  const frame = pause?.callFrames[0];
  if (frame) {
    return await client.call<Evaluation>("Debugger.evaluateOnCallFrame", {
      ...options,
      callFrameId: frame.callFrameId,
    });
  }
  return await client.call<Evaluation>(
    "Runtime.evaluate",
    { ...options, disableBreaks: true },
    PAUSE_MILLISECONDS,
  );
}

function refuse(what: string): Promise<never> {
  return Promise.reject(refusal(what));
}

function refusal(what: string): EngineError {
  const text = `Cannot ${what}: a script runtime has none to show; evaluate expressions instead`;
  return new EngineError("not-supported", text);
}
