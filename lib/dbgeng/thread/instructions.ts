/** What there is to know of an x86 instruction to step over it. */
import { HresultError } from "../../com/hresult.ts";
import type { EngineObjects } from "./objects.ts";

/** An instruction of the engine's current process. */
export interface Instruction {
  /** Calls a function: what follows it is executed when that has returned. */
  readonly isCall: boolean;
  /** `syscall`, `sysenter`, `int 2eh`: may wait inside the kernel. */
  readonly entersKernel: boolean;
  /** A jump, a call or a return. */
  readonly leads: boolean;
  /** A jump that may be to itself: one that is, or whose target is in a register or in memory. Calls and returns come there with another stack. */
  readonly leadsBack: boolean;
  /** A string instruction with a prefix that repeats it: the processor traps after each round. */
  readonly repeats: boolean;
}

/** The longest instruction with all its prefixes, in bytes. */
const LONGEST = 15;
const PREFIXES: ReadonlySet<number> = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** The instruction at an address; none of it all where there is no memory. */
export function instructionAt(objects: EngineObjects, address: bigint): Instruction {
  const bytes = new Uint8Array(LONGEST);
  let length = 0;
  try {
    length = objects.spaces.ReadVirtual(address, bytes, LONGEST);
  } catch (error) {
    if (!(error instanceof HresultError)) throw error;
  }
  return decode(bytes.subarray(0, length), objects.isX86);
}

/** Reads prefixes, opcode and the byte after it. From 40 to 4f are the prefixes REX, and in 32-bit code `inc` and `dec`. */
export function decode(code: Uint8Array, isX86 = false): Instruction {
  const begin = code.findIndex((byte) => !PREFIXES.has(byte) && (isX86 || (byte & 0xf0) !== 0x40));
  const prefixes = code.subarray(0, begin);
  const [opcode = 0, next = 0] = code.subarray(begin);
  const operation = (next >> 3) & 7;
  return {
    isCall: opcode === 0xe8 || opcode === 0x9a || (opcode === 0xff && (operation === 2 || operation === 3)),
    leads: leads(opcode, next, operation),
    leadsBack: (opcode === 0xff && (operation === 4 || operation === 5)) || jumpsBy(code.subarray(begin)) === -begin,
    entersKernel: (opcode === 0x0f && (next === 0x05 || next === 0x34)) || (opcode === 0xcd && next === 0x2e),
    repeats: isString(opcode) && prefixes.some((byte) => byte === 0xf2 || byte === 0xf3),
  };
}

function leads(opcode: number, next: number, operation: number): boolean {
  return (opcode === 0xff && operation >= 2 && operation <= 5) || isShortJump(opcode) || isNearJump(opcode, next) ||
    LEADING.has(opcode);
}

/** Calls, far jumps and returns. */
const LEADING: ReadonlySet<number> = new Set([0xe8, 0x9a, 0xea, 0xc2, 0xc3, 0xca, 0xcb, 0xcf]);

/** A jump by a distance of one byte. */
function isShortJump(opcode: number): boolean {
  return (opcode & 0xf0) === 0x70 || (opcode >= 0xe0 && opcode <= 0xe3) || opcode === 0xeb;
}

/** A jump by a distance of four bytes. */
function isNearJump(opcode: number, next: number): boolean {
  return opcode === 0xe9 || (opcode === 0x0f && (next & 0xf0) === 0x80);
}

/** Where a jump leads whose distance it holds, relative to its opcode; undefined for all else. */
function jumpsBy(code: Uint8Array): number | undefined {
  const [opcode = 0, next = 0] = code;
  const isShort = isShortJump(opcode);
  if (!isShort && !isNearJump(opcode, next)) return undefined;
  const at = opcode === 0x0f ? 2 : 1;
  const length = at + (isShort ? 1 : 4);
  if (code.length < length) return undefined;
  const view = new DataView(code.buffer, code.byteOffset);
  return length + (isShort ? view.getInt8(at) : view.getInt32(at, true));
}

function isString(opcode: number): boolean {
  return (opcode & 0xfc) === 0xa4 || (opcode >= 0xaa && opcode <= 0xaf) || (opcode & 0xfc) === 0x6c;
}
