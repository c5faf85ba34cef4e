import type { DumpType, EventName, Focus, ModuleInfo, RegisterValue, StackFrame } from "./engine.ts";
import type { DebugEvent, EventHandler, Stop } from "./events.ts";
import { type EngineRequest, Memory } from "./memory.ts";

/** How a program came into the session; decides what its disposal does. */
export type ProgramOrigin = "launched" | "attached" | "child";

/** How a program left the session. */
export interface ProgramEnd {
  /** What happened to it. */
  readonly reason: "exited" | "detached" | "terminated" | "abandoned" | "lost";
  /** Its exit code, if it ended while it was debugged. */
  readonly exitCode?: number;
}

/** What can be asked to stop waiting. */
export interface WaitOptions {
  /** Ends the wait: the programs are stopped, the promise rejects with the signal's reason, and the session can go on. */
  readonly signal?: AbortSignal;
}

/** What a program needs of its session. */
export interface ProgramSession {
  request: EngineRequest;
  listen<K extends EventName>(name: K, handler: EventHandler<K>, program: Program): void;
  wait(options: WaitOptions): Promise<Stop>;
  events(options: WaitOptions, program: Program): AsyncGenerator<DebugEvent, void, void>;
  release(program: Program, how: "detach" | "terminate" | "abandon"): Promise<void>;
  execute(focus: Focus, command: string): Promise<string>;
  isRunning(): boolean;
}

/** One thread of a stopped program. */
export class Thread {
  /** Windows' id of the thread. */
  readonly threadId: number;
  readonly #request: EngineRequest;
  readonly #focus: Focus;

  /** Not for users: {@linkcode Program.threads} makes them. */
  constructor(request: EngineRequest, focus: Required<Focus>) {
    this.threadId = focus.threadId;
    this.#request = request;
    this.#focus = focus;
  }

  /** Its stack, innermost frame first, at most `frames` (64 by default), with symbols and source lines where there are any. */
  stack(frames = 64): Promise<StackFrame[]> {
    return this.#request("stack", this.#focus, frames);
  }

  /** Its registers by name (`rip`, `rsp`, …). */
  registers(): Promise<Record<string, RegisterValue>> {
    return this.#request("registers", this.#focus);
  }

  /** Sets one register. */
  writeRegister(name: string, value: bigint | number): Promise<void> {
    return this.#request("writeRegister", this.#focus, name, value);
  }
}

/**
 * One debugged process. It is stopped while a handler or a loop body runs and between waits, and can be looked into then.
 * `await using` lets it go as it came: terminated if it was launched, detached (it runs on) if it was attached to.
 */
export class Program implements AsyncDisposable {
  /** Windows' id of the process. */
  readonly processId: number;
  /** File name of its image, for example `app.exe`. */
  readonly name: string;
  /** Its image as a module. */
  readonly image: ModuleInfo;
  /** How it came into the session. */
  readonly origin: ProgramOrigin;
  /** Its memory. */
  readonly memory: Memory;
  readonly #session: ProgramSession;
  readonly #ended = Promise.withResolvers<ProgramEnd>();
  #dispose: (() => Promise<void>) | undefined;
  #end: ProgramEnd | undefined;

  /** Not for users: sessions make programs. */
  constructor(session: ProgramSession, processId: number, image: ModuleInfo, origin: ProgramOrigin) {
    this.#session = session;
    this.processId = processId;
    this.image = image;
    this.name = image.imageName.split(/[\\/]/).at(-1) || image.name;
    this.origin = origin;
    this.memory = new Memory(session.request, { processId });
  }

  /** Not for users: a session that exists for this program alone ends with it. */
  disposeWith(dispose: () => Promise<void>): void {
    this.#dispose = dispose;
  }

  /** The same as {@linkcode processId}. */
  get pid(): number {
    return this.processId;
  }

  /** What it does now. */
  get state(): "stopped" | "running" | "ended" {
    if (this.#end) return "ended";
    return this.#session.isRunning() ? "running" : "stopped";
  }

  /** How it left the session, once it did. */
  get end(): ProgramEnd | undefined {
    return this.#end;
  }

  /** Resolves when it leaves the session, however. */
  get ended(): Promise<ProgramEnd> {
    return this.#ended.promise;
  }

  /** Not for users: the session says how it left. */
  finish(end: ProgramEnd): void {
    if (this.#end) return;
    this.#end = Object.freeze(end);
    this.#ended.resolve(this.#end);
  }

  /** Listens to events of this program only. */
  on<K extends EventName>(name: K, handler: EventHandler<K>): this {
    this.#session.listen(name, handler, this);
    return this;
  }

  /** Its events one by one; it is held while the loop's body runs. Ends with the program. */
  events(options: WaitOptions = {}): AsyncGenerator<DebugEvent, void, void> {
    return this.#session.events(options, this);
  }

  /** Lets the session's programs run to the next stop. */
  wait(options: WaitOptions = {}): Promise<Stop> {
    return this.#session.wait(options);
  }

  /** Lets it go: it runs on without a debugger. */
  detach(): Promise<void> {
    return this.#session.release(this, "detach");
  }

  /** Ends it. */
  terminate(): Promise<void> {
    return this.#session.release(this, "terminate");
  }

  /** Leaves it suspended, for another debugger to take up with `attach(pid, { existing: true })`. */
  abandon(): Promise<void> {
    return this.#session.release(this, "abandon");
  }

  /** Its threads. */
  async threads(): Promise<Thread[]> {
    const { processId } = this;
    const infos = await this.#session.request("threads", { processId });
    return infos.map(({ threadId }) => this.thread(threadId));
  }

  /** One thread by Windows' id, for example an event's. */
  thread(threadId: number): Thread {
    return new Thread(this.#session.request, { processId: this.processId, threadId });
  }

  /** The modules that are loaded now. */
  modules(): Promise<ModuleInfo[]> {
    return this.#session.request("modules", { processId: this.processId });
  }

  /** The symbol at or before an address; null without one. */
  nameAt(address: bigint): Promise<{ readonly symbol: string; readonly displacement: bigint } | null> {
    return this.#session.request("nameAt", { processId: this.processId }, address);
  }

  /** The address of a symbol as `module!name`; null when there is none. */
  addressOf(symbol: string): Promise<bigint | null> {
    return this.#session.request("addressOf", { processId: this.processId }, symbol);
  }

  /** The value of an expression of the debugger, for example `@rsp + 8` or `poi(app!g_counter)`. */
  evaluate(expression: string): Promise<bigint | number> {
    return this.#session.request("evaluate", { processId: this.processId }, expression);
  }

  /** Runs a command of the debugger, as typed in WinDbg, and gives what it printed. Commands that run the program wait for its next stop. */
  execute(command: string): Promise<string> {
    return this.#session.execute({ processId: this.processId }, command);
  }

  /** Writes a dump; the file appears when it is complete. `mini` holds stacks and modules, `full` all memory. */
  writeDump(path: string, options: { readonly type?: DumpType; readonly comment?: string } = {}): Promise<void> {
    const { type = "full", comment = null } = options;
    return this.#session.request("writeDump", { processId: this.processId }, path, type, comment);
  }

  /** Lets it go as it came, if it is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#dispose) return await this.#dispose();
    if (!this.#end) await this.#session.release(this, this.origin === "attached" ? "detach" : "terminate");
  }
}
