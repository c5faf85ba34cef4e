import type { Architecture } from "../session/architecture.ts";
import type { AttachReason, EngineReport, ProgramEnd, StopReport } from "../session/contract.ts";
import type { EngineEventName, EventPlace, ModuleInfo } from "../session/engine.ts";
import type { ExecutionStatus } from "../session/status.ts";
import type { RunningChild } from "./launch.ts";
import { Interrupt } from "./interrupt.ts";
import { causeOf, isStart } from "./pauses.ts";
import type { ExceptionDetails, Pause } from "./protocol.ts";
import { addressAt, hasScript, namedModule, programName } from "./scripts.ts";
import type { Occurrence, Target } from "./target.ts";
import { answers, architectureOf, realProcessId } from "./discovery.ts";
import { consoleText, exceptionName } from "./values.ts";

/** The one thread of a script runtime that is debugged. */
export const MAIN_THREAD = 1;

/** How long a child whose connection is gone may take to end. */
const END_MILLISECONDS = 5000;

/** Addresses with less between them are on one line. */
const LINE = 1n << 20n;

/** What comes next in a program's life: something to tell, answered with how it goes on, or a reason to stop. */
export type Step = { readonly report: EngineReport } | { readonly stop: StopReport };

type Steps = AsyncGenerator<Step, void, ExecutionStatus>;

/** How a program came. */
export interface Beginning {
  readonly programId: string;
  readonly processId: number;
  readonly name: string;
  readonly reason: AttachReason;
  readonly initialBreak: boolean;
  /** If we launched it. */
  readonly child: RunningChild | undefined;
}

/** A program from the moment at which its debugger is on to its end, as a sequence of steps. */
export class ProgramLife {
  readonly interrupt: Interrupt;
  /** Which events are asked for. */
  wanted: ReadonlySet<EngineEventName> = new Set();
  readonly #target: Target;
  readonly #beginning: Beginning;
  #place: EventPlace & { readonly programId: string };
  #architecture: Architecture | undefined;
  #isEnded = false;
  #lastThrown: { readonly name: string; readonly address: bigint } | undefined;

  /** For a target whose debugger is on. */
  constructor(target: Target, beginning: Beginning) {
    this.#target = target;
    this.#beginning = beginning;
    this.#place = { programId: beginning.programId, processId: beginning.processId, threadId: MAIN_THREAD };
    this.interrupt = new Interrupt(target);
  }

  /** All that happens. Each step is answered with how the program goes on. */
  async *steps(): Steps {
    const isRunning = await this.#begin();
    await this.#askProcess();
    yield* this.#tellBeginning(isRunning);
    while (!this.#isEnded) yield* this.#tell(await this.#target.next());
  }

  /** Brings a launched program to its first statement and breaks into an attached one; whether it runs instead. */
  async #begin(): Promise<boolean> {
    const target = this.#target;
    const { child, initialBreak } = this.#beginning;
    if (child) {
      await this.#beginLaunched();
    } else if (initialBreak) {
      if (!target.isWaitingForDebugger) target.askPause();
      await target.beginPaused(3000);
    } else {
      await target.beginPaused(target.isWaitingForDebugger ? 3000 : 300);
      if (target.pause && isStart(target.pause)) target.acknowledgePause();
      target.resume("go");
      return true;
    }
    if (target.pause?.reason === "other") target.takePauseAsked();
    target.acknowledgePause();
    return false;
  }

