/**
 * Files by Windows' own functions, since a script may lack the right to read or write them, which the engine does not need.
 * @module
 */
import { encodeWide } from "../../com/memory.ts";
import { kernel32 } from "./kernel.ts";

const INVALID_FILE_ATTRIBUTES = 0xffffffff;

/** Whether a file is there. Windows is asked, since a script may lack the right to read files. */
export function fileExists(path: string): boolean {
  return kernel32().GetFileAttributesW(encodeWide(path)) !== INVALID_FILE_ATTRIBUTES;
}

const GENERIC_READ = 0x80000000;
const SHARE_ALL = 7;
const OPEN_EXISTING = 3;
const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;
/** No program is larger, in bytes. */
const LARGEST = 1n << 30n;

/**
 * A file's content, or its first bytes; undefined where it cannot be read, or has fewer. Windows is asked, since a script may lack the right to
 * read files.
 */
export function readFile(path: string, length?: number): Uint8Array<ArrayBuffer> | undefined {
  const { CreateFileW, GetFileSizeEx, ReadFile, CloseHandle } = kernel32();
  const handle = CreateFileW(encodeWide(path), GENERIC_READ, SHARE_ALL, 0n, OPEN_EXISTING, 0, 0n);
  if (handle === INVALID_HANDLE) return undefined;
  try {
    const size = new BigUint64Array(1);
    if (GetFileSizeEx(handle, size) === 0 || !size[0] || size[0] > LARGEST) return undefined;
    const bytes = new Uint8Array(length ?? Number(size[0]));
    const count = new Uint32Array(1);
    return ReadFile(handle, bytes, bytes.length, count, 0n) !== 0 && count[0] === bytes.length ? bytes : undefined;
  } finally {
    CloseHandle(handle);
  }
}

const MOVEFILE_REPLACE_EXISTING = 1;

/** Renames a file, replacing what is there; whether that worked. Windows is asked, since a script may lack the right to write files. */
export function moveFile(from: string, to: string): boolean {
  return kernel32().MoveFileExW(encodeWide(from), encodeWide(to), MOVEFILE_REPLACE_EXISTING) !== 0;
}

/** Deletes a file if it is there. */
export function removeFile(path: string): void {
  kernel32().DeleteFileW(encodeWide(path));
}
