/** The engine's sockets to process servers: which they are, whether the server still is there, and how to cut them. */

const kernelSymbols = {
  GetHandleInformation: { parameters: ["usize", "buffer"], result: "i32" },
  GetProcessHandleCount: { parameters: ["usize", "buffer"], result: "i32" },
  CancelIoEx: { parameters: ["usize", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const socketSymbols = {
  getpeername: { parameters: ["usize", "buffer", "buffer"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "usize" },
  connect: { parameters: ["usize", "buffer", "i32"], result: "i32" },
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

/** Handles are multiples of four; those beyond this one are not looked at. */
const LAST_HANDLE = 0x1_0000;
/** Where Windows does not tell how many there are, as under Wine, none is looked for behind a gap of this many bytes. */
const GAP = 0x400;
const CURRENT_PROCESS = 0xffff_ffff_ffff_ffffn;
const INVALID_SOCKET = 0xffff_ffff_ffff_ffffn;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const SD_BOTH = 2;

/**
 * The sockets that `connect` has connected to the port of an address, as `tcp:server=HOST,port=PORT`. The engine does not tell
 * which they are. Only handles that are new are asked, since asking may block on one that is in use.
 */
export function connectedSockets<T>(address: string, connect: () => T): { value: T; sockets: number[] } {
  const port = Number(/port=(\d+)/i.exec(address)?.[1] ?? 0);
  if (port === 0) return { value: connect(), sockets: [] };
  const before = new Set(openHandles());
  const value = connect();
  const isOurs = (handle: number): boolean => !before.has(handle) && portOf(peerOf(handle)) === port;
  return { value, sockets: openHandles().filter(isOurs) };
}

function openHandles(): number[] {
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

/** Whether something still listens at the other end of a socket. Takes as long as Windows takes to connect. */
export function isServed(socket: number): boolean {
  const address = peerOf(socket);
  if (!address) return false;
  const { socket: open, connect, closesocket } = ws2();
  const probe = open(new DataView(address.buffer).getUint16(0, true), SOCK_STREAM, IPPROTO_TCP);
  if (probe === INVALID_SOCKET) return true; // nothing is known
  const isConnected = connect(probe, address, address.length) === 0;
  closesocket(probe);
  return isConnected;
}

/** Ends a connection: who waits for data on it learns that there will be none. The handle stays its owner's. */
export function cut(socket: number): void {
  ws2().shutdown(BigInt(socket), SD_BOTH);
  kernel32().CancelIoEx(BigInt(socket), 0n); // under Wine a wait that is under way would outlast the shutdown
}
