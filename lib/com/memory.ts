/**
 * Native memory: addresses in, bytes and text out. The one place in `lib/com` that opens the C run-time library.
 * @module
 */
import { Buffer } from "node:buffer";

const isWindows = Deno.build.os === "windows";

const symbols = {
  /** With a size of zero it copies nothing and gives the address of its first argument back: 17 ns, `UnsafePointer.of` takes 210 ns. */
  address: { name: "memcpy", parameters: ["buffer", "buffer", "usize"], result: "usize" },
  copyOut: { name: "memcpy", parameters: ["buffer", "usize", "usize"], result: "usize" },
  copyIn: { name: "memcpy", parameters: ["usize", "buffer", "usize"], result: "usize" },
  length: { name: "strlen", parameters: ["usize"], result: "usize" },
  wideLength: { name: "wcslen", parameters: ["usize"], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

let library: Deno.DynamicLibrary<typeof symbols> | undefined;

/** Opened at the first use: importing this module must touch nothing. `msvcrt` is part of every Windows. */
function runtime(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  library ??= Deno.dlopen(isWindows ? "msvcrt.dll" : "libc.so.6", symbols);
  return library.symbols;
}

/** Address of a buffer's first byte; 0n for an empty one. The caller keeps the buffer alive while native code uses it. */
export function addressOf(buffer: ArrayBufferView): bigint {
  return runtime().address(buffer as Uint8Array<ArrayBuffer>, buffer as Uint8Array<ArrayBuffer>, 0n);
}

/** Copies `length` bytes from a native address. */
export function readBytes(address: bigint, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  if (length > 0) runtime().copyOut(bytes, address, BigInt(length));
  return bytes;
}

/** Copies bytes to a native address. */
export function writeBytes(address: bigint, bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length > 0) runtime().copyIn(address, bytes, BigInt(bytes.length));
}

// One buffer for all text that comes in: a fresh one for each string costs more than the copy.
let textBuffer = Buffer.alloc(4096);

function textBytes(address: bigint, bytes: number): Buffer {
  if (textBuffer.length < bytes) textBuffer = Buffer.alloc(bytes * 2);
  runtime().copyOut(textBuffer as unknown as Uint8Array<ArrayBuffer>, address, BigInt(bytes));
  return textBuffer;
}

/** Reads NUL-terminated UTF-16 text; `null` for a null address. */
export function readWide(address: bigint): string | null {
  if (address === 0n) return null;
  const bytes = 2 * (isWindows ? Number(runtime().wideLength(address)) : portableWideLength(address));
  return textBytes(address, bytes).toString("utf16le", 0, bytes);
}

/** Reads NUL-terminated 8-bit text as UTF-8; `null` for a null address. */
export function readNarrow(address: bigint): string | null {
  if (address === 0n) return null;
  const bytes = Number(runtime().length(address));
  return textBytes(address, bytes).toString("utf8", 0, bytes);
}

/** `wchar_t` has four bytes on Linux, where only tests come by: no library function counts UTF-16 units there. */
function portableWideLength(address: bigint): number {
  const view = new Deno.UnsafePointerView(Deno.UnsafePointer.create(address) as Deno.PointerObject);
  let length = 0;
  while (view.getUint16(2 * length) !== 0) length++;
  return length;
}

/** UTF-16 bytes of a text with its terminating NUL. */
export function encodeWide(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length + 2);
  Buffer.from(bytes.buffer).write(text, "utf16le");
  return bytes;
}

const utf8 = new TextEncoder();

/** UTF-8 bytes of a text with its terminating NUL. */
export function encodeNarrow(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text + "\0");
}
