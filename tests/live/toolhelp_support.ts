/** What Windows tells of another process from outside: its threads and its handles. */

const TH32CS_SNAPPROCESS = 2;
const TH32CS_SNAPTHREAD = 4;
const SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;
const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004;

const kernelSymbols = {
  CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "usize" },
  Process32First: { parameters: ["usize", "buffer"], result: "i32" },
  Process32Next: { parameters: ["usize", "buffer"], result: "i32" },
  Thread32First: { parameters: ["usize", "buffer"], result: "i32" },
  Thread32Next: { parameters: ["usize", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const ntSymbols = {
  NtQuerySystemInformation: { parameters: ["u32", "buffer", "u32", "buffer"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Step = "Process32First" | "Process32Next" | "Thread32First" | "Thread32Next";

/** Walks over what there is of a kind; `visit` gets each entry. */
function walk(kind: "Process" | "Thread", flags: number, size: number, visit: (entry: DataView) => void): void {
  const library = Deno.dlopen("kernel32.dll", kernelSymbols);
  const snapshot = library.symbols.CreateToolhelp32Snapshot(flags, 0);
  const entry = new DataView(new ArrayBuffer(size));
  entry.setUint32(0, size, true);
  const step = (name: Step): boolean => library.symbols[name](snapshot, entry) !== 0;
  for (let more = step(`${kind}32First`); more; more = step(`${kind}32Next`)) visit(entry);
  library.symbols.CloseHandle(snapshot);
  library.close();
}

/** How many threads a process has. */
export function threadCount(processId: number): number {
  let count = 0;
  walk("Thread", TH32CS_SNAPTHREAD, 28, (entry) => { // THREADENTRY32
    if (entry.getUint32(12, true) === processId) count++;
  });
  return count;
}

/** Ids of the processes whose image has a name. */
export function processesNamed(name: string): number[] {
  const ids: number[] = [];
  walk("Process", TH32CS_SNAPPROCESS, 304, (entry) => { // PROCESSENTRY32
    const [image] = new TextDecoder().decode(new Uint8Array(entry.buffer, 44)).split("\0");
    if (image?.toLowerCase() === name.toLowerCase()) ids.push(entry.getUint32(8, true));
  });
  return ids;
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

/** Whether a process is there. */
export function processExists(processId: number): boolean {
  let exists = false;
  walk("Process", TH32CS_SNAPPROCESS, 304, (entry) => { // PROCESSENTRY32
    if (entry.getUint32(8, true) === processId) exists = true;
  });
  return exists;
}
