/** Lets programs of this machine go beside the engine, by Windows' own means, when its thread is stuck. */
import type { Departure } from "./engine_api.ts";
import { resumeHeld, threadsOf } from "./thread/suspension.ts";

const kernelSymbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  TerminateProcess: { parameters: ["usize", "u32"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const nativeSymbols = {
  NtRemoveProcessDebug: { parameters: ["usize", "usize"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** What debuggers have, and the right to end it. */
const PROCESS_RIGHTS = 0xc3b;
const STATUS_INVALID_HANDLE = 0xc0000008;
/** Handles are multiples of four; none is looked for beyond this one, and behind a gap of this many bytes. */
const LAST_HANDLE = 0x1_0000;
const GAP = 0x400;
/** What a program ends with that the engine terminates. */
const EXIT_CODE = 0;

/**
 * Lets programs go that are debugged in this process, from any thread. What was attached to runs on, unless the engine holds it
 * at a breakpoint of its own, or has set some: of these only the engine knows what they hide. Programs that are not debugged here (any
 * more) are left alone.
 */
export function letGoBeside(departures: readonly Departure[]): void {
  if (departures.length === 0) return;
  const { symbols: { OpenProcess, TerminateProcess, CloseHandle } } = Deno.dlopen("kernel32.dll", kernelSymbols);
  for (const { processId, how } of departures) {
    const process = OpenProcess(PROCESS_RIGHTS, 0, processId);
    if (process === 0n) continue; // it has ended
    if (removeDebugger(process)) {
      if (how === "terminate") TerminateProcess(process, EXIT_CODE);
      else resumeHeld(threadsOf(processId), 1);
    }
    CloseHandle(process);
  }
}

/** The engine does not tell the handle of its debug object: with any other one Windows refuses. */
function removeDebugger(process: bigint): boolean {
  const { symbols: { NtRemoveProcessDebug } } = Deno.dlopen("ntdll.dll", nativeSymbols);
  let last = 0;
  for (let handle = 4; handle - last <= GAP && handle < LAST_HANDLE; handle += 4) {
    const status = NtRemoveProcessDebug(process, BigInt(handle));
    if (status === 0) return true;
    if (status !== STATUS_INVALID_HANDLE) last = handle;
  }
  return false;
}
