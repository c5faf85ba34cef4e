import { encodeWide } from "../com/memory.ts";
import { INPUT_PIECE } from "../session/input.ts";
import type { EngineInput } from "./engine_api.ts";

const kernelSymbols = {
  CreateNamedPipeW: { parameters: ["buffer", "u32", "u32", "u32", "u32", "u32", "u32", "usize"], result: "usize" },
  CreateFileW: { parameters: ["buffer", "u32", "u32", "usize", "u32", "u32", "usize"], result: "usize" },
  WriteFile: { parameters: ["usize", "buffer", "u32", "usize", "buffer"], result: "i32" },
  CancelIoEx: { parameters: ["usize", "usize"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] | undefined;

const PIPE_ACCESS_OUTBOUND = 2;
const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x0008_0000;
const FILE_FLAG_OVERLAPPED = 0x4000_0000;
const PIPE_REJECT_REMOTE_CLIENTS = 8;
const GENERIC_READ = 0x8000_0000;
const OPEN_EXISTING = 3;
const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;
const ERROR_IO_PENDING = 997;
const STATUS_PENDING = 0x103n;

/** The longest pause between two looks at whether a piece was taken, in milliseconds. */
const LONGEST_PAUSE = 32;

/**
 * A pipe to a program that is launched in this process. It is a named one, whose writes can be left under way and be given up; nobody else
 * gets to it: its name is made by chance, it has one instance, and both ends are opened here.
 */
export class InputPipe implements EngineInput {
  readonly id: number;
  readonly #kernel = kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols).symbols;
  readonly #writeEnd: bigint;
  readonly #onClose: () => void;
  #piece: Uint8Array<ArrayBuffer> | undefined;
  /** OVERLAPPED. What is shorter than 64 bytes and has no buffer of its own would be moved about. */
  readonly #state = new BigUint64Array(new ArrayBuffer(32));
  #hasReadEnd = true;
  #isClosed = false;
  #isWriting = false;

  /** Makes both ends. */
  constructor(onClose: () => void) {
    const name = encodeWide(`\\\\.\\pipe\\latch-${crypto.randomUUID()}`);
    const mode = PIPE_ACCESS_OUTBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED;
    this.#writeEnd = this.#kernel.CreateNamedPipeW(name, mode, PIPE_REJECT_REMOTE_CLIENTS, 1, INPUT_PIECE, 0, 0, 0n);
    this.#refuseFailure(this.#writeEnd);
    const readEnd = this.#kernel.CreateFileW(name, GENERIC_READ, 0, 0n, OPEN_EXISTING, 0, 0n);
    if (readEnd === INVALID_HANDLE) this.#kernel.CloseHandle(this.#writeEnd);
    this.#refuseFailure(readEnd);
    this.id = Number(readEnd);
    this.#onClose = onClose;
  }

  #refuseFailure(handle: bigint): void {
    if (handle !== INVALID_HANDLE) return;
    throw new Error(`Cannot make a pipe for the program's input: Windows says ${this.#kernel.GetLastError()}`);
  }

  launched(): void {
    if (this.#hasReadEnd) this.#kernel.CloseHandle(BigInt(this.id));
    this.#hasReadEnd = false;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (this.#isClosed || bytes.length === 0) return !this.#isClosed;
    this.#piece ??= new Uint8Array(INPUT_PIECE); // a copy: the bytes stay their giver's
    this.#piece.set(bytes);
    this.#state.fill(0n);
    const isOver = this.#kernel.WriteFile(this.#writeEnd, this.#piece, bytes.length, 0n, this.#state) !== 0;
    if (!isOver && this.#kernel.GetLastError() !== ERROR_IO_PENDING) return false;
    this.#isWriting = true;
    for (let pause = 0; this.#state[0] === STATUS_PENDING; pause = Math.min(LONGEST_PAUSE, 2 * pause + 1)) {
      await quietly(pause);
    }
    this.#isWriting = false;
    if (this.#isClosed) this.#kernel.CloseHandle(this.#writeEnd);
    return !this.#isClosed && this.#state[0] === 0n;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isWriting) this.#kernel.CancelIoEx(this.#writeEnd, 0n); // its memory is needed until Windows has let go of it
    else this.#kernel.CloseHandle(this.#writeEnd);
    this.#onClose();
  }
}

/** Waits, and keeps no script that has nothing else to do. */
function quietly(milliseconds: number): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, milliseconds) as unknown as number));
}

/** The pipes of one connection: they end with it. */
export class InputPipes {
  readonly #open = new Set<InputPipe>();

  /** One more. */
  open(): InputPipe {
    const pipe = new InputPipe(() => this.#open.delete(pipe));
    this.#open.add(pipe);
    return pipe;
  }

  /** Ends all. */
  close(): void {
    for (const pipe of this.#open) pipe.close();
  }
}
