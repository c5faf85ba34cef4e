import type { AttachCall, PortHost, PortProgram, ProgramEnd } from "../session/contract.ts";
import type { EngineConnection, EngineInput } from "./engine_api.ts";
import type { EngineEvent, EventPlace } from "../session/engine.ts";
import { StateError } from "../session/errors.ts";
import { Feeding } from "../session/input.ts";
import type { ExecutionStatus } from "../session/status.ts";

/** A program of this engine: which process it is, and whom to tell. */
interface NativeProgram {
  readonly id: string;
  readonly processId: number;
  readonly call: AttachCall;
  /** Tells of its programCreate, once. */
  create(): Promise<ExecutionStatus>;
  isLoaded: boolean;
  readonly feeding: Feeding | undefined;
}

const ENDS: Readonly<Record<"detach" | "terminate" | "abandon", ProgramEnd>> = {
  detach: { reason: "detached" },
  terminate: { reason: "terminated" },
  abandon: { reason: "abandoned" },
};

/** A program that was asked for. */
interface Expected {
  readonly program: PortProgram;
  readonly call: AttachCall;
  /** What its standard input is written to, if it is given one. */
  readonly input: EngineInput | undefined;
}

/** A program that is still there after it: its input goes on as long as the session. */
const RUNS_ON: Partial<Record<ProgramEnd["reason"], true>> = { detached: true, abandoned: true };

const THREAD_ENDED =
  "the thread of its last event was ended from outside, and the engine cannot go on with it; attach again";

/** The programs of the engine by process: finds whose an event is, and tells of it and of what it means for the program's life. */
export class NativePrograms {
  readonly #requests: Pick<EngineConnection, "call">;
  readonly #host: PortHost;
  readonly #byProcess = new Map<number, NativeProgram>();
  /** Whom to tell of the children of each process, also of one that has ended: a child may come up after that. */
  readonly #callsOf = new Map<number, AttachCall>();
  /** A launched program that is loaded and has not run yet. */
  #starting: NativeProgram | undefined;
  /** What was asked for and has not come up yet. */
  #expected: Expected | undefined;
  /** Also those of programs that were let go and run on. */
  readonly #feedings = new Set<Feeding>();

  constructor(requests: Pick<EngineConnection, "call">, host: PortHost) {
    this.#requests = requests;
    this.#host = host;
  }

  /** Whether a program is there, or is to come. */
  get any(): boolean {
    return this.#byProcess.size > 0 || this.#expected !== undefined;
  }

  /** A program was asked for: the next that comes up without a parent. */
  expect(program: PortProgram, call: AttachCall, input: EngineInput | undefined): void {
    this.#expected = { program, call, input };
  }

  /** No program gets any more input. */
  starve(): void {
    this.#expected?.input?.close();
    for (const feeding of this.#feedings) feeding.stop();
    this.#feedings.clear();
  }

  /** What was asked for has failed; the engine has let go of it, if it was there already. */
  async failed(): Promise<void> {
    this.#expected?.input?.close();
    this.#expected = undefined;
    for (const program of [...this.#byProcess.values()]) {
      if (!program.isLoaded && program.call.reason !== "auto") await this.#destroy(program, { reason: "lost" });
    }
  }

  /** The program in a process. */
  idOf(processId: number): string | undefined {
    return this.#byProcess.get(processId)?.id;
  }

  /** The process of a program. */
  processOf(programId: string): number {
    return this.#find(programId).processId;
  }

  /** An event that holds nothing. */
  notice(event: EngineEvent): void {
    const program = this.#byProcess.get(event.processId);
    program?.call.callback(Object.assign(event, { programId: program.id }));
  }

  /** Tells of an event; those of processes that are not debugged any more are passed over. */
  async tell(event: EngineEvent): Promise<ExecutionStatus> {
    if (event.type === "createProcess") return await this.#create(event);
    const program = this.#byProcess.get(event.processId);
    if (!program) return event.type === "exception" ? "goNotHandled" : "go";
    // Not copied: there may be very many, and this one is nobody else's.
    const answer = await program.call.callback(Object.assign(event, { programId: program.id }));
    if (event.type === "exitProcess") {
      const { exitCode, cause } = event;
      await this.#destroy(program, { reason: "exited", exitCode, ...(cause === undefined ? {} : { cause }) });
    }
    return answer;
  }

  async #create(event: EngineEvent & { type: "createProcess" }): Promise<ExecutionStatus> {
    const program = this.#accept(event);
    const { id, processId, call } = program;
    const isHere = (): boolean => this.#byProcess.get(processId) === program;
    const answers = [await call.callback({ programId: id, ...event }), await program.create()];
    if (isHere() && event.letGo) await this.release(id, "detach");
    if (!isHere()) return "go";
    if (!this.#breaksIn(program)) {
      program.isLoaded = true;
      const running = call.request.initialBreak === false || call.request.noninvasive === "noSuspend";
      answers.push(await call.callback({ type: "loadComplete", programId: id, threadId: event.threadId, running }));
    }
    return answers.includes("break") ? "break" : "go";
  }

  /** The program that a new process is: the one that was asked for, or a child. */
  #accept(event: EngineEvent & { type: "createProcess" }): NativeProgram {
    const { processId, threadId, parentId, module: image, architecture } = event;
    const expected = parentId === undefined ? this.#expected : undefined;
    if (expected) this.#expected = undefined;
    const call = expected?.call ?? this.#callOfChild(parentId);
    const id = expected?.program.id ?? this.#host.newProgramId();
    const name = image.imageName.split(/[\\/]/).at(-1) || image.name;
    let created: Promise<ExecutionStatus> | undefined;
    const told = { programId: id, processId, threadId, name, image, ...(architecture ? { architecture } : {}) };
    const create = (): Promise<ExecutionStatus> => created ??= call.callback({ type: "programCreate", ...told });
    const feeding = expected && this.#feed(expected);
    const program: NativeProgram = { id, processId, call, create, isLoaded: false, feeding };
    this.#byProcess.set(processId, program);
    this.#callsOf.set(processId, call);
    return program;
  }