  /** The runtime may throw before it comes to the program, for example of a syntax error: that is none of its events. */
  async #beginLaunched(): Promise<void> {
    const target = this.#target;
    for (;;) {
      await target.beginPaused();
      if (!target.pause || isStart(target.pause)) return;
      target.acknowledgePause();
      target.resume("go");
    }
  }

  #isInUserCode({ callFrames }: Pause): boolean {
    return callFrames.some(({ location }) => this.#target.scripts.has(location.scriptId));
  }

  async #askProcess(): Promise<void> {
    const { client } = this.#target;
    this.#place = { ...this.#place, processId: await realProcessId(client, this.#place.processId) };
    this.#architecture = await architectureOf(client);
  }

  async *#tellBeginning(isRunning: boolean): Steps {
    const { programId, processId, threadId } = this.#place;
    const { reason, name } = this.#beginning;
    const image = this.#mainModule();
    const told = this.#architecture ? { architecture: this.#architecture } : {};
    yield { report: { type: "createProcess", ...this.#place, module: image, startAddress: image.base, ...told } };
    yield { report: { type: "programCreate", programId, processId, threadId, name, image, ...told } };
    yield* this.#tellModules();
    // A program that ends before its first statement, of a syntax error for example, never is complete.
    if (this.#target.isOver) return;
    let status = yield { report: { type: "loadComplete", programId, threadId, running: isRunning } };
    if (reason === "launch") status = yield { report: { type: "entryPoint", programId, threadId } };
    yield* this.#goOn(status);
  }

  #mainModule(): ModuleInfo {
    const { url } = this.#target.listed;
    if (!hasScript(url)) return namedModule(programName(this.#target.listed));
    return this.#target.scripts.byUrl(url) ?? namedModule(url);
  }

  async *#tellModules(): Steps {
    for (const module of this.#target.scripts.takeUnreported()) {
      if (this.wanted.has("loadModule")) yield { report: { type: "loadModule", ...this.#place, module } };
    }
  }

  async *#tell(occurrence: Occurrence): Steps {
    switch (occurrence.kind) {
      case "output": {
        const text = consoleText(occurrence.call.args);
        if (this.wanted.has("output")) yield { report: { type: "output", ...this.#place, text } };
        return;
      }
      case "thrown":
        yield* this.#tellSecondChance(occurrence.details);
        return;
      case "paused":
        yield* this.#tellPause(occurrence.pause);
        return;
      case "unanswered":
        if (this.interrupt.isWanted) yield this.#stop("interrupt");
        return;
      default:
        yield* this.#tellModules();
        yield* this.#tellEnd();
    }
  }

  async *#tellPause(pause: Pause): Steps {
    const cause = await causeOf(this.#target.client, pause);
    yield* this.#tellModules();
    if (cause.kind === "asked" || cause.kind === "step") {
      yield* this.#tellBreak(cause.kind);
      return;
    }
    let status: ExecutionStatus = "go";
    const address = addressAt(pause.callFrames[0]?.location ?? { scriptId: "0", lineNumber: 0 });
    if (cause.kind === "exception" && this.wanted.has("exception") && this.#isInUserCode(pause)) {
      this.#lastThrown = { name: exceptionName(cause.exception), address };
      status = yield this.#exception(this.#lastThrown.name, address, true);
    } else if (cause.kind === "breakpoint") {
      status = yield { report: { type: "breakpoint", ...this.#place, id: 0, address } };
    }
    yield* this.#goOn(status);
  }

  /** A pause that we asked for, even if nobody wants it any more, or the end of a step, or somebody else's pause. */
  async *#tellBreak(kind: "asked" | "step"): Steps {
    const isOurs = kind === "asked" && this.#target.takePauseAsked();
    let status: ExecutionStatus = "go";
    if (this.interrupt.isWanted) status = yield this.#stop("interrupt");
    else if (!isOurs) status = yield this.#stop("break");
    this.#target.resume(status);
  }

  async *#tellSecondChance({ exception, stackTrace, scriptId, ...place }: ExceptionDetails): Steps {
    if (!this.wanted.has("exception")) return;
    const address = addressAt(stackTrace?.callFrames[0] ?? { ...place, scriptId: scriptId ?? "0" });
    // Deno does not say what was thrown: of the same line it is what was seen there at its first chance.
    const isSame = !exception && this.#lastThrown && (this.#lastThrown.address ^ address) < LINE;
    const name = isSame && this.#lastThrown ? this.#lastThrown.name : exceptionName(exception);
    yield* this.#answered(this.#exception(name, address, false));
  }

  async *#tellEnd(): Steps {
    this.#isEnded = true;
    const { child } = this.#beginning;
    const { client, hasEnded } = this.#target;
    let end: ProgramEnd = { reason: "exited" };
    if (child) {
      await client.close();
      const status = await child.endedWithin(hasEnded ? undefined : END_MILLISECONDS);
      end = status ? { reason: "exited", exitCode: status.code } : { reason: "lost" };
      if (!status) child.leave();
    } else if (!hasEnded && await answers(client.url)) {
      end = { reason: "lost" };
    }
    if (end.reason === "exited") {
      // Of a program that we did not launch the exit code is not to be had.
      yield { report: { type: "exitProcess", ...this.#place, exitCode: end.exitCode ?? 0 } };
    }
    await client.close();
    yield { report: { type: "programDestroy", programId: this.#place.programId, end } };
  }

  /** Goes on after a step, unless a break was asked for meanwhile. */
  async *#goOn(answer: ExecutionStatus): Steps {
    let status = answer;
    if (this.interrupt.isWanted && this.#target.pause) status = yield this.#stop("interrupt");
    this.#target.resume(status);
  }

  async *#answered(step: Step): Steps {
    const status = yield step;
    yield* this.#goOn(status);
  }

  #exception(name: string, address: bigint, firstChance: boolean): Step {
    return {
      report: { type: "exception", ...this.#place, code: 0, name, firstChance, address, flags: 0, parameters: [] },
    };
  }

  #stop(kind: "interrupt" | "break"): Step {
    return { stop: { kind, programId: this.#place.programId, threadId: MAIN_THREAD } };
  }
}
