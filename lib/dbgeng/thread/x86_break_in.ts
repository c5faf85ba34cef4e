/** Breaking into 32-bit programs under Wine: it starts the thread for that at a 64-bit address cut to 32 bits, and the program dies of it. */
import { I386 } from "./objects.ts";
import { isWine } from "./windows.ts";
import { wow64Machine } from "./windows_processes.ts";

const symbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  VirtualAllocEx: { parameters: ["usize", "usize", "usize", "u32", "u32"], result: "usize" },
  WriteProcessMemory: { parameters: ["usize", "usize", "buffer", "usize", "usize"], result: "i32" },
  CreateRemoteThread: { parameters: ["usize", "usize", "usize", "usize", "usize", "u32", "usize"], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

let library: Deno.DynamicLibrary<typeof symbols> | undefined;

const PROCESS_BREAK_IN = 0x43a; // create a thread, query, and operate on memory
const MEM_COMMIT_RESERVE = 0x3000;
const PAGE_EXECUTE_READWRITE = 0x40;
const PAGE = 0x1000n;

/** `int3`, `xor eax, eax`, `ret 4`. */
const CODE = Uint8Array.of(0xcc, 0x31, 0xc0, 0xc2, 0x04, 0x00);

/** Where programs have it, by process. */
const places = new Map<number, bigint>();

/** Whether a process of this machine has to be broken into in this way. */
export function takesOwnBreakIn(processId: number): boolean {
  return isWine() && wow64Machine(processId) === I386;
}

/** Whether a thread that begins there is one of these. */
export function isOwnBreakIn(startAddress: bigint): boolean {
  return [...places.values()].includes(startAddress);
}

/** Starts a thread in a 32-bit process that breaks into its debugger. */
export function breakIntoX86(processId: number): void {
  library ??= Deno.dlopen("kernel32.dll", symbols);
  const { OpenProcess, CloseHandle, VirtualAllocEx, WriteProcessMemory, CreateRemoteThread } = library.symbols;
  const handle = OpenProcess(PROCESS_BREAK_IN, 0, processId);
  if (handle === 0n) return; // it is ending
  const start = places.get(processId) ?? VirtualAllocEx(handle, 0n, PAGE, MEM_COMMIT_RESERVE, PAGE_EXECUTE_READWRITE);
  if (start !== 0n && WriteProcessMemory(handle, start, CODE, BigInt(CODE.length), 0n) !== 0) {
    places.set(processId, start);
    const thread = CreateRemoteThread(handle, 0n, 0n, start, 0n, 0, 0n);
    if (thread !== 0n) CloseHandle(thread);
  }
  CloseHandle(handle);
}
