/** The engine's sockets to process servers: which they are, whether the server still is there, and how to cut them. */
import { LAST_HANDLE } from "./lifeline.ts";

const kernelSymbols = {
  GetHandleInformation: { parameters: ["usize", "buffer"], result: "i32" },
  GetProcessHandleCount: { parameters: ["usize", "buffer"], result: "i32" },
  CancelIoEx: { parameters: ["usize", "usize"], result: "i32" },
  GetCurrentThreadId: { parameters: [], result: "u32" },
  OpenThread: { parameters: ["u32", "i32", "u32"], result: "usize" },
  GetThreadTimes: { parameters: ["usize", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const socketSymbols = {
  getpeername: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "usize" },
  connect: { parameters: ["usize", "buffer", "i32"], result: "i32" },
  ioctlsocket: { parameters: ["usize", "u32", "buffer"], result: "i32" },
  select: { parameters: ["i32", "usize", "buffer", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["usize", "i32"], result: "i32" },
  closesocket: { parameters: ["usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let kernel: Deno.DynamicLibrary<typeof kernelSymbols> | undefined;
let winsock: Deno.DynamicLibrary<typeof socketSymbols> | undefined;

function kernel32(): Deno.DynamicLibrary<typeof kernelSymbols>["symbols"] {
  kernel ??= Deno.dlopen("kernel32.dll", kernelSymbols);
  return kernel.symbols;
}

function ws2(): Deno.DynamicLibrary<typeof socketSymbols>["symbols"] {
  winsock ??= Deno.dlopen("ws2_32.dll", socketSymbols);
  return winsock.symbols;
}

/** Where Windows does not tell how many there are, as under Wine, none is looked for behind a gap of this many bytes. */
const GAP = 0x400;
const CURRENT_PROCESS = 0xffff_ffff_ffff_ffffn;
const INVALID_SOCKET = 0xffff_ffff_ffff_ffffn;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const SD_BOTH = 2;
const FIONBIO = 0x8004667e;
const THREAD_QUERY_LIMITED_INFORMATION = 0x800;

/** How long it may take to find out whether something listens, in seconds. */
const PROBE = 3;

/** The port of an address as `tcp:server=HOST,port=PORT`; 0 where it has none. */
export function portIn(address: string): number {
  return Number(/port=(\d+)/i.exec(address)?.[1] ?? 0);
}

/**
 * The sockets that were connected to a port. The engine does not tell which they are. Only handles that are new are asked, since asking
 * may block on one that is in use.
 */
export function socketsTo(port: number, isNew: (handle: number) => boolean): number[] {
  if (port === 0) return [];
  return openHandles().filter((handle) => isNew(handle) && portOf(peerOf(handle)) === port);
}

/** The handles that this process has. */
export function openHandles(): number[] {
  const { GetHandleInformation, GetProcessHandleCount } = kernel32();
  const [count, flags] = [new Uint32Array(1), new Uint32Array(1)];
  GetProcessHandleCount(CURRENT_PROCESS, count);
  const most = count[0] || Infinity;
  const handles: number[] = [];
  for (let handle = 4; handle < LAST_HANDLE && handles.length < most; handle += 4) {
    if (GetHandleInformation(BigInt(handle), flags) !== 0) handles.push(handle);
    else if (most === Infinity && handle - (handles.at(-1) ?? 0) > GAP) break;
  }
  return handles;
}

/** The address at a socket's other end, as a sockaddr; undefined where there is no such socket, or it is not connected. */
function peerOf(socket: number): Uint8Array<ArrayBuffer> | undefined {
  const address = new Uint8Array(128);
  const length = Int32Array.of(address.length);
  if (ws2().getpeername(BigInt(socket), address, length) !== 0) return undefined;
  return address.slice(0, length[0]);
}

function portOf(address: Uint8Array<ArrayBuffer> | undefined): number | undefined {
  return address && new DataView(address.buffer).getUint16(2);
}

/** Whether something still listens at the other end of a socket. */
export function isServed(socket: number): boolean {
  const address = peerOf(socket);
  if (!address) return false;
  const { socket: open, ioctlsocket, connect, select, closesocket } = ws2();
  const probe = open(new DataView(address.buffer).getUint16(0, true), SOCK_STREAM, IPPROTO_TCP);
  if (probe === INVALID_SOCKET) return true; // nothing is known
  ioctlsocket(probe, FIONBIO, Uint32Array.of(1));
  connect(probe, address, address.length); // goes on by itself
  const [connected, failed] = [BigUint64Array.of(1n, probe), BigUint64Array.of(1n, probe)]; // as fd_set
  const isConnected = select(0, 0n, connected, failed, Uint32Array.of(PROBE, 0)) > 0 && connected[0] !== 0n;
  closesocket(probe);
  return isConnected;
}

/** Ends a connection: who waits for data on it learns that there will be none. The handle stays its owner's. */
export function cut(socket: number): void {
  ws2().shutdown(BigInt(socket), SD_BOTH);
  kernel32().CancelIoEx(BigInt(socket), 0n); // under Wine a wait that is under way would outlast the shutdown
}

/** Windows' id of the thread that asks. */
export function currentThread(): number {
  return kernel32().GetCurrentThreadId();
}

/** How long a thread of this process has worked, in units of 100 ns; one that waits for somebody else works no more. */
export function workOf(threadId: number): bigint {
  const { OpenThread, GetThreadTimes, CloseHandle } = kernel32();
  const thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, threadId);
  const [begin, end, kernel, user] = [0, 0, 0, 0].map(() => new BigUint64Array(1)) as [Time, Time, Time, Time];
  GetThreadTimes(thread, begin, end, kernel, user);
  CloseHandle(thread);
  return (kernel[0] ?? 0n) + (user[0] ?? 0n);
}

type Time = BigUint64Array<ArrayBuffer>;
