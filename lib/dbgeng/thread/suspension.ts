/** Suspending and resuming threads of this machine beside the engine. */
import { kernel32 } from "./kernel.ts";
import { isWine } from "./windows.ts";
import { breakIntoX86, takesOwnBreakIn } from "./x86_break_in.ts";

const nativeSymbols = {
  NtSuspendProcess: { parameters: ["usize"], result: "u32" },
  NtResumeProcess: { parameters: ["usize"], result: "u32" },
  NtQueryInformationThread: { parameters: ["usize", "u32", "buffer", "u32", "usize"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

let native: Deno.DynamicLibrary<typeof nativeSymbols>["symbols"] | undefined;

function ntdll(): Deno.DynamicLibrary<typeof nativeSymbols>["symbols"] {
  return native ??= Deno.dlopen("ntdll.dll", nativeSymbols).symbols;
}

const PROCESS_SUSPEND_RESUME = 0x800;
const PROCESS_BREAK_IN = 0x43a; // create a thread, query, and operate on memory

/** How often a process is held at most until none of its threads is about to begin. */
const HOLDS = 1_000;

/**
 * Asks for an attach while a process of this machine is suspended, under Wine only: there an attach fails with 0x8007001F
 * when one of the process's threads ends meanwhile, and its wait never comes back when one is about to begin (see
 * tests/native/cycles.c).
 */
export function heldOnWine(processId: number, ask: () => void): void {
  const held = isWine() ? holdProcess(processId) : undefined;
  try {
    for (let holds = 1; held && holds < HOLDS && !threadsOf(processId).every(hasBegun); holds++) held.shake();
    ask();
  } finally {
    held?.letRun();
  }
}

/** A process of this machine that is suspended. */
export interface HeldProcess {
  /** Lets its threads run, but for a moment, to get them elsewhere. */
  shake(): void;
  letRun(): void;
}

/** Suspends a process of this machine; undefined where it is not there. */
export function holdProcess(processId: number): HeldProcess | undefined {
  const handle = kernel32().OpenProcess(PROCESS_SUSPEND_RESUME, 0, processId);
  if (handle === 0n) return undefined;
  const { NtSuspendProcess, NtResumeProcess } = ntdll();
  NtSuspendProcess(handle);
  return {
    shake: () => {
      NtResumeProcess(handle);
      NtSuspendProcess(handle);
    },
    letRun: () => {
      NtResumeProcess(handle);
      kernel32().CloseHandle(handle);
    },
  };
}

/** Starts a thread in a process of this machine that breaks into its debugger. */
export function breakInto(processId: number): void {
  if (takesOwnBreakIn(processId)) return breakIntoX86(processId);
  const handle = kernel32().OpenProcess(PROCESS_BREAK_IN, 0, processId);
  if (handle === 0n) return; // it is ending
  kernel32().DebugBreakProcess(handle);
  kernel32().CloseHandle(handle);
}

const THREAD_QUERY_INFORMATION = 0x40;
const THREAD_START_ADDRESS = 9;

/** Wine knows no start address of a thread that was made and has not run yet. */
function hasBegun(threadId: number): boolean {
  const handle = kernel32().OpenThread(THREAD_QUERY_INFORMATION, 0, threadId);
  if (handle === 0n) return true; // it has ended
  const start = new BigUint64Array(1);
  const status = ntdll().NtQueryInformationThread(handle, THREAD_START_ADDRESS, start, start.byteLength, 0n);
  kernel32().CloseHandle(handle);
  return status !== 0 || start[0] !== 0n;
}

const THREAD_SUSPEND_RESUME = 2;
const FAILED = 0xffffffff;

/** How often a thread is suspended, by a handle of it; while the engine has it stopped, that is one of them. */
export function suspensionsOf(handle: bigint): number {
  const before = kernel32().SuspendThread(handle);
  if (before === FAILED) return 0; // it has ended
  kernel32().ResumeThread(handle);
  return before;
}

/**
 * Takes back what a debugger did that abandoned a process, which is stopped now: it had suspended every thread, as this one
 * has.
 */
export function resumeAbandoned(threadIds: readonly number[]): void {
  resumeHeld(threadIds, 2);
}

/**
 * Takes a debugger's suspension back from all threads of a process. Where one has fewer than `least` of them, the debugger had not
 * stopped the process, and nothing is taken back.
 */
export function resumeHeld(threadIds: readonly number[], least: number): void {
  const { OpenThread, SuspendThread, ResumeThread, CloseHandle } = kernel32();
  const handles = threadIds.map((id) => OpenThread(THREAD_SUSPEND_RESUME, 0, id)).filter((handle) => handle !== 0n);
  try {
    const counts = handles.map((handle) => {
      const before = SuspendThread(handle);
      if (before !== FAILED) ResumeThread(handle);
      return before;
    });
    if (counts.every((count) => count >= least)) handles.forEach((handle) => ResumeThread(handle));
  } finally {
    handles.forEach((handle) => CloseHandle(handle));
  }
}

const TH32CS_SNAPTHREAD = 4;
const THREAD_ENTRY_SIZE = 28;

/** The threads of a process of this machine. */
export function threadsOf(processId: number): number[] {
  const { CreateToolhelp32Snapshot, Thread32First, Thread32Next, CloseHandle } = kernel32();
  const snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  const entry = Uint32Array.of(THREAD_ENTRY_SIZE, 0, 0, 0, 0, 0, 0); // THREADENTRY32
  const ids: number[] = [];
  for (let more = Thread32First(snapshot, entry); more !== 0; more = Thread32Next(snapshot, entry)) {
    if (entry[3] === processId) ids.push(entry[2] as number);
  }
  CloseHandle(snapshot);
  return ids;
}
