/** The 32-bit registers of threads under Wine, which keeps them beside the 64-bit ones. */
import { DEBUG_VALUE } from "../generated/structs.ts";
import { HresultError } from "../../com/hresult.ts";
import { StructView } from "../../com/struct_view.ts";
import { type EngineObjects, HIGHEST_OF_I386 } from "./objects.ts";
import { kernel32 } from "./kernel.ts";
import { isWine } from "./windows.ts";

/** THREAD_GET_CONTEXT, THREAD_SET_CONTEXT and THREAD_QUERY_INFORMATION. */
const THREAD_ACCESS = 0x8 | 0x10 | 0x40;
/** WOW64_CONTEXT: its size, the flags for all of it, and where it has the registers. */
const CONTEXT_SIZE = 716;
const CONTEXT_ALL = 0x1003f;
/** Control and integer registers: the processor's own breakpoints stay as they are. */
const CONTEXT_MOVED = 0x10003;
const PLACES = {
  ...{ edi: 0x9c, esi: 0xa0, ebx: 0xa4, edx: 0xa8, ecx: 0xac, eax: 0xb0 },
  ...{ ebp: 0xb4, eip: 0xb8, efl: 0xc0, esp: 0xc4 },
} as const;
const TRAP = 0x100;
const BREAK_INSTRUCTION = 0xcc;

/**
 * What Wine says of the engine's current thread, where that is inside the 64-bit part of its 32-bit program; the effective processor is the
 * machine's own. The engine takes the lower halves of the 64-bit registers for the others, and nothing of that is true. Undefined where it
 * knows better.
 */
export function x86Context({ registers, system }: EngineObjects): Uint8Array<ArrayBuffer> | undefined {
  if (!isWine() || registers.GetInstructionOffset() <= HIGHEST_OF_I386) return undefined;
  return withThread(system, (handle) => contextOf(handle));
}

/**
 * Has Wine go on with the registers that the engine has for its current thread, which is in 32-bit code and about to run; the effective
 * processor is x86. The engine sets 64-bit ones, and after these alone Wine starts the thread with zeros.
 * @param traps Whether it is to trap after one instruction.
 */
export function passX86Context(objects: EngineObjects, traps: boolean): void {
  if (isAtBreak(objects)) return; // one of the program's own: Wine has it behind that already
  withThread(objects.system, (handle) => {
    const context = contextOf(handle);
    if (!context) return;
    const view = new DataView(context.buffer);
    view.setUint32(0, CONTEXT_MOVED, true);
    for (const [name, place] of Object.entries(PLACES)) {
      view.setUint32(place, Number(valueOf(objects, name)), true);
    }
    if (traps) view.setUint32(PLACES.efl, view.getUint32(PLACES.efl, true) | TRAP, true);
    kernel32().Wow64SetThreadContext(handle, context);
  });
}

/** The engine shows memory without its breakpoints. */
function isAtBreak({ spaces, registers }: EngineObjects): boolean {
  const byte = new Uint8Array(1);
  try {
    return spaces.ReadVirtual(registers.GetInstructionOffset(), byte, 1) === 1 && byte[0] === BREAK_INSTRUCTION;
  } catch (error) {
    if (!(error instanceof HresultError)) throw error; // a jump to nowhere
    return false;
  }
}

function valueOf({ registers }: EngineObjects, name: string): number {
  const value = new StructView(DEBUG_VALUE);
  registers.GetValue(registers.GetIndexByNameWide(name), value.bytes);
  return value.get("I32") >>> 0;
}

function contextOf(handle: bigint): Uint8Array<ArrayBuffer> | undefined {
  const context = new Uint8Array(CONTEXT_SIZE);
  new DataView(context.buffer).setUint32(0, CONTEXT_ALL, true);
  return kernel32().Wow64GetThreadContext(handle, context) === 0 ? undefined : context;
}

/** Undefined where the engine's current thread is not one of this machine. */
export function withThread<T>(system: EngineObjects["system"], action: (handle: bigint) => T): T | undefined {
  const { OpenThread, GetProcessIdOfThread, CloseHandle } = kernel32();
  const handle = OpenThread(THREAD_ACCESS, 0, system.GetCurrentThreadSystemId());
  if (handle === 0n) return undefined;
  try {
    return GetProcessIdOfThread(handle) === system.GetCurrentProcessSystemId() ? action(handle) : undefined;
  } finally {
    CloseHandle(handle);
  }
}
