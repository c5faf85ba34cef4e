/** The 32-bit registers of a thread that is inside the 64-bit part of its 32-bit program. */
import { isWine } from "./windows.ts";
import type { EngineObjects } from "./objects.ts";

const symbols = {
  OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
  GetProcessIdOfThread: { parameters: ["usize"], result: "u32" },
  Wow64GetThreadContext: { parameters: ["usize", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let library: Deno.DynamicLibrary<typeof symbols> | undefined;

const THREAD_GET_CONTEXT = 0x8;
const THREAD_QUERY_INFORMATION = 0x40;
/** WOW64_CONTEXT: its size, and the flags for all of it. */
const CONTEXT_SIZE = 716;
const CONTEXT_ALL = 0x1003f;
const HIGHEST = 0xffff_ffffn;

/**
 * Under Wine the engine takes the lower halves of the 64-bit registers for them, and nothing of that is true: gives what Wine says of the
 * engine's current thread, the effective processor being the machine's own. Undefined where the engine knows them itself.
 */
export function x86Context({ registers, system }: EngineObjects): Uint8Array<ArrayBuffer> | undefined {
  if (!isWine() || registers.GetInstructionOffset() <= HIGHEST) return undefined;
  library ??= Deno.dlopen("kernel32.dll", symbols);
  const { OpenThread, GetProcessIdOfThread, Wow64GetThreadContext, CloseHandle } = library.symbols;
  const handle = OpenThread(THREAD_GET_CONTEXT | THREAD_QUERY_INFORMATION, 0, system.GetCurrentThreadSystemId());
  if (handle === 0n) return undefined; // of another machine
  const context = new Uint8Array(CONTEXT_SIZE);
  new DataView(context.buffer).setUint32(0, CONTEXT_ALL, true);
  const isIts = GetProcessIdOfThread(handle) === system.GetCurrentProcessSystemId();
  const isTold = isIts && Wow64GetThreadContext(handle, context) !== 0;
  CloseHandle(handle);
  return isTold ? context : undefined;
}
