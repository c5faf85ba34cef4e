import { Buffer } from "node:buffer";

const kernelSymbols = {
  GetModuleHandleW: { parameters: ["buffer"], result: "usize" },
  GetModuleFileNameW: { parameters: ["usize", "buffer", "u32"], result: "u32" },
  GetProcAddress: { parameters: ["usize", "buffer"], result: "usize" },
  GetSystemWow64DirectoryW: { parameters: ["buffer", "u32"], result: "u32" },
  IsWow64Process2: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
  GetSystemDirectoryW: { parameters: ["buffer", "u32"], result: "u32" },
  CreateMutexW: { parameters: ["usize", "i32", "buffer"], result: "usize" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  GetTickCount: { parameters: [], result: "u32" },
  GetLastError: { parameters: [], result: "u32" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
  SuspendThread: { parameters: ["usize"], result: "u32" },
  ResumeThread: { parameters: ["usize"], result: "u32" },
  CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "usize" },
  Thread32First: { parameters: ["usize", "buffer"], result: "i32" },
  Thread32Next: { parameters: ["usize", "buffer"], result: "i32" },
  DebugBreakProcess: { parameters: ["usize"], result: "i32" },
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
  VirtualAllocEx: { parameters: ["usize", "usize", "usize", "u32", "u32"], result: "usize" },
  VirtualFreeEx: { parameters: ["usize", "usize", "usize", "u32"], result: "i32" },
  WriteProcessMemory: { parameters: ["usize", "usize", "buffer", "usize", "usize"], result: "i32" },
  CreateRemoteThread: { parameters: ["usize", "usize", "usize", "usize", "usize", "u32", "usize"], result: "usize" },
  GetThreadContext: { parameters: ["usize", "buffer"], result: "i32" },
  Wow64GetThreadContext: { parameters: ["usize", "buffer"], result: "i32" },
  Wow64SetThreadContext: { parameters: ["usize", "buffer"], result: "i32" },
  FreeEnvironmentStringsW: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols> | undefined;

/** `kernel32.dll`, loaded when it is needed. */
export function kernel32(): Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] {
  kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols);
  return kernel.symbols;
}

/** Characters that a path may have here. */
export const PATH = 1024;

/** The text in a buffer of UTF-16, up to its zero. */
export function text(buffer: Uint8Array<ArrayBuffer>): string {
  const characters = Buffer.from(buffer.buffer).toString("utf16le");
  return characters.slice(0, characters.indexOf("\0"));
}
