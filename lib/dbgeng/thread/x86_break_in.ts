/** Breaking into 32-bit programs under Wine: it starts the thread for that at a 64-bit address cut to 32 bits, and the program dies of it. */
import { AttachError } from "../../session/errors.ts";
import { I386 } from "../../files/machines.ts";
import { kernel32 } from "./kernel.ts";
import { isWine } from "./windows.ts";
import { wow64Machine } from "./windows_processes.ts";

const PROCESS_BREAK_IN = 0x43a; // create a thread, query, and operate on memory
const MEM_COMMIT_RESERVE = 0x3000;
const MEM_RELEASE = 0x8000;
const PAGE_EXECUTE_READWRITE = 0x40;
const PAGE = 0x1000n;

/**
 * `int3`, unless the process environment block says that nobody debugs the program any more: the thread may get here when it was let go. Then
 * the thread ends.
 */
const CODE = Uint8Array.of(
  ...[0x64, 0xa1, 0x30, 0x00, 0x00, 0x00], // mov eax, fs:[30h]
  ...[0x80, 0x78, 0x02, 0x00], // cmp byte ptr [eax+2], 0
  ...[0x74, 0x01], // je +1
  ...[0xcc], // int3
  ...[0x31, 0xc0], // xor eax, eax
  ...[0xc2, 0x04, 0x00], // ret 4
);

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

/**
 * Gets a 32-bit process ready for {@linkcode breakIntoX86}.
 * @throws {AttachError} where that cannot be done.
 */
export function prepareBreakIn(processId: number): void {
  const isReady = withProcess(processId, (handle) => placeIn(processId, handle) !== undefined) ?? true; // or it is ending
  if (isReady) return;
  const reason = "no thread that breaks in can be started there; attach with initialBreak: false";
  throw new AttachError("failed", `Cannot attach to process ${processId}: ${reason}`);
}

/** Starts a thread in a 32-bit process that breaks into its debugger. */
export function breakIntoX86(processId: number): void {
  withProcess(processId, (handle) => {
    const { CreateRemoteThread, CloseHandle } = kernel32();
    const start = placeIn(processId, handle);
    const thread = start === undefined ? 0n : CreateRemoteThread(handle, 0n, 0n, start, 0n, 0, 0n);
    if (thread !== 0n) CloseHandle(thread);
  });
}

/** A process is not debugged any more; it gets its memory back, unless such a thread `isIn` there. */
export function forgetBreakIn(processId: number, isIn: boolean): void {
  const place = places.get(processId);
  places.delete(processId);
  if (place === undefined || isIn) return;
  withProcess(processId, (handle) => kernel32().VirtualFreeEx(handle, place, 0n, MEM_RELEASE));
}

/** Where a process has the code; undefined where it cannot be put there. */
function placeIn(processId: number, handle: bigint): bigint | undefined {
  const known = places.get(processId);
  if (known !== undefined) return known;
  const { VirtualAllocEx, WriteProcessMemory } = kernel32();
  const place = VirtualAllocEx(handle, 0n, PAGE, MEM_COMMIT_RESERVE, PAGE_EXECUTE_READWRITE);
  const isWritten = place !== 0n && WriteProcessMemory(handle, place, CODE, BigInt(CODE.length), 0n) !== 0;
  if (!isWritten) return undefined;
  places.set(processId, place);
  return place;
}

/** Undefined where there is no such process: it is ending. */
function withProcess<T>(processId: number, action: (handle: bigint) => T): T | undefined {
  const { OpenProcess, CloseHandle } = kernel32();
  const handle = OpenProcess(PROCESS_BREAK_IN, 0, processId);
  if (handle === 0n) return undefined;
  try {
    return action(handle);
  } finally {
    CloseHandle(handle);
  }
}
