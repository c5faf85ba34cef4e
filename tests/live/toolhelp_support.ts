/** What Windows tells of another process from outside: its threads and its handles. */

const TH32CS_SNAPTHREAD = 4;
const SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;
const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004;

const kernelSymbols = {
  CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "usize" },
  Thread32First: { parameters: ["usize", "buffer"], result: "i32" },
  Thread32Next: { parameters: ["usize", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const ntSymbols = {
  NtQuerySystemInformation: { parameters: ["u32", "buffer", "u32", "buffer"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** How many threads a process has. */
export function threadCount(processId: number): number {
  const library = Deno.dlopen("kernel32.dll", kernelSymbols);
  const { CreateToolhelp32Snapshot, Thread32First, Thread32Next, CloseHandle } = library.symbols;
  const entry = new DataView(new ArrayBuffer(28)); // THREADENTRY32
  entry.setUint32(0, entry.byteLength, true);
  const snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  let count = 0;
  for (let more = Thread32First(snapshot, entry); more; more = Thread32Next(snapshot, entry)) {
    if (entry.getUint32(12, true) === processId) count++;
  }
  CloseHandle(snapshot);
  library.close();
  return count;
}

/** How many handles a process holds. Out of the list of all handles, for Wine has no GetProcessHandleCount. */
export function handleCount(processId: number): number {
  const library = Deno.dlopen("ntdll.dll", ntSymbols);
  for (let size = 1 << 20;; size *= 2) {
    const table = new DataView(new ArrayBuffer(size)); // SYSTEM_HANDLE_INFORMATION_EX
    const { NtQuerySystemInformation } = library.symbols;
    const status = NtQuerySystemInformation(SYSTEM_EXTENDED_HANDLE_INFORMATION, table, size, new Uint8Array(4));
    if (status === STATUS_INFO_LENGTH_MISMATCH) continue;
    if (status !== 0) throw new Error(`Cannot list handles: 0x${status.toString(16)}`);
    let count = 0;
    for (let index = 0; index < Number(table.getBigUint64(0, true)); index++) {
      if (table.getBigUint64(16 + 40 * index + 8, true) === BigInt(processId)) count++;
    }
    library.close();
    return count;
  }
}
