/** What Windows says a process was compiled for. */

const symbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  IsWow64Process2: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let library: Deno.DynamicLibrary<typeof symbols> | undefined;

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;

/**
 * The IMAGE_FILE_MACHINE_… of a process of this machine that runs in WOW64, that is a 32-bit one; 0 of one that does not; undefined where
 * Windows does not tell.
 */
export function wow64Machine(processId: number): number | undefined {
  library ??= Deno.dlopen("kernel32.dll", symbols);
  const { OpenProcess, CloseHandle, IsWow64Process2 } = library.symbols;
  const handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, processId);
  if (handle === 0n) return undefined;
  const [machine, native] = [new Uint16Array(1), new Uint16Array(1)];
  const isTold = IsWow64Process2(handle, machine, native) !== 0;
  CloseHandle(handle);
  return isTold ? machine[0] : undefined;
}
