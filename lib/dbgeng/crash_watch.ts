/**
 * Which ends of programs are crashes: beside what nobody takes (second chances) those that a program makes of an error by itself.
 *
 * A program that handles an error ends, if it gives up, on top of the very stack that the error stands on. So each call that ends a
 * process or a thread is looked at: it is a breakpoint, for where the end itself is told the stack is gone (under Wine).
 * @module
 */
import type { ModuleInfo, StackFrame, ThreadInfo } from "../session/engine.ts";
import type { EventName } from "../session/events.ts";
import type { DebugEventMap, EventHandler, Program } from "../session/program.ts";
import type { ThreadReport } from "../session/thread_report.ts";
import { isGuarded } from "./exception_scopes.ts";

type ExceptionEvent = DebugEventMap["exception"];

/** A crash, told while the program still stands there, but for a thread that Windows ended by itself. */
export interface SeenCrash {
  /** The program. */
  readonly program: Program;
  /** The guilty thread. */
  readonly threadId: number;
  /** An exception, `abort` and the like, or an end with a code that is not 0 (only when those are asked for). */
  readonly kind: "exception" | "abort" | "exit-code";
  /** The exception, where it was one. */
  readonly exception?: ExceptionEvent;
  /** The stack at the exception, or else at the end. */
  readonly stack: readonly StackFrame[];
  /** The program's modules and threads, where they came along with the stack; none of those that cannot be had. */
  readonly modules?: readonly ModuleInfo[];
  readonly threads?: readonly ThreadInfo[];
  /** The code that it ends with, where it ends by its own call. */
  readonly exitCode?: number;
  /** Whether nothing is left to dump. */
  readonly isOver: boolean;
}

/** How to watch. */
export interface CrashWatchOptions {
  /** Whether each end of a process with a code that is not 0 is told. @default {false} */
  readonly exitCodes?: boolean;
  /** Gets each crash. */
  readonly crash: (crash: SeenCrash) => Promise<void> | void;
  /** Gets each first chance of an error that may be the last of its thread: what is kept of it has to be kept now. */
  readonly error?: (event: ExceptionEvent) => Promise<void> | void;
}

/** A session whose programs are watched. */
export interface WatchedSession {
  /** Adds a handler. */
  on<K extends EventName>(name: K, handler: EventHandler<K>): unknown;
}

/** Exceptions that are no errors: debug strings, names of threads, C++ and .NET exceptions, a language's own. */
const NO_ERRORS = new Set([
  ...[0x40010006, 0x4001000a, 0x406d1388, 0x04242420, 0x40080201, 0x40080202],
  ...[0xe06d7363, 0xe0434352, 0xe0434f4d, 0x20474343, 0x21474343, 0x22474343, 0x0eedfade, 0xe0465043, 0xe0440001],
]);

/** Whether programs use an exception for nothing but errors. */
export function isError(code: number): boolean {
  return !NO_ERRORS.has(code);
}

const FIRST_CALL = "ntdll!NtTerminateProcess";
/** The two calls that end something. */
const BREAKPOINTS = [`bp ${FIRST_CALL}`, "bp ntdll!NtTerminateThread"] as const;
/** What they were called with. */
const ARGUMENTS = "r rcx,rdx";
const END_CALL = /^ntdll!(?:Nt|Zw)Terminate(Process|Thread)$/;
const RAISES = /!(RaiseException|RtlRaiseException|RtlRaiseStatus|_?CxxThrowException)$/;
/** Functions that give up: who is on a stack with one of them has ended himself. */
export const ABORTS = /^(.*!_*(abort|w?assert|terminate|std_terminate|FatalAppExit[AW])|.*!\?terminate@@.*)$/;
const STARTUP = /CRTStartup|!__scrt_|!invoke_main|!BaseThreadInitThunk$|!RtlUserThreadStart$/;
const STACK_OVERFLOW = 0xc00000fd;
const STATUS_ERROR = 0xc0000000;
const ALL_ONES = (1n << 64n) - 1n;
const FRAMES = 64;