  #feed({ program: { launch }, input }: Expected): Feeding | undefined {
    if (!launch?.input || !input) return undefined;
    const feeding = new Feeding(launch.input.source, input, launch.input.onError);
    this.#feedings.add(feeding);
    return feeding;
  }

  #callOfChild(parentId: number | undefined): AttachCall {
    const call = parentId === undefined ? undefined : this.#callsOf.get(parentId);
    if (!call) throw new StateError("no-program", "A process came up that nobody asked for");
    return { ...call, reason: "auto" };
  }

  /** Whether Windows brings it to a break when all that it begins with is loaded. */
  #breaksIn({ call: { reason, request } }: NativeProgram): boolean {
    if (reason !== "user") return true;
    return request.initialBreak && request.noninvasive === false && !request.existing;
  }

  /** A process has reached the break at which it is handed over. */
  async loaded({ processId, threadId }: EventPlace): Promise<ExecutionStatus> {
    const program = this.#byProcess.get(processId);
    if (!program || program.isLoaded) return "go";
    program.isLoaded = true;
    if (program.call.reason === "launch") this.#starting = program;
    return await program.call.callback({ type: "loadComplete", programId: program.id, threadId, running: false });
  }

  /** To be called before programs run: one that was launched is about to reach its entry point. */
  async leaveStart(wantsEntry: boolean): Promise<void> {
    const program = this.#starting;
    if (!program) return;
    this.#starting = undefined;
    const isHere = this.#byProcess.get(program.processId) === program;
    if (wantsEntry && isHere) await this.#requests.call("breakAtEntry", program.processId);
  }

  /** A launched program is at its image's first instruction. */
  async entered({ processId, threadId }: EventPlace): Promise<ExecutionStatus> {
    const program = this.#byProcess.get(processId);
    if (!program) return "go";
    return await program.call.callback({ type: "entryPoint", programId: program.id, threadId });
  }

  /** The engine had to let a process go, which runs on. */
  async left(processId: number): Promise<ExecutionStatus> {
    const program = this.#byProcess.get(processId);
    if (program) await this.#destroy(program, { reason: "detached", cause: THREAD_ENDED });
    return "go";
  }

  /** Lets a program go, and tells of its end. */
  async release(programId: string, how: "detach" | "terminate" | "abandon"): Promise<void> {
    const program = this.#find(programId);
    await this.#requests.call(how, program.processId);
    await this.#destroy(program, ENDS[how]);
  }

  async #destroy(program: NativeProgram, end: ProgramEnd): Promise<void> {
    if (this.#byProcess.get(program.processId) === program) this.#byProcess.delete(program.processId);
    if (program.feeding && RUNS_ON[end.reason] !== true) {
      program.feeding.stop();
      this.#feedings.delete(program.feeding);
    }
    await program.create(); // a handler of its createProcess has let it go
    await program.call.callback({ type: "programDestroy", programId: program.id, end });
  }

  #find(programId: string): NativeProgram {
    for (const program of this.#byProcess.values()) if (program.id === programId) return program;
    throw new StateError("program-gone", "Cannot use the program: it is not being debugged any more");
  }
}
