/** Whole pages of native memory, for machine code and what it works on. 64-bit Intel Windows only. */
import { writeBytes } from "./memory.ts";

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

function kernel32(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  return kernel ??= Deno.dlopen("kernel32.dll", symbols).symbols;
}

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
  const pages = takePagesAt(0n, count);
  if (!pages) throw new Error("Cannot call native code: VirtualAlloc returned no memory");
  return pages;
}

/** Windows gives out addresses in steps of this many bytes. */
const STEP = 0x10000n;

/** The same behind an address, and less than 4 GiB from it; undefined where no room is. */
export function takePagesBehind(address: bigint, count: number): Pages | undefined {
  const start = address - address % STEP;
  for (let near = start + STEP; near < start + (1n << 32n) - STEP; near += STEP) {
    const pages = takePagesAt(near, count);
    if (pages) return pages;
  }
  return undefined;
}

function takePagesAt(wanted: bigint, count: number): Pages | undefined {
  const address = kernel32().VirtualAlloc(wanted, BigInt(count * PAGE), MEM_COMMIT_RESERVE, PAGE_READWRITE);
  if (address === 0n) return undefined;
  const pointer = Deno.UnsafePointer.create(address) as Deno.PointerObject;
  return { address, memory: Deno.UnsafePointerView.getArrayBuffer(pointer, count * PAGE) };
}

/** Makes pages executable, which cannot be written any more: memory that is both at once is what security products look for. */
export function makeExecutable(address: bigint, count = 1): void {
  if (kernel32().VirtualProtect(address, BigInt(count * PAGE), PAGE_EXECUTE_READ, new Uint32Array(1)) !== 0) return;
  throw new Error("Cannot call native code: Windows refused to make memory executable");
}

/** Writes bytes to memory that is there to be read only, which it is again afterwards. */
export function overwrite(address: bigint, bytes: Uint8Array<ArrayBuffer>): void {
  const before = new Uint32Array(1);
  const protect = (protection: number): boolean =>
    kernel32().VirtualProtect(address, BigInt(bytes.length), protection, before) !== 0;
  if (!protect(PAGE_READWRITE)) throw new Error("Cannot write to a library: Windows refused to make it writable");
  writeBytes(address, bytes);
  protect(before[0] ?? PAGE_READWRITE);
}
