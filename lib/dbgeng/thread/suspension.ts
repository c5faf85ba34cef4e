/** Suspending and resuming threads of this machine beside the engine. */
import { isWine } from "./windows.ts";

const kernelSymbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
  SuspendThread: { parameters: ["usize"], result: "u32" },
  ResumeThread: { parameters: ["usize"], result: "u32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  DebugBreakProcess: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const nativeSymbols = {
  NtSuspendProcess: { parameters: ["usize"], result: "u32" },
  NtResumeProcess: { parameters: ["usize"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] | undefined;
let native: Deno.DynamicLibrary<typeof nativeSymbols>["symbols"] | undefined;

function kernel32(): Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] {
  return kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols).symbols;
}

function ntdll(): Deno.DynamicLibrary<typeof nativeSymbols>["symbols"] {
  return native ??= Deno.dlopen("ntdll.dll", nativeSymbols).symbols;
}

const PROCESS_SUSPEND_RESUME = 0x800;
const PROCESS_BREAK_IN = 0x43a; // create a thread, query, and operate on memory

/**
 * Asks for an attach while a process of this machine is suspended, under Wine only: there an attach fails with 0x8007001F
 * when one of the process's threads ends meanwhile.
 */
export function heldOnWine(processId: number, ask: () => void): void {
  const letRun = isWine() ? holdProcess(processId) : (): void => {};
  try {
    ask();
  } finally {
    letRun();
  }
}

/** Suspends a process of this machine, if it is there; what it gives lets it run again. */
export function holdProcess(processId: number): () => void {
  const handle = kernel32().OpenProcess(PROCESS_SUSPEND_RESUME, 0, processId);
  if (handle === 0n) return () => {};
  ntdll().NtSuspendProcess(handle);
  return () => {
    ntdll().NtResumeProcess(handle);
    kernel32().CloseHandle(handle);
  };
}

/** Starts a thread in a process of this machine that breaks into its debugger. */
export function breakInto(processId: number): void {
  const handle = kernel32().OpenProcess(PROCESS_BREAK_IN, 0, processId);
  if (handle === 0n) return; // it is ending
  kernel32().DebugBreakProcess(handle);
  kernel32().CloseHandle(handle);
}

const THREAD_SUSPEND_RESUME = 2;
const FAILED = 0xffffffff;

/**
 * Takes back what a debugger did that abandoned a process, which is stopped now: it had suspended every thread, as this one
 * has. Where a thread has but one suspension, the other debugger had not stopped it, and nothing is taken back.
 */
export function resumeAbandoned(threadIds: readonly number[]): void {
  const { OpenThread, SuspendThread, ResumeThread, CloseHandle } = kernel32();
  const handles = threadIds.map((id) => OpenThread(THREAD_SUSPEND_RESUME, 0, id)).filter((handle) => handle !== 0n);
  try {
    const counts = handles.map((handle) => {
      const before = SuspendThread(handle);
      if (before !== FAILED) ResumeThread(handle);
      return before;
    });
    if (counts.every((count) => count > 1)) handles.forEach((handle) => ResumeThread(handle));
  } finally {
    handles.forEach((handle) => CloseHandle(handle));
  }
}
