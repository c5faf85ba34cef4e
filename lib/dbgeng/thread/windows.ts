/**
 * The few Windows functions that finding an engine needs beside the engine: known folders, the registry, loaded modules.
 * @module
 */
import { Buffer } from "node:buffer";
import { addressOf, encodeNarrow, encodeWide, readBytes, readWide } from "../../com/memory.ts";
import { kernel32, PATH, text } from "./kernel.ts";

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

/** Windows' own folder of DLLs, for example `C:\Windows\System32`. */
export function systemFolder(): string {
  const buffer = new Uint8Array(2 * PATH);
  kernel32().GetSystemDirectoryW(buffer, PATH);
  return text(buffer);
}

/** The same folder for 32-bit programs, for example `C:\Windows\SysWOW64`. Those see it by the other's name. */
export function wow64Folder(): string {
  const buffer = new Uint8Array(2 * PATH);
  kernel32().GetSystemWow64DirectoryW(buffer, PATH);
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

const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/** Whether a DLL's name is one of Windows' sets of functions, which have no file: `api-ms-win-…`. */
export function isSystemDll(name: string): boolean {
  if (!/^(api|ext)-ms-/i.test(name)) return false;
  const handle = kernel32().LoadLibraryExW(encodeWide(name), 0n, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (handle !== 0n) kernel32().FreeLibrary(handle);
  return handle !== 0n;
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

/** Where the threads begin that Windows starts to break into a process: ntdll lies at one address in all of them. */
export function breakInStart(): bigint {
  return procedureAddress("ntdll.dll", "DbgUiRemoteBreakin");
}
