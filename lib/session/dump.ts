import { requireId, requireText } from "./arguments.ts";
import type { DumpRecord, ThreadInfo } from "./engine.ts";
import { StateError } from "./errors.ts";
import type { OwnRequest } from "./memory.ts";
import { ProgramView } from "./program_view.ts";
import { ThreadView } from "./thread_view.ts";

/** Asks about a dump, with a thread in focus where it is about one; and closes it. */
export interface DumpSource {
  /** How it is asked about. */
  requestOf(threadId?: number): OwnRequest;
  /** Ends what reads it. */
  close(): Promise<void>;
}

/** A dump: a program as it was when that was written. {@linkcode openDump} gives it; disposal closes it. */
export class Dump extends ProgramView implements AsyncDisposable {
  /** Its file, as it was given. */
  readonly path: string;
  /** The system's id of the process that it is of. */
  readonly processId: number;
  /** File name of its program, for example `app.exe`. */
  readonly name: string;
  /** The thread of the exception; the first one, where it has none. */
  readonly threadId: number;
  /** The exception that it was written at, a break of the debugger's included; null where it has none. */
  readonly exception: DumpRecord["exception"];
  readonly #source: DumpSource;
  #closing: Promise<void> | undefined;

  /** Not for users: {@linkcode openDump} makes it. */
  constructor(source: DumpSource, path: string, record: DumpRecord) {
    super((dump) => (name, ...values) => (dump as Dump).#requestOf()(name, ...values), record.architecture);
    this.#source = source;
    this.path = path;
    this.processId = record.processId;
    this.name = record.program.split(/[\\/]/).at(-1) ?? "";
    this.threadId = record.threadId;
    this.exception = record.exception && Object.freeze({ ...record.exception });
  }

  #requestOf(threadId?: number): OwnRequest {
    return async (name, ...values) => {
      if (this.#closing) throw new StateError("closed", `Cannot use the dump ${this.path}: it was closed`);
      return await this.#source.requestOf(threadId)(name, ...values);
    };
  }

  /** Its threads, with their names. */
  async threads(): Promise<ThreadView[]> {
    return (await this.#requestOf()("threads")).map((thread) => this.#thread(thread));
  }

  /**
   * One thread by the system's id; that of the exception if none is given. Its stack, registers and locals are those at the exception, as `.ecxr` has
   * them, also where the program wrote the dump by itself and the thread was about that.
   */
  thread(threadId: number = this.threadId): ThreadView {
    requireId("Cannot use a thread", "its id", threadId);
    return this.#thread({ threadId });
  }

  #thread(thread: ThreadInfo): ThreadView {
    const { memory, pointerSize } = this;
    return new ThreadView({
      request: this.#requestOf(thread.threadId),
      types: this.#requestOf(),
      memory,
      pointerSize,
    }, thread);
  }

  /**
   * Runs a debugger command, as typed in WinDbg, for example `!heap -s`; gives what it printed, up to 8,000,000 characters.
   * @throws {EngineError} kind `not-supported` for one that would have the program run.
   */
  async execute(command: string): Promise<string> {
    requireText("Cannot run a command", "it", command);
    return (await this.#requestOf()("execute", command)).text;
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#source.close();
  }
}
