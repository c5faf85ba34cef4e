/** Whole pages of native memory, for machine code and what it works on. 64-bit Intel Windows only. */

const symbols = {
  VirtualAlloc: { parameters: ["usize", "usize", "u32", "u32"], result: "usize" },
  VirtualProtect: { parameters: ["usize", "usize", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const MEM_COMMIT_RESERVE = 0x3000;
const PAGE_READWRITE = 0x04;
const PAGE_EXECUTE_READ = 0x20;
/** Bytes of a page. */
export const PAGE = 4096;

let kernel: Deno.DynamicLibrary<typeof symbols>["symbols"] | undefined;

/** Whether machine code that Latch makes runs on this machine. */
export function runsMachineCode(): boolean {
  return Deno.build.os === "windows" && Deno.build.arch === "x86_64";
}

/** Pages that live as long as the process. */
export interface Pages {
  readonly address: bigint;
  readonly memory: ArrayBuffer;
}

/** Takes pages, readable and writable. */
export function takePages(count: number): Pages {
  kernel ??= Deno.dlopen("kernel32.dll", symbols).symbols;
  const address = kernel.VirtualAlloc(0n, BigInt(count * PAGE), MEM_COMMIT_RESERVE, PAGE_READWRITE);
  if (address === 0n) throw new Error("Cannot call native code: VirtualAlloc returned no memory");
  const pointer = Deno.UnsafePointer.create(address) as Deno.PointerObject;
  return { address, memory: Deno.UnsafePointerView.getArrayBuffer(pointer, count * PAGE) };
}

/** Makes pages executable, which cannot be written any more: memory that is both at once is what security products look for. */
export function makeExecutable(address: bigint, count = 1): void {
  kernel ??= Deno.dlopen("kernel32.dll", symbols).symbols;
  if (kernel.VirtualProtect(address, BigInt(count * PAGE), PAGE_EXECUTE_READ, new Uint32Array(1)) !== 0) return;
  throw new Error("Cannot call native code: Windows refused to make memory executable");
}
