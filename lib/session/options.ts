import type { ChildOption } from "./children.ts";
import type { Port } from "./contract.ts";
import type { DumpType, EngineOptions } from "./engine.ts";
import type { InputSource } from "./input.ts";
import type { EventHandlers } from "./program.ts";

export type { DumpType };

/** Options of a session. */
export interface SessionOptions extends EngineOptions {
  /** How long a handler may take, in milliseconds; then it is cut off and the program goes on. @default {60000} */
  readonly handlerDeadline?: number;
  /**
   * Whether every program is let go as it came when the script ends without disposal: by Ctrl-C (exit code 130), `Deno.exit`,
   * an error that nobody caught, or by itself, which it does when nothing waits and nothing listens to programs that run. Without this
   * it stays until the session is disposed. @default {true}
   */
  readonly watchExit?: boolean;
}

/** How to connect. */
export interface ConnectOptions {
  /** Gives the attempt up. Until it has failed by itself, which it does within `timeout`, other calls have to wait. */
  readonly signal?: AbortSignal;
  /**
   * How long the server may take to answer, in milliseconds: now, and a process server in every later call, which then fails with
   * `server-unreachable` too. @default {10000}
   */
  readonly timeout?: number;
}

/** What attaching and launching have in common. */
export interface OpenOptions {
  /** Where the program is: what `connect` gave. @default {this machine} */
  readonly port?: Port;
  /**
   * Ends the attempt: nothing is left behind, and the promise rejects with the signal's reason. It does so within two
   * seconds; a program that comes up only after that is let go then.
   */
  readonly signal?: AbortSignal;
  /** Handlers for this program's events, there before its first one. */
  readonly on?: EventHandlers;
  /** What becomes of processes that it starts, and of those that they start. @default {"ignore"} */
  readonly children?: ChildOption;
}

/** Debugs a process: its events are told, and it can be run and stopped. The usual way. */
export interface AttachDebugging extends OpenOptions {
  /** Whether to break in; without it the program runs on when `attach` resolves. @default {true} */
  readonly initialBreak?: boolean;
  /** Resumes a program that was created suspended. @default {false} */
  readonly resume?: boolean;
  /** Not with this. */
  readonly noninvasive?: false;
  /** Not with this. */
  readonly existing?: false;
}

/** Only looks at a process: no debug events, no waiting. A session holds either such programs, all of one kind, or others. */
export interface AttachNoninvasive extends OpenOptions {
  /** The program is suspended meanwhile (`true`), or not even that (`noSuspend`). */
  readonly noninvasive: true | "noSuspend";
  /** Not with this. */
  readonly existing?: false;
  /** There is nothing to break in: no other value. */
  readonly initialBreak?: true;
  /** Not with this. */
  readonly resume?: false;
}

/** Takes up a process that a debugger abandoned. Only on this machine, and while the session has no other program. */
export interface AttachExisting extends OpenOptions {
  /** Whether to take it up. */
  readonly existing: true;
  /** Not with this. */
  readonly noninvasive?: false;
  /** It is stopped already: no other value. */
  readonly initialBreak?: true;
  /** Not with this. */
  readonly resume?: false;
}

/**
 * How to attach: one of three ways, whose options do not go together.
 * See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-attachprocess
 */
export type AttachOptions = AttachDebugging | AttachNoninvasive | AttachExisting;

/** How to launch. See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-createprocess2wide */
export interface LaunchOptions extends OpenOptions {
  /** Working folder. @default {the debugger's} */
  readonly directory?: string;
  /** Variables on top of the debugger's own environment. @default {none} */
  readonly environment?: Readonly<Record<string, string>>;
  /** Leaves the debugger's own environment out. @default {false} */
  readonly clearEnvironment?: boolean;
  /**
   * Its standard input: a text (as UTF-8), bytes, or a stream of bytes, such as `Deno.stdin.readable` or that of an open file. It is read as the
   * program takes it, at most 64 KiB ahead on each way; its end is the program's end of input. A program that ends, or closes its input, cancels
   * the stream, and so does a launch that fails; no other launch takes it. An error of the stream is the end of input to the program, and comes out of `launch` or the next
   * `wait`. What is left when the session ends is not sent.
   * Not through a process server (`AttachError`, kind `not-supported`). A confined script needs no right for it beyond that to launch.
   * See https://learn.microsoft.com/windows/console/getstdhandle
   * @default {the debugger's own; nothing where the engine is in a host, as on Linux}
   */
  readonly input?: InputSource;
  /** Whether to stop where Windows hands the program over; without it the program runs on when `launch` resolves. @default {true} */
  readonly initialBreak?: boolean;
}
