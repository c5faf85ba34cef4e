/** Steps of one thread, by instructions and by source lines. */
import { requireOneOf, requireOptions } from "./arguments.ts";
import { EngineError, StateError } from "./errors.ts";
import type { StackFrame } from "./engine.ts";
import type { EventName } from "./events.ts";
import type { OwnRequest } from "./memory.ts";
import type { SourceLine, SourcePlace } from "./source_lines.ts";
import type { StepKind } from "./status.ts";

/** How far a step goes. */
export interface StepOptions {
  /** `instruction`: one of the processor's. `line`: to where another source line begins. @default {"instruction"} */
  readonly unit?: "instruction" | "line";
}

/** Why a step came back: it is over (`step`), or the programs have stopped for something else before that. */
export interface StepEnd {
  /** `step`, or as {@linkcode Stop} has it. */
  readonly reason: "step" | "event" | "interrupt" | "break" | "ended";
  /** Where the thread is then; undefined where it has gone. */
  readonly frame: StackFrame | undefined;
  /** The event, if that is the reason: what handlers were told, and nobody answered with `go`. */
  readonly event?: { readonly type: EventName; readonly threadId: number };
}

/** What the programs have stopped for, as far as it matters here. */
export type StepStop =
  | { readonly reason: "event"; readonly event: { readonly type: EventName; readonly threadId: number } }
  | { readonly reason: "interrupt" | "break"; readonly threadId: number }
  | { readonly reason: "ended" };

/** A thread that is stepped. */
export interface Stepper {
  /** Its id. */
  readonly threadId: number;
  /** Whose programs run while it is stepped, all together. */
  readonly session: object;
  /** Asks about it. */
  readonly request: OwnRequest;
  /** Has it carry out one step, and waits for the next stop. */
  move(kind: StepKind): Promise<StepStop>;
  /** Lets the programs run until it comes to a place, or to the next stop; gives that, or undefined when it has come there. */
  runTo(place: string | bigint | SourcePlace): Promise<StepStop | undefined>;
}

/** What symbols give for code that is no line of a source: lines from here on. */
const HIDDEN_LINES = 0xf0_0000;

/** Carries out one step. */
export async function takeStep(stepper: Stepper, kind: StepKind, options: StepOptions): Promise<StepEnd> {
  requireOptions("Cannot step", options);
  const { unit = "instruction" } = options;
  requireOneOf("Cannot step", "unit", unit, ["instruction", "line"]);
  return await alone(stepper, () => unit === "line" ? toLine(stepper, kind) : one(stepper, kind));
}

/** Goes on until the thread comes to a place. */
export async function runTo(stepper: Stepper, place: string | bigint | SourcePlace): Promise<StepEnd> {
  return await alone(stepper, async () => {
    const stop = await stepper.runTo(place);
    return stop ? await toldOf(stepper, stop) : await over(stepper);
  });
}

/** The sessions in which a step is under way. */
const stepping = new WeakSet<object>();

/** Two steps at once would both end at the first one's stop, and one of them would never have been. */
async function alone({ session }: Stepper, step: () => Promise<StepEnd>): Promise<StepEnd> {
  if (stepping.has(session)) {
    throw new StateError("running", "Cannot step: another step is under way; await that first");
  }
  stepping.add(session);
  try {
    return await step();
  } finally {
    stepping.delete(session);
  }
}

/**
 * Steps up to where another source line begins, or a function that has lines: never into the middle of one, so that behind a call the rest of
 * the caller's line is passed. Functions without lines are left again. From where nothing is known of lines it is one instruction.
 */
async function toLine(stepper: Stepper, kind: StepKind): Promise<StepEnd> {
  let { line: current } = await stepper.request("position");
  for (let next = kind;;) {
    const stop = await stepper.move(next);
    if (!isEnd(stepper, stop)) return await toldOf(stepper, stop);
    const { address, line, isEntry } = await stepper.request("position");
    const begins = line?.address === address && line.line < HIDDEN_LINES && (isEntry || !isSame(line, current));
    if (begins || !current) return await over(stepper);
    if (line && line.address !== address) current = line; // behind a call, or behind its own function
    next = line ? kind : "out";
  }
}

async function one(stepper: Stepper, kind: StepKind): Promise<StepEnd> {
  const stop = await stepper.move(kind);
  return isEnd(stepper, stop) ? await over(stepper) : await toldOf(stepper, stop);
}

function isEnd({ threadId }: Stepper, stop: StepStop): boolean {
  return stop.reason === "break" && stop.threadId === threadId;
}

async function over(stepper: Stepper): Promise<StepEnd> {
  return { reason: "step", frame: await frameOf(stepper) };
}

async function toldOf(stepper: Stepper, stop: StepStop): Promise<StepEnd> {
  if (stop.reason === "ended") return { reason: "ended", frame: undefined };
  const frame = await frameOf(stepper).catch(() => undefined); // the thread may be what has ended
  return stop.reason === "event" ? { reason: "event", frame, event: stop.event } : { reason: stop.reason, frame };
}

async function frameOf({ request, threadId }: Stepper): Promise<StackFrame> {
  const [frame] = await request("stack", 1);
  if (frame) return frame;
  throw new EngineError("failed", `Cannot step thread ${threadId}: nothing is told of where it is`);
}

function isSame(one: SourceLine, other: SourceLine | null): boolean {
  return one.line === other?.line && one.file === other.file;
}
