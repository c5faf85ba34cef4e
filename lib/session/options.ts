import type { ChildOption } from "./children.ts";
import type { DumpType, EngineOptions } from "./engine.ts";
import type { EventHandlers } from "./events.ts";
import type { ProcessServerPort } from "./port.ts";

export type { DumpType };

/** Options of a session. */
export interface SessionOptions extends EngineOptions {
  /** How long a handler may take, in milliseconds; then it is cut off and the program goes on. @default {60000} */
  readonly handlerDeadline?: number;
  /**
   * Whether every program is let go as it came when the script ends without disposal: by Ctrl-C (exit code 130), `Deno.exit`
   * or an error that nobody caught. @default {true}
   */
  readonly watchExit?: boolean;
}

/** What attaching and launching have in common. */
export interface OpenOptions {
  /** Through which process server. @default {this machine} */
  readonly port?: ProcessServerPort;
  /** Ends the attempt: nothing is left behind, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Handlers for this program's events, there before its first one. */
  readonly on?: EventHandlers;
  /**
   * What becomes of processes that it starts, and of those that they start: one policy, or policies by image name. Those of
   * attached programs can be followed on Windows, not under Wine. @default {"ignore"}
   */
  readonly children?: ChildOption;
}

/** How to attach. See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-attachprocess */
export interface AttachOptions extends OpenOptions {
  /** Only looks: no debug events; the program is suspended meanwhile, or not even that (`noSuspend`). @default {false} */
  readonly noninvasive?: boolean | "noSuspend";
  /** Takes up a program that a debugger abandoned. Goes with no other. @default {false} */
  readonly existing?: boolean;
  /** Whether to break in; without it the program runs on when `attach` resolves. @default {true} */
  readonly initialBreak?: boolean;
  /** Resumes a program that was created suspended. @default {false} */
  readonly resume?: boolean;
}

/** How to launch. See https://learn.microsoft.com/windows-hardware/drivers/ddi/dbgeng/nf-dbgeng-idebugclient5-createprocess2wide */
export interface LaunchOptions extends OpenOptions {
  /** Working folder. @default {the debugger's} */
  readonly directory?: string;
  /** Variables on top of the debugger's own environment. @default {none} */
  readonly environment?: Readonly<Record<string, string>>;
  /** Leaves the debugger's own environment out. @default {false} */
  readonly clearEnvironment?: boolean;
  /** Whether to stop where Windows hands the program over; without it the program runs on when `launch` resolves. @default {true} */
  readonly initialBreak?: boolean;
}
