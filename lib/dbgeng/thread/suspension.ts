/**
 * Wine's own race: attaching to a process while one of its threads ends (that of an earlier break-in, for example) fails with
 * ERROR_GEN_FAILURE. No thread can end while the process is suspended.
 * @module
 */

const kernelSymbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const ntSymbols = {
  NtSuspendProcess: { parameters: ["usize"], result: "i32" },
  NtResumeProcess: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const wineSymbols = { wine_get_version: { parameters: [], result: "usize" } } as const;

/** Whether Wine stands in for Windows. */
function isWine(): boolean {
  try {
    Deno.dlopen("ntdll.dll", wineSymbols).close();
    return true;
  } catch {
    return false; // Windows' own has no such function
  }
}

const PROCESS_SUSPEND_RESUME = 0x800;

/** Does something with a process of this machine while it is suspended, if Wine makes that necessary. */
export function whileSuspended(processId: number, action: () => void): void {
  if (!isWine()) return action();
  const kernel = Deno.dlopen("kernel32.dll", kernelSymbols);
  const nt = Deno.dlopen("ntdll.dll", ntSymbols);
  const handle = kernel.symbols.OpenProcess(PROCESS_SUSPEND_RESUME, 0, processId);
  const isSuspended = handle !== 0n && nt.symbols.NtSuspendProcess(handle) >= 0;
  try {
    action();
  } finally {
    if (isSuspended) nt.symbols.NtResumeProcess(handle);
    if (handle !== 0n) kernel.symbols.CloseHandle(handle);
    kernel.close();
    nt.close();
  }
}
