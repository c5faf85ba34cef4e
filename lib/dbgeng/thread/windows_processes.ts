/**
 * What Windows tells of this machine's processes and threads beside the engine.
 * @module
 */
import { readWide } from "../../com/memory.ts";
import { kernel32, PATH, text } from "./kernel.ts";

/** The file that a process of this machine runs, by a handle; undefined where the handle is not that process's. */
export function processImage(processId: number, handle: bigint): string | undefined {
  if (kernel32().GetProcessId(handle) !== processId) return undefined;
  const buffer = new Uint8Array(2 * PATH);
  return kernel32().QueryFullProcessImageNameW(handle, 0, buffer, Uint32Array.of(PATH)) !== 0
    ? text(buffer)
    : undefined;
}

const ntSymbols = {
  NtQueryInformationProcess: { parameters: ["usize", "u32", "buffer", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let nt: Deno.DynamicLibrary<typeof ntSymbols> | undefined;

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const PROCESS_BASIC_INFORMATION_PARENT = 5;

/** The process of this machine that started another; undefined where Windows does not tell. It may have ended. */
export function parentProcess(processId: number): number | undefined {
  const handle = kernel32().OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, processId);
  if (handle === 0n) return undefined;
  nt ??= Deno.dlopen("ntdll.dll", ntSymbols);
  const information = new BigUint64Array(6); // PROCESS_BASIC_INFORMATION
  const status = nt.symbols.NtQueryInformationProcess(
    handle,
    0,
    information,
    information.byteLength,
    new Uint32Array(1),
  );
  kernel32().CloseHandle(handle);
  return status < 0 ? undefined : Number(information[PROCESS_BASIC_INFORMATION_PARENT]);
}

/**
 * The IMAGE_FILE_MACHINE_… of a process of this machine that runs in WOW64, that is a 32-bit one; 0 of one that does not; undefined where
 * Windows does not tell.
 */
export function wow64Machine(processId: number): number | undefined {
  const handle = kernel32().OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, processId);
  if (handle === 0n) return undefined;
  const [machine, native] = [new Uint16Array(1), new Uint16Array(1)];
  const isTold = kernel32().IsWow64Process2(handle, machine, native) !== 0;
  kernel32().CloseHandle(handle);
  return isTold ? machine[0] : undefined;
}

const descriptionSymbols = {
  GetThreadDescription: { parameters: ["usize", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let descriptions: Deno.DynamicLibrary<typeof descriptionSymbols>["symbols"] | undefined;

const THREAD_QUERY_LIMITED_INFORMATION = 0x800;

/** What a process's thread was called by `SetThreadDescription`; undefined where this machine has no such thread, or does not tell. */
export function threadDescription(processId: number, threadId: number): string | undefined {
  const handle = kernel32().OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, threadId);
  if (handle === 0n) return undefined;
  const isItsThread = kernel32().GetProcessIdOfThread(handle) === processId;
  descriptions ??= Deno.dlopen("kernelbase.dll", descriptionSymbols).symbols;
  const pointer = new BigUint64Array(1);
  const isTold = descriptions.GetThreadDescription(handle, pointer) >= 0;
  const text = readWide(pointer[0] ?? 0n) ?? "";
  kernel32().LocalFree(pointer[0] ?? 0n);
  kernel32().CloseHandle(handle);
  return isItsThread && isTold ? text : undefined;
}

const PROCESS_QUERY_INFORMATION = 0x400;

/** Whether a debugger is attached to a process of this machine; false where Windows does not tell. */
export function isDebugged(processId: number): boolean {
  const handle = kernel32().OpenProcess(PROCESS_QUERY_INFORMATION, 0, processId);
  if (handle === 0n) return false;
  const present = new Int32Array(1);
  kernel32().CheckRemoteDebuggerPresent(handle, present);
  kernel32().CloseHandle(handle);
  return present[0] !== 0;
}
