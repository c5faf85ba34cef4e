import type { DebugEngine, EngineReport, EventCallback, ProgramRequest, StopReport } from "../session/contract.ts";
import type { EngineEventName, EngineInfo } from "../session/engine.ts";
import { AttachError, EngineError } from "../session/errors.ts";
import type { ExecutionStatus } from "../session/status.ts";
import { hostOf, runtimeAt } from "./discovery.ts";
import { letGo, letGoNow } from "./leaving.ts";
import { type Beginning, ProgramLife } from "./life.ts";
import { answerRequest } from "./requests.ts";
import type { Evaluation } from "./protocol.ts";
import type { Target } from "./target.ts";

/** The engine's kind. */
export const V8_ENGINE_ID = "v8";

/** The debug engine inside a Node or Deno program: one for each program, spoken to through its inspector. */
export class V8Engine implements DebugEngine {
  readonly id = V8_ENGINE_ID;
  readonly request: ProgramRequest;
  readonly #target: Target;
  readonly #beginning: Beginning;
  readonly #callback: EventCallback;
  readonly #life: ProgramLife;
  readonly #steps: ReturnType<ProgramLife["steps"]>;
  #instrumentation: string | undefined;
  #isRunning = false;
  #isOver = false;
  #isKilled = false;

  /** For a target whose debugger is on. Not for users: {@linkcode InspectorProgram} makes it. */
  constructor(target: Target, beginning: Beginning, callback: EventCallback) {
    this.#target = target;
    this.#beginning = beginning;
    this.#callback = callback;
    this.#life = new ProgramLife(target, beginning);
    this.#steps = this.#life.steps();
    this.request = async (programId, threadId, name, ...values) => {
      this.#check(programId);
      return await answerRequest(target, threadId, name, values);
    };
  }

  /** The runtime's name and version. */
  async info(): Promise<EngineInfo> {
    const version = await runtimeAt(hostOf(this.#target.client.url)).catch(() => "");
    return { folder: "", source: "inspector", version, architecture: await this.#architecture(), files: [] };
  }

  /** Exceptions and scripts stop the program only where they are asked for. */
  async subscribe(names: readonly EngineEventName[]): Promise<void> {
    const wanted = new Set(names);
    const had = this.#life.wanted;
    this.#life.wanted = wanted;
    if (this.#isOver || this.#target.isOver) return;
    if (wanted.has("exception") !== had.has("exception")) {
      const state = wanted.has("exception") ? "all" : "none";
      await this.#tell("Debugger.setPauseOnExceptions", { state });
    }
    if (wanted.has("loadModule") !== had.has("loadModule")) await this.#holdScripts(wanted.has("loadModule"));
  }

  /** Refused: the engine is inside its program, whose node attaches. */
  attach(): Promise<void> {
    const text = "Cannot attach: an engine inside a program attaches by itself; use the program's node";
    return Promise.reject(new AttachError("not-supported", text));
  }

  /** Lets the program go on until something stops it. */
  async run(status: ExecutionStatus): Promise<StopReport> {
    if (this.#isRunning) throw new EngineError("failed", "Cannot run the program: it runs already");
    if (this.#isOver) return { kind: "ended" };
    this.#isRunning = true;
    try {
      return await this.#advance(status);
    } finally {
      this.#isRunning = false;
      this.#life.interrupt.clear();
    }
  }

  /** Stops the running program. */
  causeBreak(): void {
    if (this.#isRunning) this.#life.interrupt.ask();
  }

  /** Lets the stopped program go. */
  async release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void> {
    this.#check(programId);
    if (how === "abandon") {
      const text = "Cannot abandon the program: without a debugger a script runtime runs on; detach instead";
      throw new EngineError("not-supported", text);
    }
    const reason = await letGo(this.#target, this.#beginning.child, how);
    this.#isOver = true;
    await this.#callback({ type: "programDestroy", programId, end: { reason } });
  }

  /** Lets the program go without waiting for anything. */
  leaveNow(departures: readonly { readonly programId: string; readonly how: "detach" | "terminate" }[]): void {
    const departure = departures.find(({ programId }) => programId === this.#beginning.programId);
    if (!departure || this.#isOver) return;
    this.#isOver = true;
    this.#isKilled = departure.how === "terminate";
    letGoNow(this.#target, this.#beginning.child, departure.how);
  }

  /** Closes the connection; a program that was not let go is let go as it came. */
  async dispose(): Promise<void> {
    const { child } = this.#beginning;
    if (!this.#isOver) await letGo(this.#target, child, child ? "terminate" : "detach").catch(() => {});
    if (this.#isKilled) await child?.endedWithin();
    this.#isOver = true;
    this.#life.interrupt.clear();
    await this.#target.client.close();
  }

  async #advance(status: ExecutionStatus): Promise<StopReport> {
    let answer = status;
    for (;;) {
      const step = await this.#steps.next(answer);
      if (step.done) break;
      if ("stop" in step.value) return step.value.stop;
      const { report } = step.value;
      answer = await this.#callback(report);
      if (this.#isOver) break;
      if (answer === "break" && canHold(report)) {
        await this.#target.hold();
        return { kind: "held" };
      }
    }
    this.#isOver = true;
    return { kind: "ended" };
  }

  async #holdScripts(isWanted: boolean): Promise<void> {
    if (isWanted) {
      const parameters = { instrumentation: "beforeScriptExecution" };
      const answer = await this.#tell<{ breakpointId: string }>("Debugger.setInstrumentationBreakpoint", parameters);
      this.#instrumentation = answer?.breakpointId;
    } else if (this.#instrumentation) {
      await this.#tell("Debugger.removeBreakpoint", { breakpointId: this.#instrumentation });
    }
  }

  /** Sets something; a program that is busy takes note of it later, one that has ended does not need to. */
  async #tell<T>(method: string, parameters: object): Promise<T | undefined> {
    try {
      return await this.#target.client.call<T>(method, parameters, 1000);
    } catch {
      return undefined;
    }
  }

  async #architecture(): Promise<string> {
    const expression = "globalThis.Deno?.build.arch ?? globalThis.process?.arch ?? ''";
    const parameters = { expression, silent: true, disableBreaks: true };
    return String((await this.#tell<Evaluation>("Runtime.evaluate", parameters))?.result.value ?? "");
  }

  #check(programId: string): void {
    if (programId === this.#beginning.programId && !this.#isOver) return;
    throw new EngineError("failed", `Cannot reach program ${programId}: this engine does not debug it any more`);
  }
}

/** Whether an answer can hold a program at an event: not at output, and there is nothing to hold behind its end. */
function canHold({ type }: EngineReport): boolean {
  return type !== "output" && type !== "programDestroy";
}
