/** Threads that are started in another process from outside, so that its next debug events are their beginning and end. */
import assert from "node:assert/strict";

const PROCESS_ALL_ACCESS = 0x1fffff;
const FOR_EVER = 0xffffffff;

const symbols = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  GetModuleHandleW: { parameters: ["buffer"], result: "usize" },
  GetProcAddress: { parameters: ["usize", "buffer"], result: "usize" },
  CreateRemoteThread: { parameters: ["usize", "usize", "usize", "usize", "usize", "u32", "usize"], result: "usize" },
  WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32", nonblocking: true },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Starts threads in one process. */
export class RemoteThreads implements Disposable {
  readonly #library = Deno.dlopen("kernel32.dll", symbols);
  readonly #process: bigint;

  constructor(processId: number) {
    this.#process = this.#library.symbols.OpenProcess(PROCESS_ALL_ACCESS, 0, processId);
    assert.notEqual(this.#process, 0n);
  }

  /** Runs a thread that sleeps for some milliseconds; resolves when it has ended. */
  async runOne(milliseconds: number): Promise<void> {
    const { GetModuleHandleW, GetProcAddress, CreateRemoteThread, WaitForSingleObject, CloseHandle } =
      this.#library.symbols;
    const kernel = GetModuleHandleW(new Uint8Array(new Uint16Array([..."kernel32.dll\0"].map(code)).buffer));
    // System DLLs have the same place in all processes.
    const sleep = GetProcAddress(kernel, new TextEncoder().encode("Sleep\0"));
    const thread = CreateRemoteThread(this.#process, 0n, 0n, sleep, BigInt(milliseconds), 0, 0n);
    assert.notEqual(thread, 0n);
    await WaitForSingleObject(thread, FOR_EVER);
    CloseHandle(thread);
  }

  [Symbol.dispose](): void {
    this.#library.symbols.CloseHandle(this.#process);
    this.#library.close();
  }
}

function code(character: string): number {
  return character.charCodeAt(0);
}
