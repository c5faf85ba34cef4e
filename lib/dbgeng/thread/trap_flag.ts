/** The flag of a thread that has it trap after its next instruction. */
import { HresultError } from "../../com/hresult.ts";
import { addressOf } from "../../com/memory.ts";
import { read, readRegister, write, writeRegister } from "./inspect.ts";
import { kernel32 } from "./kernel.ts";
import type { EngineObjects } from "./objects.ts";
import { withThread } from "./x86_context.ts";

const TRAP = 0x100n;

/** CONTEXT of x64: its size and alignment, where it has its own flags and the processor's, and the control registers as what is asked for. */
const CONTEXT = { size: 1232, alignment: 16, contextFlags: 0x30, flags: 0x44, rsp: 0x98, control: 0x100001 } as const;

/** Whether the engine has it set for its current thread. */
export function isTrapSet(objects: EngineObjects): boolean {
  return (readRegister(objects, "efl") & TRAP) !== 0n;
}

/** Sets or clears it. */
export function setTrap(objects: EngineObjects, isSet: boolean): void {
  if (isTrapSet(objects) === isSet) return;
  writeRegister(objects, "efl", readRegister(objects, "efl") ^ TRAP);
}

/**
 * Has the current thread trap only if the program wants that. The engine means to step the thread of the last event over its breakpoint
 * whenever anything runs, and forgets that it does when another thread was stepped.
 */
export function resetTrap(objects: EngineObjects, isOwn: boolean): void {
  unlessEnding(() => setTrap(objects, isOwn));
}

/**
 * Inside a callback: whether the program has it set for the engine's current thread. The engine clears it in what it shows of a thread at a
 * breakpoint, so the system is asked; false on another machine, and for a 32-bit program.
 */
export function isOwnTrapSet(objects: EngineObjects): boolean {
  if (objects.isX86) return false;
  const buffer = new Uint8Array(CONTEXT.size + CONTEXT.alignment);
  const begin = Number(-addressOf(buffer) & BigInt(CONTEXT.alignment - 1));
  const context = buffer.subarray(begin, begin + CONTEXT.size);
  const view = new DataView(context.buffer, begin);
  view.setUint32(CONTEXT.contextFlags, CONTEXT.control, true);
  const isRead = withThread(objects.system, (handle) => kernel32().GetThreadContext(handle, context) !== 0);
  return isRead === true && (BigInt(view.getUint32(CONTEXT.flags, true)) & TRAP) !== 0n;
}

/**
 * Inside a callback, where a register points to the CONTEXT with which the thread is to go on: sets the flag in that, if it is of the frame with this stack, or of one
 * further up. What is further down belongs to what runs in between.
 */
export function trapIn(objects: EngineObjects, register: string, stack: bigint): void {
  unlessEnding(() => {
    const context = readRegister(objects, register);
    const view = new DataView(read(objects, context, CONTEXT.rsp + 8).buffer);
    if (view.getBigUint64(CONTEXT.rsp, true) < stack) return;
    const flags = Uint8Array.of(0, 0, 0, 0);
    new DataView(flags.buffer).setUint32(0, view.getUint32(CONTEXT.flags, true) | Number(TRAP), true);
    write(objects, context + BigInt(CONTEXT.flags), flags);
  });
}

/** A thread that is ending takes its registers with it. */
export function unlessEnding(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
  }
}