/** The last error of a thread, until it turns out that the thread has gone on. */
interface Candidate {
  readonly event: ExceptionEvent;
  readonly stack: readonly StackFrame[];
  /** Whether another one came while it was being handled. */
  isNested: boolean;
}

/** What is known of a program. */
interface Watched {
  readonly candidates: Map<number, Candidate>;
  /** It has begun to end: what ends of its threads is no news. */
  isEnding: boolean;
  /** What it has begun with is there; its ends are looked at, or cannot be. */
  stage: "loading" | "loaded" | "armed";
}

/** Watches the programs of one session. */
export class CrashWatch {
  readonly #options: CrashWatchOptions;
  readonly #programs = new WeakMap<Program, Watched>();
  /** Why ends of a program cannot be looked at. */
  readonly blind = new WeakMap<Program, string>();

  /** Listens from now on. */
  constructor(session: WatchedSession, options: CrashWatchOptions) {
    this.#options = options;
    session.on("loadComplete", ({ program }) => this.#arm(program, true));
    session.on("loadModule", ({ program }) => this.#arm(program));
    session.on("createThread", ({ program }) => this.#arm(program));
    session.on("exception", (event) => this.#exception(event));
    session.on("breakpoint", (event) => this.#endCall(event));
    session.on("exitThread", (event) => this.#lost(event));
    session.on("exitProcess", (event) => this.#lost(event));
  }

  #of(program: Program): Watched {
    const fresh: Watched = { candidates: new Map(), isEnding: false, stage: "loading" };
    const known = this.#programs.get(program) ?? fresh;
    this.#programs.set(program, known);
    return known;
  }

  /** Once its modules are known: of a program that was attached to the engine hears of them while it runs. */
  async #arm(program: Program, isLoaded = false): Promise<void> {
    const watched = this.#of(program);
    if (isLoaded) watched.stage = "loaded";
    if (watched.stage !== "loaded" || program.engineId !== "dbgeng") return;
    if (await program.addressOf(FIRST_CALL).catch(() => null) === null) return;
    watched.stage = "armed";
    try {
      for (const command of [ARGUMENTS, ...BREAKPOINTS]) await program.execute(command); // one that is refused is known now
    } catch (error) {
      this.blind.set(program, error instanceof Error ? error.message : String(error));
    }
  }

  async #exception(event: ExceptionEvent): Promise<void> {
    const { program, threadId, code, firstChance } = event;
    const watched = this.#of(program);
    await this.#arm(program);
    if (!firstChance) {
      watched.isEnding = true;
      const { stack, modules, threads } = await reportOn(program, threadId);
      const seen = { program, threadId, kind: "exception", exception: event, stack, modules, threads } as const;
      return await this.#options.crash({ ...seen, isOver: false });
    }
    if (code < STATUS_ERROR || !isError(code)) return;
    const stack = await stackOf(program, threadId);
    const before = watched.candidates.get(threadId);
    if (before && standsOn(stack, before)) return void (before.isNested = true);
    watched.candidates.set(threadId, { event, stack, isNested: false });
    await this.#options.error?.(event);
  }

  /** A thread calls what ends it, or its process. */
  async #endCall({ program, threadId }: DebugEventMap["breakpoint"]): Promise<"go" | undefined> {
    const stack = await stackOf(program, threadId);
    const [, what] = END_CALL.exec(stack[0]?.symbol ?? "") ?? [];
    if (what === undefined) return undefined; // somebody else's
    const watched = this.#of(program);
    const [handle = 0n, status = 0n] = argumentsIn(await program.execute(ARGUMENTS));
    const isOwn = handle === 0n || handle === (what === "Process" ? ALL_ONES : ALL_ONES - 1n);
    if (!isOwn || watched.isEnding) return "go";
    const exitCode = Number(status & 0xffffffffn);
    const candidate = watched.candidates.get(threadId);
    watched.candidates.delete(threadId);
    watched.isEnding = what === "Process";
    const crash = await judge({ program, stack, exitCode, candidate });
    const isAsked = this.#options.exitCodes && exitCode !== 0;
    const told = crash ?? (isAsked ? { kind: "exit-code", stack } as const : undefined);
    // Threads end with what code they like: only their errors count.
    const counts = watched.isEnding || told?.kind === "exception";
    if (told && counts) await this.#options.crash({ program, threadId, exitCode, isOver: false, ...told });
    return "go";
  }

  /** A thread has ended without a call of its own: where its stack had run out, Windows gave it up. */
  async #lost({ program, threadId }: { readonly program: Program; readonly threadId: number }): Promise<void> {
    const { candidates, isEnding } = this.#of(program);
    const candidate = candidates.get(threadId);
    candidates.delete(threadId); // another thread may get its id
    if (!candidate || isEnding || !(candidate.isNested || candidate.event.code === STACK_OVERFLOW)) return;
    const { event: exception, stack } = candidate;
    await this.#options.crash({ program, threadId, kind: "exception", exception, stack, isOver: true });
  }
}

/** A thread that calls what ends it, or its process. */
interface End {
  readonly program: Program;
  readonly stack: readonly StackFrame[];
  readonly exitCode: number;
  readonly candidate: Candidate | undefined;
}

async function judge(end: End): Promise<Pick<SeenCrash, "kind" | "stack" | "exception"> | undefined> {
  const { stack, candidate, exitCode } = end;
  if (candidate && (standsOn(stack, candidate) || (exitCode !== 0 && await isInHandler(end, candidate)))) {
    return { kind: "exception", exception: candidate.event, stack: candidate.stack };
  }
  return stack.some(({ symbol }) => ABORTS.test(symbol ?? "")) ? { kind: "abort", stack } : undefined;
}

/** Whether the innermost function with a `__try` around the error has not returned since: it is still in the `__except` that took it. */
async function isInHandler({ program, stack }: End, candidate: Candidate): Promise<boolean> {
  for (const [index, frame] of candidate.stack.entries()) {
    if (STARTUP.test(frame.symbol ?? "CRTStartup")) return false; // it handles what comes up in all of the program
    if (!await isGuarded(program, frame, index > 0).catch(() => false)) continue;
    const now = stack.find((one) => isSameFrame(one, frame));
    return now !== undefined && now.address !== frame.address;
  }
  return false;
}

/** Whether a stack stands on what an exception was raised in: its handlers are under way. */
function standsOn(stack: readonly StackFrame[], { stack: raised }: Candidate): boolean {
  const at = raised.find(({ symbol }) => !RAISES.test(symbol ?? ""));
  return at !== undefined && stack.slice(1).some((frame) => frame.address === at.address && isSameFrame(frame, at));
}

function isSameFrame(one: StackFrame, other: StackFrame): boolean {
  return one.stackAddress === other.stackAddress;
}

/** The stack, and what else is told of a program with it, in one request. An exception of which none of that can be had is one all the same. */
export async function reportOn(
  program: Program,
  threadId: number,
): Promise<Required<Pick<ThreadReport, "stack" | "modules" | "threads">>> {
  const wanted = { frames: FRAMES, modules: true, threads: true };
  const report = await program.thread(threadId).report(wanted).catch((): Partial<ThreadReport> => ({}));
  const { stack = [], modules = [], threads = [] } = report;
  return { stack, modules, threads };
}

async function stackOf(program: Program, threadId: number): Promise<StackFrame[]> {
  return await program.thread(threadId).stack(FRAMES).catch(() => []); // an exception without a stack is one all the same
}

function argumentsIn(text: string): bigint[] {
  return [...text.matchAll(/\br[cd]x=([0-9a-f]+)/g)].map(([, digits]) => BigInt(`0x${digits}`));
}
