/**
 * The few Windows functions that finding an engine needs beside the engine: known folders, the registry, loaded modules.
 * @module
 */
import { Buffer } from "node:buffer";
import { addressOf, encodeNarrow, encodeWide, readBytes, readWide } from "../../com/memory.ts";

const kernelSymbols = {
  GetModuleHandleW: { parameters: ["buffer"], result: "usize" },
  GetModuleFileNameW: { parameters: ["usize", "buffer", "u32"], result: "u32" },
  GetProcAddress: { parameters: ["usize", "buffer"], result: "usize" },
  GetSystemDirectoryW: { parameters: ["buffer", "u32"], result: "u32" },
  CreateMutexW: { parameters: ["usize", "i32", "buffer"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
  GetProcessIdOfThread: { parameters: ["usize"], result: "u32" },
  LocalFree: { parameters: ["usize"], result: "usize" },
  CheckRemoteDebuggerPresent: { parameters: ["usize", "buffer"], result: "i32" },
  GetFileAttributesW: { parameters: ["buffer"], result: "u32" },
  MoveFileExW: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  DeleteFileW: { parameters: ["buffer"], result: "i32" },
  GetEnvironmentStringsW: { parameters: [], result: "usize" },
  CreateFileW: { parameters: ["buffer", "u32", "u32", "usize", "u32", "u32", "usize"], result: "usize" },
  GetFileSizeEx: { parameters: ["usize", "buffer"], result: "i32" },
  ReadFile: { parameters: ["usize", "buffer", "u32", "buffer", "usize"], result: "i32" },
  LoadLibraryExW: { parameters: ["buffer", "usize", "u32"], result: "usize" },
  FreeLibrary: { parameters: ["usize"], result: "i32" },
  GetProcessId: { parameters: ["usize"], result: "u32" },
  QueryFullProcessImageNameW: { parameters: ["usize", "u32", "buffer", "buffer"], result: "i32" },
  FreeEnvironmentStringsW: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const versionSymbols = {
  GetFileVersionInfoSizeW: { parameters: ["buffer", "usize"], result: "u32" },
  GetFileVersionInfoW: { parameters: ["buffer", "u32", "u32", "buffer"], result: "i32" },
  VerQueryValueW: { parameters: ["buffer", "buffer", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const registrySymbols = {
  RegGetValueW: { parameters: ["usize", "buffer", "buffer", "u32", "usize", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const shellSymbols = {
  SHGetFolderPathW: { parameters: ["usize", "i32", "usize", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols> | undefined;

function kernel32(): Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] {
  kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols);
  return kernel.symbols;
}

/** Characters that a path may have here. */
const PATH = 1024;

function text(buffer: Uint8Array<ArrayBuffer>): string {
  const characters = Buffer.from(buffer.buffer).toString("utf16le");
  return characters.slice(0, characters.indexOf("\0"));
}

/** Windows' own folder of DLLs, for example `C:\Windows\System32`. */
export function systemFolder(): string {
  const buffer = new Uint8Array(2 * PATH);
  kernel32().GetSystemDirectoryW(buffer, PATH);
  return text(buffer);
}

/** Full path of the module that this process has loaded under a base name; null when there is none. */
export function loadedModulePath(name: string): string | null {
  const handle = kernel32().GetModuleHandleW(encodeWide(name));
  if (handle === 0n) return null;
  const buffer = new Uint8Array(2 * PATH);
  kernel32().GetModuleFileNameW(handle, buffer, PATH);
  return text(buffer);
}

/** Behind a module's first header, where others have a message for DOS. */
const WINE_MARK = { at: 0x40n, text: "Wine builtin DLL" };

/** Whether the module that this process has loaded under a base name is part of Wine, whatever path it goes by. */
export function isWinesOwn(name: string): boolean {
  const handle = kernel32().GetModuleHandleW(encodeWide(name));
  if (handle === 0n) return false;
  const mark = readBytes(handle + WINE_MARK.at, WINE_MARK.text.length);
  return Buffer.from(mark.buffer).toString("latin1") === WINE_MARK.text;
}

const CSIDL_PROFILE = 0x28;

/** The user's profile folder. Windows is asked, not the environment, which needs a permission. */
export function profileFolder(): string | null {
  const library = Deno.dlopen("shell32.dll", shellSymbols);
  const buffer = new Uint8Array(2 * PATH);
  return library.symbols.SHGetFolderPathW(0n, CSIDL_PROFILE, 0n, 0, buffer) === 0 ? text(buffer) : null;
}

const HKEY_LOCAL_MACHINE = 0xffff_ffff_8000_0002n;
const RRF_RT_REG_SZ = 0x2;
const RRF_SUBKEY_WOW6432KEY = 0x00020000;

/** Root of the installed Windows Kits, with a trailing backslash; null when none is registered. */
export function windowsKitsFolder(): string | null {
  const library = Deno.dlopen("advapi32.dll", registrySymbols);
  const buffer = new Uint8Array(2 * PATH);
  const key = encodeWide("SOFTWARE\\Microsoft\\Windows Kits\\Installed Roots");
  const flags = RRF_RT_REG_SZ | RRF_SUBKEY_WOW6432KEY;
  const size = Uint32Array.of(buffer.length);
  const value = encodeWide("KitsRoot10");
  return library.symbols.RegGetValueW(HKEY_LOCAL_MACHINE, key, value, flags, 0n, buffer, size) === 0
    ? text(buffer)
    : null;
}

/** The file version of a DLL as `10.0.29507.1001`; empty when it has none. */
export function fileVersion(path: string): string {
  const library = Deno.dlopen("version.dll", versionSymbols);
  const name = encodeWide(path);
  const size = library.symbols.GetFileVersionInfoSizeW(name, 0n);
  const block = new Uint8Array(size);
  if (size === 0 || library.symbols.GetFileVersionInfoW(name, 0, size, block) === 0) return "";
  const where = new BigUint64Array(1);
  const length = new Uint32Array(1);
  if (library.symbols.VerQueryValueW(block, encodeWide("\\"), where, length) === 0) return "";
  // VS_FIXEDFILEINFO: the third and fourth word hold the file version. The pointer leads into `block`.
  const view = new DataView(block.buffer, Number((where[0] ?? 0n) - addressOf(block)));
  const [high, low] = [view.getUint32(8, true), view.getUint32(12, true)];
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join(".");
}

const ERROR_ALREADY_EXISTS = 183;

/** Takes a name that only one holder in the system can have; null when it is taken. Gives a handle for {@linkcode releaseName}. */
export function takeName(name: string): bigint | null {
  const handle = kernel32().CreateMutexW(0n, 0, encodeWide(name));
  if (handle !== 0n && kernel32().GetLastError() !== ERROR_ALREADY_EXISTS) return handle;
  if (handle !== 0n) kernel32().CloseHandle(handle);
  return null;
}

/** Gives a name back. */
export function releaseName(handle: bigint): void {
  kernel32().CloseHandle(handle);
}

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

/** A file's content; undefined where it cannot be read. Windows is asked, since a script may lack the right to read files. */
export function readFile(path: string): Uint8Array<ArrayBuffer> | undefined {
  const { CreateFileW, GetFileSizeEx, ReadFile, CloseHandle } = kernel32();
  const handle = CreateFileW(encodeWide(path), GENERIC_READ, SHARE_ALL, 0n, OPEN_EXISTING, 0, 0n);
  if (handle === INVALID_HANDLE) return undefined;
  try {
    const size = new BigUint64Array(1);
    if (GetFileSizeEx(handle, size) === 0 || !size[0] || size[0] > LARGEST) return undefined;
    const bytes = new Uint8Array(Number(size[0]));
    const count = new Uint32Array(1);
    return ReadFile(handle, bytes, bytes.length, count, 0n) !== 0 && count[0] === bytes.length ? bytes : undefined;
  } finally {
    CloseHandle(handle);
  }
}

const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/** Whether a DLL's name is one of Windows' sets of functions, which have no file: `api-ms-win-…`. */
export function isSystemDll(name: string): boolean {
  if (!/^(api|ext)-ms-/i.test(name)) return false;
  const handle = kernel32().LoadLibraryExW(encodeWide(name), 0n, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (handle !== 0n) kernel32().FreeLibrary(handle);
  return handle !== 0n;
}

/** The file that a process of this machine runs, by a handle; undefined where the handle is not that process's. */
export function processImage(processId: number, handle: bigint): string | undefined {
  if (kernel32().GetProcessId(handle) !== processId) return undefined;
  const buffer = new Uint8Array(2 * PATH);
  return kernel32().QueryFullProcessImageNameW(handle, 0, buffer, Uint32Array.of(PATH)) !== 0
    ? text(buffer)
    : undefined;
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

/** This process's environment as `NAME=value` lines, to be handed on to a program that is launched. */
export function ownEnvironment(): string[] {
  const block = kernel32().GetEnvironmentStringsW();
  const lines: string[] = [];
  for (let at = block;;) {
    const line = readWide(at);
    if (!line) break;
    lines.push(line);
    at += BigInt(2 * (line.length + 1));
  }
  kernel32().FreeEnvironmentStringsW(block);
  return lines;
}

const ntSymbols = {
  NtQueryInformationProcess: { parameters: ["usize", "u32", "buffer", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let nt: Deno.DynamicLibrary<typeof ntSymbols> | undefined;

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const PROCESS_BASIC_INFORMATION_PARENT = 5;

/** The process of this machine that started another; undefined where Windows does not tell. It may have ended. */
export function parentProcess(processId: number): number | undefined {
  const handle = kernel32().OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, processId);
  if (handle === 0n) return undefined;
  nt ??= Deno.dlopen("ntdll.dll", ntSymbols);
  const information = new BigUint64Array(6); // PROCESS_BASIC_INFORMATION
  const status = nt.symbols.NtQueryInformationProcess(
    handle,
    0,
    information,
    information.byteLength,
    new Uint32Array(1),
  );
  kernel32().CloseHandle(handle);
  return status < 0 ? undefined : Number(information[PROCESS_BASIC_INFORMATION_PARENT]);
}

/** Where a DLL lies that this process has loaded; 0n for another. */
export function moduleAddress(name: string): bigint {
  return kernel32().GetModuleHandleW(encodeWide(name));
}

/** Where a function of such a DLL lies; 0n where it has none of the name. */
export function procedureAddress(module: string, name: string): bigint {
  return kernel32().GetProcAddress(moduleAddress(module), encodeNarrow(name));
}

/** Whether this is Wine and not Windows. */
export function isWine(): boolean {
  return procedureAddress("ntdll.dll", "wine_get_version") !== 0n;
}

const descriptionSymbols = {
  GetThreadDescription: { parameters: ["usize", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let descriptions: Deno.DynamicLibrary<typeof descriptionSymbols>["symbols"] | undefined;

const THREAD_QUERY_LIMITED_INFORMATION = 0x800;

/** What a process's thread was called by `SetThreadDescription`; undefined where this machine has no such thread, or does not tell. */
export function threadDescription(processId: number, threadId: number): string | undefined {
  const handle = kernel32().OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, threadId);
  if (handle === 0n) return undefined;
  const isItsThread = kernel32().GetProcessIdOfThread(handle) === processId;
  descriptions ??= Deno.dlopen("kernelbase.dll", descriptionSymbols).symbols;
  const pointer = new BigUint64Array(1);
  const isTold = descriptions.GetThreadDescription(handle, pointer) >= 0;
  const text = readWide(pointer[0] ?? 0n) ?? "";
  kernel32().LocalFree(pointer[0] ?? 0n);
  kernel32().CloseHandle(handle);
  return isItsThread && isTold ? text : undefined;
}

const PROCESS_QUERY_INFORMATION = 0x400;

/** Whether a debugger is attached to a process of this machine; false where Windows does not tell. */
export function isDebugged(processId: number): boolean {
  const handle = kernel32().OpenProcess(PROCESS_QUERY_INFORMATION, 0, processId);
  if (handle === 0n) return false;
  const present = new Int32Array(1);
  kernel32().CheckRemoteDebuggerPresent(handle, present);
  kernel32().CloseHandle(handle);
  return present[0] !== 0;
}

/** Where the threads begin that Windows starts to break into a process: ntdll lies at one address in all of them. */
export function breakInStart(): bigint {
  return procedureAddress("ntdll.dll", "DbgUiRemoteBreakin");
}
